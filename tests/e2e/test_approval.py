"""From a registered model to a recorded decision, on the real template with its roles enforced."""

import time

from local.cloud import CHANNEL, Cloud
from local.team import ANNA, BEN, CHEN, DANA, Team


def _timers(cloud: Cloud, team: Team, group: str) -> list[str]:
    """The schedules of the group's approval: they are set after its delivery was written down."""
    if not team.entries(group, "ApprovalDelivered"):
        return []
    found = cloud.client("scheduler").list_schedules(NamePrefix=team.approval(group)["id"])
    return [schedule["Name"] for schedule in found["Schedules"]]


def _shown_a_minute_later(cloud: Cloud, team: Team, group: str) -> bool:
    """Whether the card is there; a delivery that was under way as the clock jumped waits for its next turn."""
    if not team.cards(group):
        cloud.advance(60)
        time.sleep(0.5)
    return bool(team.cards(group))


def test_an_approved_model_is_approved_in_the_registry_and_the_ledger_tells_who_decided(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group, auc=0.91)

    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "approved")

    assert team.status(arn) == "Approved"
    assert "Ben (data_science), Chen (ml_engineering)" in team.description(arn)
    kinds = [entry["kind"] for entry in team.entries(group)]
    assert kinds.index("EvidenceCollected") < kinds.index("GatesChecked") < kinds.index("ApprovalRequested")
    assert kinds.count("VoteCast") == 2
    assert kinds[-1] == "ReleaseConcluded"


def test_a_model_below_its_limit_is_rejected_with_the_number_and_nobody_is_asked(team: Team, group: str) -> None:
    team.enrol(group)

    arn = team.register(group, auc=0.83)
    team.concluded(group, "gates_failed")

    assert team.status(arn) == "Rejected"
    assert "0.83" in team.description(arn)
    assert "0.85" in team.description(arn)
    assert team.cards(group) == []


def test_one_rejection_ends_it_with_the_reason_in_the_registry(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)

    team.answer(CHEN, group, "decide_reject", "Latency doubles in shadow traffic")
    team.concluded(group, "rejected")

    assert team.status(arn) == "Rejected"
    assert "Latency doubles in shadow traffic" in team.description(arn)


def test_nobody_approves_what_they_registered(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)

    team.press(ANNA, group)
    team.until(lambda: team.told(ANNA), "an answer to Anna")

    assert "You registered this version" in team.told(ANNA)[-1]
    assert team.status(arn) == "PendingManualApproval"
    assert [e["body"]["person"] for e in team.entries(group, "VoteRefused")] == [ANNA]


def test_an_approval_that_nobody_answers_expires_to_the_outcome_of_the_policy(
    cloud: Cloud, team: Team, group: str
) -> None:
    team.enrol(group)
    arn = team.register(group)
    team.card(group)
    team.until(lambda: team.entries(group, "ApprovalDelivered"), "the time to run")

    cloud.advance(25 * 3600)
    team.concluded(group, "expired")

    assert team.status(arn) == "Rejected"


def test_reminder_and_escalation_come_by_their_timers_and_then_it_expires(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group)
    team.register(group)
    team.until(lambda: len(_timers(cloud, team, group)) == 3, "reminder, escalation and end to be set")

    cloud.advance(4 * 3600 + 60)
    team.until(lambda: team.entries(group, "ApproversReminded"), "the reminder")
    cloud.advance(16 * 3600)
    escalated = team.until(lambda: team.entries(group, "ApprovalEscalated"), "the escalation")
    cloud.advance(4 * 3600)
    team.concluded(group, "expired")

    assert escalated[0]["body"]["to"] == ["U0OLGA"]
    assert len(team.entries(group, "ApproversReminded")) == 1


def test_pressing_twice_counts_once_and_says_so(team: Team, group: str) -> None:
    team.enrol(group)
    team.register(group)
    card = team.card(group)

    team.press(BEN, group)
    team.until(lambda: team.entries(group, "VoteCast"), "the vote")
    team.cloud.slack.workspace.click(BEN, "decide_approve", CHANNEL, card.ts)
    team.until(lambda: any("counts once" in text for text in team.told(BEN)), "an answer that says so")

    assert len(team.entries(group, "VoteCast")) == 1


def test_a_press_on_a_card_that_is_settled_changes_nothing_and_tells_what_is_true(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)
    old = team.card(group)
    value = old.blocks[-2]["elements"][1]["value"]
    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "approved")
    before = len(team.told(DANA))

    team.vote_late(DANA, value, "decide_approve")
    team.until(lambda: len(team.told(DANA)) > before, "an answer")

    assert "closed: approved" in team.told(DANA)[-1]
    assert team.status(arn) == "Approved"
    assert len(team.entries(group, "ApprovalSettled")) == 1


def test_an_edit_collects_the_evidence_again_and_voids_the_votes_with_notice(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)
    team.press(BEN, group)
    team.until(lambda: team.entries(group, "VoteCast"), "the vote")

    team.registry.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"threshold": "0.7"})
    team.until(lambda: len(team.entries(group, "ApprovalRequested")) == 2, "a second question")
    team.until(lambda: len(team.cards(group)) == 1 and len(team.cards(group, open_only=False)) >= 2, "a new card alone")
    team.press(CHEN, group)
    team.until(lambda: len(team.entries(group, "VoteCast")) == 2, "Chen's vote")

    assert len(team.entries(group, "VotesVoided")) == 1
    assert len({e["body"]["digest"] for e in team.entries(group, "EvidenceCollected")}) == 2
    assert team.status(arn) == "PendingManualApproval"
    team.press(BEN, group)
    team.concluded(group, "approved")
    assert len(team.entries(group, "PackageAdmitted")) == 1


def test_an_approval_in_studio_is_set_back_and_reported_in_enforce(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)
    team.card(group)

    team.registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    team.until(lambda: team.entries(group, "DecisionElsewhere"), "the finding")
    team.until(lambda: team.status(arn) == "PendingManualApproval", "the way back")
    # Whoever approved may have edited as well: the evidence is collected again before votes count.
    team.until(lambda: team.approval(group)["epoch"] == 1, "the question on the newest evidence")
    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "approved")

    assert team.said(group)
    assert len(team.entries(group, "PackageAdmitted")) == 1


def test_an_approval_by_cli_ends_the_question_in_recommend(team: Team, group: str) -> None:
    team.enrol(group, mode="recommend")
    arn = team.register(group)
    team.card(group)

    team.registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    team.concluded(group, "decided_elsewhere")

    assert team.status(arn) == "Approved"
    assert team.entries(group, "ApprovalSettled")[0]["body"]["status"] == "decided_elsewhere"


def test_observe_shows_what_would_have_happened_and_touches_nothing(team: Team, group: str) -> None:
    team.enrol(group, mode="observe")
    good, bad = team.register(group), team.register(group, auc=0.5)
    team.until(lambda: team.entries(group, "ApprovalDelivered"), "the card")

    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "observed", count=2)

    assert (team.status(good), team.status(bad)) == ("PendingManualApproval", "PendingManualApproval")
    assert team.entries(group, "RegistryStatusSet") == []


def test_a_lost_event_is_found_by_reconcile(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group)
    cloud.plan_fault({"event": {"copies": 0, "group": group}})
    team.register(group)
    assert team.entries(group, "PackageAdmitted") == []

    cloud.advance(11 * 60)

    team.card(group)
    assert len(team.entries(group, "PackageAdmitted")) == 1


def test_an_event_that_comes_twice_starts_one_release(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group)
    cloud.plan_fault({"event": {"copies": 5, "group": group}})
    team.register(group)

    team.card(group)

    assert len(team.entries(group, "PackageAdmitted")) == 1
    assert len(team.entries(group, "ApprovalRequested")) == 1


def test_slack_may_be_down_for_an_hour_and_the_time_to_decide_starts_at_delivery(
    cloud: Cloud, team: Team, group: str
) -> None:
    team.enrol(group)
    cloud.slack.faults.go_down(for_s=3600)
    team.register(group)
    team.until(lambda: team.entries(group, "ApprovalRequested"), "the question")
    requested = team.approval(group)["requested_at"]

    cloud.advance(3600)
    team.until(lambda: _shown_a_minute_later(cloud, team, group), "the card")
    team.until(lambda: team.entries(group, "ApprovalDelivered"), "the time to run")

    delivered = team.approval(group)
    assert delivered["delivered_at"] - requested > 3600 * 1_000_000
    assert delivered["deadline"] - delivered["delivered_at"] == 24 * 3600 * 1_000_000
    assert len(team.cards(group)) == 1


def test_a_release_whose_execution_was_aborted_is_brought_to_a_known_end(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)
    team.until(lambda: team.entries(group, "ApprovalDelivered"), "the time to run")
    sfn, machine = cloud.client("stepfunctions"), cloud.outputs["ReleaseMachineArn"]
    running = sfn.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    ours = next(e for e in running if group in sfn.describe_execution(executionArn=e["executionArn"])["input"])

    sfn.stop_execution(executionArn=ours["executionArn"], error="Stopped", cause="by a person")
    cloud.advance(6 * 60)
    team.concluded(group, "failed")

    team.until(lambda: team.cards(group) == [], "the card without buttons")
    assert team.status(arn) == "PendingManualApproval"
    assert team.entries(group, "ApprovalSettled")[0]["body"]["status"] == "superseded"


def test_a_group_that_leaves_observe_is_asked_about_what_was_only_observed(
    cloud: Cloud, team: Team, group: str
) -> None:
    team.registry.create_model_package_group(ModelPackageGroupName=group)
    arn = team.register(group)
    team.concluded(group, "observed")

    team.put(group)
    cloud.advance(6 * 60)
    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "approved")

    assert team.status(arn) == "Approved"
