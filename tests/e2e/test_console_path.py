"""The console over the whole product: registered on the page, decided on the page, approved in the registry."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from local.cloud import Cloud
from local.console import server as console_server
from local.console.registering import GROUP
from local.team import Team
from tests.e2e.test_console import CHROMIUM, QUIET, be

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
SLOW_MS = 60_000
"""Functions start cold in these tests, on a machine that may be busy."""


@pytest.fixture
def page(cloud: Cloud, team: Team) -> Iterator[Page]:
    console = console_server.start(cloud.outputs)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(console.url)
        yield page
        browser.close()
    console.stop()


def approve(page: Page, user: str) -> None:
    """Press Approve as somebody, and agree."""
    be(page, user)
    # The channel may hold open cards of other groups.
    card = page.locator("#slack article", has=page.get_by_role("heading", name=f"{GROUP} version 1 needs a decision"))
    card.get_by_role("button", name="Approve", exact=True).click(timeout=SLOW_MS)
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()


def test_a_newcomer_registers_and_approves_and_sees_the_registry_change(page: Page, cloud: Cloud) -> None:
    page.get_by_role("button", name="Register a good one").click()
    release = page.locator(f"article.release[data-group={GROUP}][data-version='1']")
    expect(release).to_contain_text("auc 0.95 is at least the minimum 0.85", timeout=SLOW_MS)

    approve(page, "U0BEN")
    expect(page.locator("#slack")).to_contain_text(
        "Your approval is counted. Still to decide: 1 of ml_engineering.", timeout=SLOW_MS
    )
    approve(page, "U0CHEN")

    expect(page.get_by_role("heading", name=f"{GROUP} version 1 was approved")).to_be_visible(timeout=SLOW_MS)
    expect(release).to_contain_text("Registry: Approved", timeout=SLOW_MS)
    expect(release).to_contain_text("Release approved", timeout=SLOW_MS)
    expect(page.locator("#ledger .badge.failed")).to_have_count(0)
    [package] = cloud.client("sagemaker").list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
    assert package["ModelApprovalStatus"] == "Approved"

    page.get_by_role("button", name="Register one that fails a gate").click()
    weak = page.locator(f"article.release[data-group={GROUP}][data-version='2']")
    expect(weak).to_contain_text("Registry: Rejected", timeout=SLOW_MS)
    expect(weak).to_contain_text("auc 0.791 is below the minimum 0.85")
