"""The console in a real browser: what a newcomer sees and presses."""

import shutil
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.console import server as console_server
from local.engine.process import Engine
from local.slack import server as slack_server
from tests.e2e.stage import GROUP, Stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
def stage(engine: Engine) -> Iterator[Stage]:
    reset = urllib.request.Request(f"{engine.url}/_ministack/reset", method="POST")  # noqa: S310  # http on loopback
    urllib.request.urlopen(reset, timeout=10).close()  # noqa: S310  # http on loopback
    slack = slack_server.start()
    running = Stage(engine, slack)
    yield running
    running.close()
    slack.stop()


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    console = console_server.start(stage.outputs)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(console.url)
    yield page
    page.close()
    console.stop()
    assert problems == []


def be(page: Page, user: str) -> None:
    """Become somebody."""
    page.get_by_label("You are").select_option(user)
    page.wait_for_url(f"**as={user}**")


def register(page: Page, stage: Stage) -> str:
    """Register a good version by the form and let the stand-in ask about it."""
    page.get_by_role("button", name="Register a good one").click()
    expect(page.get_by_role("status")).to_have_text(f"Registered {GROUP} version 1 as Anna.")
    packages = stage.identities.root("sagemaker").list_model_packages(ModelPackageGroupName=GROUP)
    arn = str(packages["ModelPackageSummaryList"][0]["ModelPackageArn"])
    stage.ask(arn)
    return arn


def test_an_empty_cloud_says_what_to_do(page: Page) -> None:
    expect(page.locator("#slack")).to_contain_text("Register a model on the right")
    expect(page.locator("#releases")).to_contain_text("No release yet.")
    expect(page.locator("#ledger")).to_contain_text("The ledger is empty.")


def test_approve_is_pressed_and_the_registry_changes(page: Page, stage: Stage) -> None:
    arn = register(page, stage)
    release = page.locator(f"article.release[data-group={GROUP}]")
    expect(release).to_contain_text("Registry: PendingManualApproval")

    be(page, "U0CHEN")
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()

    expect(page.get_by_role("heading", name=f"{GROUP} version 1 was approved")).to_be_visible()
    expect(release).to_contain_text("Registry: Approved")
    expect(page.locator("#ledger")).to_contain_text("VoteCast")
    assert stage.registry(arn)["ModelApprovalStatus"] == "Approved"


def test_a_button_works_beside_the_view_of_an_endpoint(page: Page, stage: Stage) -> None:
    arn = register(page, stage)
    page.goto(f"{page.url.partition('?')[0]}?as=U0CHEN&show=fraud-scoring")
    expect(page.locator("#endpoint")).to_contain_text("There is no endpoint fraud-scoring.")

    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()

    expect(page.get_by_role("heading", name=f"{GROUP} version 1 was approved")).to_be_visible()
    assert stage.registry(arn)["ModelApprovalStatus"] == "Approved"


def test_not_yet_at_the_confirmation_changes_nothing(page: Page, stage: Stage) -> None:
    arn = register(page, stage)

    be(page, "U0CHEN")
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Not yet").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stage.slack.app.deliveries == []
    assert stage.registry(arn)["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_rejection_asks_for_a_reason_and_keeps_what_is_typed(page: Page, stage: Stage) -> None:
    arn = register(page, stage)
    be(page, "U0BEN")
    page.get_by_role("button", name="Reject…").click()
    modal = page.get_by_role("dialog")
    expect(modal).to_contain_text("Why is it rejected?")

    modal.get_by_role("button", name="Reject").click()
    expect(modal).to_contain_text("Please complete this required field.")
    modal.get_by_role("textbox").fill("Recall on <b>new</b> merchants is too low")
    modal.get_by_role("button", name="Reject").click()

    expect(page.get_by_role("heading", name=f"{GROUP} version 1 was rejected")).to_be_visible()
    expect(page.locator("#slack")).to_contain_text("Recall on <b>new</b> merchants is too low")
    assert stage.registry(arn)["ApprovalDescription"] == "Recall on <b>new</b> merchants is too low"


def test_a_form_that_was_made_larger_refused_and_left_breaks_nothing(page: Page, stage: Stage) -> None:
    """The browser kept the larger size in a style that the page's own policy forbids to copy into the form's next turn."""
    arn = register(page, stage)
    be(page, "U0BEN")
    page.get_by_role("button", name="Reject…").click()
    modal = page.get_by_role("dialog")
    modal.get_by_role("textbox").evaluate("box => { box.style.height = '200px'; }")

    modal.get_by_role("button", name="Reject").click()
    expect(modal).to_contain_text("Please complete this required field.")
    page.keyboard.press("Escape")

    expect(modal).to_have_count(0)
    assert stage.registry(arn)["ModelApprovalStatus"] == "PendingManualApproval"


def test_an_ephemeral_answer_is_seen_by_whoever_pressed_alone(page: Page, stage: Stage) -> None:
    register(page, stage)
    be(page, "U0ANNA")

    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()

    expect(page.locator("#slack")).to_contain_text("You registered this version, so you cannot decide on it.")
    be(page, "U0BEN")
    expect(page.locator("#slack")).to_contain_text("needs a decision")
    expect(page.locator("#slack")).not_to_contain_text("You registered this version")


def test_a_slash_command_is_answered_to_the_typist(page: Page) -> None:
    page.get_by_label("Slash command").fill("/sluice help")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#slack")).to_contain_text("Nothing is waiting for you.")


def test_gates_evidence_and_chain_are_shown_beside_the_path(page: Page, stage: Stage) -> None:
    register(page, stage)
    release = page.locator("article.release")

    expect(release.locator("tr", has_text="metrics auc")).to_contain_text("auc is 0.912, at least 0.85 is needed")
    expect(release.locator("li[aria-current=step]")).to_contain_text("Request approval")
    release.locator("summary").click()
    expect(release.locator("pre")).to_contain_text('"source_commit": "4f0c2d1"')
    expect(page.locator("#ledger")).to_contain_text("4 records, chain holds")


def test_a_forged_entry_is_named(page: Page, stage: Stage) -> None:
    register(page, stage)
    expect(page.locator("#ledger")).to_contain_text("chain holds")

    stage.identities.root("dynamodb").update_item(
        TableName="ledger",
        Key={"pk": {"S": f"group/{GROUP}"}, "sk": {"N": "2"}},
        UpdateExpression="SET body = :b",
        ExpressionAttributeValues={":b": {"S": "{}"}},
    )

    expect(page.locator("#ledger .badge.failed")).to_contain_text("record 2")


def test_names_with_markup_stay_text(page: Page, stage: Stage) -> None:
    arn = register(page, stage)

    stage.ask(arn, settled_because="", group="<img src=x onerror=alert(1)>")

    expect(page.locator("#slack")).to_contain_text("<img src=x onerror=alert(1)> version 1 needs a decision")
    expect(page.locator("img")).to_have_count(0)


def test_what_is_long_is_scrolled_in_its_half_and_the_page_stays(page: Page, stage: Stage) -> None:
    """With gates to show, the document was thousands of empty pixels longer than the window."""
    page.set_viewport_size({"width": 1440, "height": 420})
    register(page, stage)
    expect(page.locator("article.release tr", has_text="metrics auc")).to_have_count(1)

    height, shown = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    half, seen = page.evaluate(
        "(({scrollHeight, clientHeight}) => [scrollHeight, clientHeight])(document.querySelector('.cloud'))"
    )

    assert height == shown
    assert half > seen


def test_nothing_is_cut_off_in_a_narrow_window(page: Page, stage: Stage) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    register(page, stage)
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == 420
