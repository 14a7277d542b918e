"""An incident from the first signal to its review, with the real machine."""

import pytest

from sluice.model.entry_kinds import EntryKind
from sluice.model.governing import Mode
from sluice.model.incident import IncidentStatus
from sluice.model.incident_wish import IncidentWish
from sluice.model.response_rules import Severity
from sluice.model.rollback import RollbackOutcome
from sluice.usecases.incident.attend_incident import AwaitedWord, await_word
from sluice.usecases.incident.freeze import frozen_by
from tests.incidents import ANNA, BEN, OLGA, IncidentWorld, paging, routes
from tests.packages import CHANNEL, GROUP


def test_nobody_answers_and_each_level_is_called_then_the_last_one_again_and_again() -> None:
    world = IncidentWorld()
    world.say()

    world.pass_minutes(75)

    assert world.calls() == [
        (0, ANNA),
        (10, BEN), (10, "pagerduty"),
        (40, BEN), (40, "pagerduty"),
        (70, BEN), (70, "pagerduty"),
    ]  # fmt: skip
    assert world.incident.status is IncidentStatus.OPEN


def test_who_acknowledges_between_two_levels_keeps_the_next_one_from_being_called() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(5)

    world.press(IncidentWish.ACKNOWLEDGE)
    world.pass_minutes(180)

    assert world.calls() == [(0, ANNA)]
    assert world.incident.status is IncidentStatus.ACKNOWLEDGED
    assert world.incident.acknowledged is not None
    assert world.incident.acknowledged.person == ANNA


def test_silence_after_an_acknowledgement_calls_everybody_again() -> None:
    world = IncidentWorld(paging(silence_s=3600))
    world.say()
    world.pass_minutes(15)
    world.press(IncidentWish.ACKNOWLEDGE)

    world.pass_minutes(130)

    assert world.calls()[3:] == [(75, ANNA), (75, BEN), (75, "pagerduty"), (135, ANNA), (135, BEN), (135, "pagerduty")]


def test_what_is_cleared_and_quiet_is_over_with_a_review_and_holds_back_no_release() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(3)
    world.clear()
    world.end_rollback(RollbackOutcome.RECOVERED)
    assert frozen_by(world.records, GROUP).incidents == (world.incident.id,)

    world.pass_minutes(10)

    assert world.incident.status is IncidentStatus.RESOLVED
    assert world.run.status == "SUCCEEDED"
    assert list(world.reviews.kept) == [world.incident.review]
    assert frozen_by(world.records, GROUP).incidents == ()
    assert any("is over after" in text for text in world.chat.texts(CHANNEL))
    assert any("review draft" in text for text in world.chat.texts(CHANNEL))


def test_what_is_cleared_is_not_over_while_production_still_goes_back() -> None:
    world = IncidentWorld()
    world.say()
    world.clear()

    world.pass_minutes(60)

    assert world.incident.status is IncidentStatus.OPEN


def test_what_is_raised_again_within_the_quiet_time_is_not_over() -> None:
    world = IncidentWorld()
    world.say()
    world.end_rollback(RollbackOutcome.RETURNED)
    world.pass_minutes(2)
    world.clear()
    world.pass_minutes(4)

    world.say()
    world.pass_minutes(4)

    assert world.incident.status is IncidentStatus.OPEN


def test_a_source_that_comes_and_goes_has_to_be_quiet_for_longer() -> None:
    world = IncidentWorld()
    for _ in range(5):
        world.say()
        world.pass_minutes(1)
        world.clear()
        world.pass_minutes(1)
    world.end_rollback(RollbackOutcome.RETURNED)

    world.pass_minutes(20)
    still_open = not world.incident.is_over
    world.pass_minutes(20)

    assert still_open
    assert world.incident.is_over


def test_a_person_ends_it_and_everybody_who_was_woken_is_told() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(12)
    world.end_rollback(RollbackOutcome.ASKED)

    world.press(IncidentWish.RESOLVE, ANNA, "the feature store was late")
    world.pass_minutes(60)

    assert world.incident.status is IncidentStatus.RESOLVED
    assert [(action, target) for _, action, target in world.paged() if action != "trigger"] == [
        ("resolve", BEN),
        ("resolve", "pagerduty"),
    ]
    assert len(world.calls()) == 3
    assert "feature store was late" in world.reviews.kept[world.incident.review]


def test_an_incident_that_comes_back_calls_people_anew_and_gets_a_review_of_its_own() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(1)
    world.end_rollback(RollbackOutcome.RETURNED)
    world.clear()
    world.pass_minutes(10)
    first = world.incident.review

    world.say()
    world.pass_minutes(11)

    assert [target for _, target in world.calls()] == [ANNA, ANNA, BEN, "pagerduty"]
    assert world.incident.attempt == 2
    world.end_rollback(RollbackOutcome.RETURNED)
    world.clear()
    world.pass_minutes(10)
    assert world.incident.is_over
    assert len(world.reviews.kept) == 2
    assert world.incident.review != first


@pytest.mark.parametrize(
    "outcome, severity",
    [(RollbackOutcome.HELD, Severity.CRITICAL), (RollbackOutcome.NOT_RECOVERED, Severity.CRITICAL)],
)
def test_a_rollback_that_came_to_no_good_end_calls_everybody_anew_though_somebody_had_it(
    outcome: RollbackOutcome, severity: Severity
) -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(2)
    world.press(IncidentWish.ACKNOWLEDGE)
    world.pass_minutes(1)

    world.end_rollback(outcome, "the configuration is gone")
    world.pass_minutes(11)

    assert world.incident.severity is severity
    assert world.incident.status is IncidentStatus.OPEN
    assert world.calls() == [(0, ANNA), (3, ANNA), (13, BEN), (13, "pagerduty")]
    assert world.kinds().count(EntryKind.SEVERITY_RAISED) == 1


def test_a_bad_end_is_seen_though_the_next_rollback_was_asked_for_before_anybody_looked() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(1)
    world.press(IncidentWish.ACKNOWLEDGE)
    world.say("alarm/latency")
    world.pass_minutes(1)

    world.end_rollback(RollbackOutcome.HELD)
    world.work()

    assert world.incident.rounds == 2
    assert world.incident.severity is Severity.CRITICAL
    assert world.calls()[-1] == (2, ANNA)


def test_in_observe_nobody_is_called_and_it_ends_by_its_signals() -> None:
    world = IncidentWorld(mode=Mode.OBSERVE)
    world.say()
    world.pass_minutes(120)

    world.end_rollback(RollbackOutcome.RECORDED)
    world.clear()
    world.pass_minutes(10)

    assert world.paged() == []
    assert world.incident.is_over
    assert any(GROUP in str(shown.blocks) for shown in world.chat.messages.values())


def test_without_any_route_the_channel_and_the_owners_are_called() -> None:
    world = IncidentWorld(paging(routes=()))

    world.say()
    world.pass_minutes(1)

    assert world.calls() == [(0, "channel"), (0, OLGA)]


def test_whoever_was_called_hears_how_the_answer_ended() -> None:
    world = IncidentWorld(paging(routes=routes((0, (ANNA, "channel")), (10, (BEN,)))))
    world.say()
    world.pass_minutes(2)

    world.end_rollback(RollbackOutcome.RETURNED, "errors", verified=True)
    world.pass_minutes(5)

    assert [(action, target) for _, action, target in world.paged() if action != "trigger"] == [("update", ANNA)]
    assert any("seen to serve (verified)" in text for text in world.chat.texts(f"D{ANNA[1:]}"))


def test_an_execution_that_was_replaced_does_not_take_the_wait_of_the_one_that_attends() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(1)
    world.end_rollback(RollbackOutcome.ASKED)
    world.press(IncidentWish.RESOLVE, ANNA)
    world.pass_minutes(1)
    world.say()
    world.pass_minutes(1)
    before = dict(world.tokens.tokens)

    await_word(AwaitedWord(world.incident.id, 1, 600, "stale"), world.attending)

    assert world.tokens.tokens == before
    assert world.incident.attempt == 2
