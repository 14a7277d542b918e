"""From a registered model to a recorded decision, on the real template with its roles enforced."""

from local.cloud import Cloud
from local.team import ANNA, BEN, CHEN, Team


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
