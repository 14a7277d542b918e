"""A signal is taken: one commit, one incident, one answer, executions started once, whatever dies in between."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from sluice.core.incident.grouping import Action
from sluice.core.incident.naming import incident_execution, incident_id_of
from sluice.core.rollback.naming import rollback_execution
from sluice.errors import StaleRecord
from sluice.model.approval import Choice, Vote
from sluice.model.commit import Commit, MessageKind
from sluice.model.endpoint import endpoint_id
from sluice.model.governing import Mode
from sluice.model.ids import Micros, RolloutId
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.incident_commands import WakeIncident
from sluice.model.package import RegistryStatus
from sluice.model.production import ProductionRecord, Served
from sluice.model.records import PackageRecord
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.deciding import save as save_approval
from sluice.usecases.incident.freeze import frozen_by, without_freeze
from sluice.usecases.incident.next_answer import answer_next
from sluice.usecases.incident.remembered import incident_of, save_incident
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollout.remembered import save as save_rollout
from tests.approvals import NOW, an_approval
from tests.fakes.deaths import Died, Life
from tests.packages import ARN, CHANNEL, CHEN, GROUP, REGION
from tests.rollout_records import a_rollout
from tests.trouble import ENDPOINT, TroubledWorld, a_signal, seen_of

ID = incident_id_of(REGION, ENDPOINT, 1)


def ended(world: TroubledWorld, outcome: RollbackOutcome = RollbackOutcome.ASKED, **changes: Any) -> None:
    """The rollback under way comes to its end."""
    known = recall(world.records, Rollback, world.rollback.id)
    assert known is not None
    over = replace(known.value, phase=RollbackPhase.DONE, outcome=outcome, **changes)
    world.records.commit(Commit((save_rollback(over, known, world.clock.now()),)), at=world.clock.now())


def resolved(world: TroubledWorld) -> None:
    """A person ends the incident."""
    known, now = incident_of(world.records, world.incident.id), world.clock.now()
    over = replace(known.value, status=IncidentStatus.RESOLVED, resolved=Answered("slack", now), review="reviews/1.md")
    saves = (save_incident(over, known, now), *without_freeze(over, world.records))
    world.records.commit(Commit(saves), at=now)


def told(world: TroubledWorld) -> None:
    """The card is posted, and the execution has attended to everything so far."""
    known, now = incident_of(world.records, world.incident.id), world.clock.now()
    attended = replace(known.value, message_ts="1.1", posted_in=CHANNEL, told=True)
    world.records.commit(Commit((save_incident(attended, known, now),)), at=now)


def commands(world: TroubledWorld) -> list[Any]:
    """The commands that left with commits."""
    rows = world.records.outbox.values()
    return [row.message.body for row in rows if row.message.kind is MessageKind.COMMAND]


def test_a_first_signal_opens_an_incident_asks_for_an_answer_and_starts_both() -> None:
    world = TroubledWorld()

    taken = world.say()

    assert (taken.action, taken.incident_id) == (Action.OPEN, ID)
    assert len(world.records.commits) == 3  # the policy, the people, and this one
    assert world.kinds() == ["IncidentOpened", "RollbackRequested"]
    assert world.outbox_kinds() == ["incident_card", "domain_event"]
    assert world.incidents.started == {incident_execution(ID, 1): {"incident_id": ID, "attempt": 1}}
    assert list(world.rollbacks.started) == [rollback_execution(world.rollback.id, 1)]
    assert (world.incident.rollback, world.incident.rounds) == (world.rollback.id, 1)
    assert (world.rollback.signal.source, world.rollback.incident_id) == ("alarm/errors", ID)


def test_a_hundred_duplicates_change_nothing() -> None:
    world = TroubledWorld()
    world.say(key="one")
    before, commits = world.incident, len(world.records.commits)

    taken = {world.say(key="one", at=NOW + n).action for n in range(100)}

    assert taken == {Action.DUPLICATE}
    assert world.incident == before
    assert len(world.records.commits) == commits


def test_a_signal_of_another_region_is_left_to_the_sluice_there() -> None:
    world = TroubledWorld()

    taken = world.say(region="eu-west-1")

    assert (taken.action, taken.incident_id) == (Action.IGNORE, None)
    assert not world.incidents.started


def test_a_signal_whose_taker_dies_at_any_moment_is_taken_when_it_comes_again() -> None:
    moments = 0
    while True:
        world, moments = TroubledWorld(), moments + 1
        signal = a_signal(at=world.clock.now())
        whole = world.revive(Life(moments))
        with suppress(Died):
            world.take(signal)
        world.revive()

        world.take(signal)

        assert world.kinds() == ["IncidentOpened", "RollbackRequested"]
        assert list(world.incidents.started) == [incident_execution(ID, 1)]
        assert list(world.rollbacks.started) == [rollback_execution(world.rollback.id, 1)]
        if whole.lived < moments:
            break
    assert moments > 10


def test_two_signals_at_once_open_one_incident() -> None:
    world = TroubledWorld()
    world.meanwhile(lambda: world.say("alarm/latency", cause=Cause.LATENCY))

    taken = world.say("alarm/errors")

    assert taken.action is Action.JOIN
    assert [seen.source for seen in world.incident.signals] == ["alarm/errors", "alarm/latency"]
    assert world.incident.number == 1


def test_an_incident_knows_what_changed_last_who_approved_it_and_what_its_canary_found() -> None:
    world = TroubledWorld()
    approval = an_approval(votes=(Vote(CHEN, Choice.APPROVE, "", NOW, ("ml_engineering",), "Chen"),))
    package = PackageRecord(
        ARN.key, GROUP, 7, RegistryStatus.APPROVED.value, NOW, Mode.ENFORCE, generation=1, approval=approval.id
    )
    rollout = a_rollout()
    served = Served("fraud-v7", ARN.text, 7, NOW, rollout_id=rollout.id, release_id=approval.release_id)
    production = ProductionRecord(REGION, ENDPOINT, GROUP, (replace(served, config="fraud-v6", version=6), served))
    saves = (
        save_approval(approval, None),
        keep(None, package, package.arn),
        save_rollout(rollout, None, NOW),
        keep(None, production, production.id),
    )
    world.records.commit(Commit(saves), at=NOW)

    world.say()

    changed = world.incident.changed
    assert (changed.version, changed.config, changed.rollout_id) == (7, "fraud-v7", rollout.id)
    assert changed.approved_by == ("Chen",)
    assert rollout.look is not None
    assert changed.canary == rollout.look.sentence


def test_an_incident_of_production_that_nobody_knows_has_nothing_to_say_of_it() -> None:
    world = TroubledWorld()
    served = ProductionRecord(REGION, ENDPOINT, GROUP, (Served("by-hand", "", 0, NOW, rollout_id=RolloutId("gone")),))
    world.records.commit(Commit((keep(None, served, endpoint_id(REGION, ENDPOINT)),)), at=NOW)

    world.say()

    assert (world.incident.changed.version, world.incident.changed.approved_by) == (0, ())


@pytest.mark.parametrize(
    "severity, mode, frozen",
    [
        (Severity.ERROR, Mode.ENFORCE, True),
        (Severity.ERROR, Mode.RECOMMEND, True),
        (Severity.ERROR, Mode.OBSERVE, False),
        (Severity.CRITICAL, Mode.ENFORCE, False),
        (None, Mode.ENFORCE, False),
    ],
)
def test_an_incident_as_severe_as_the_policy_says_holds_back_releases(
    severity: Severity | None, mode: Mode, *, frozen: bool
) -> None:
    world = TroubledWorld(PagingRules(freeze=severity), mode=mode)

    world.say(cause=Cause.ERRORS)

    assert frozen_by(world.records, GROUP).incidents == ((ID,) if frozen else ())


def test_an_incident_that_gets_worse_begins_to_hold_back_releases_and_one_that_is_over_does_not() -> None:
    world = TroubledWorld()
    world.say(cause=Cause.LATENCY)
    free = frozen_by(world.records, GROUP).incidents
    world.say("alarm/down", cause=Cause.AVAILABILITY)
    held = frozen_by(world.records, GROUP).incidents

    resolved(world)

    assert (free, held, frozen_by(world.records, GROUP).incidents) == ((), (ID,), ())
    assert "SeverityRaised" in world.kinds()


def test_in_observe_an_incident_is_recorded_and_told_and_its_answer_recorded() -> None:
    world = TroubledWorld(mode=Mode.OBSERVE)

    world.say()

    assert world.incident.mode is Mode.OBSERVE
    assert world.outbox_kinds() == ["incident_card", "domain_event"]
    assert world.rollbacks.started


def test_a_group_without_a_policy_has_incidents_under_the_default_one() -> None:
    world = TroubledWorld()

    world.say(group="churn", endpoint="churn-scoring")

    assert list(world.records.entries("group/churn"))


@pytest.mark.parametrize("kind", SignalKind)
def test_what_is_for_people_asks_for_no_rollback(kind: SignalKind) -> None:
    world = TroubledWorld()

    world.say(kind=kind)

    asks = kind in (SignalKind.ALARM, SignalKind.MONITOR, SignalKind.ENDPOINT, SignalKind.WATCH)
    assert bool(world.rollbacks.started) is asks
    assert bool(world.incident.rollback) is asks


def test_while_an_answer_is_under_way_another_source_asks_for_none_and_afterwards_it_does() -> None:
    world = TroubledWorld()
    world.say("monitor/data", kind=SignalKind.MONITOR, cause=Cause.DATA_QUALITY)
    world.clock.advance(1)
    world.say("alarm/errors")
    first = world.incident.rounds
    ended(world)

    record_decision(WakeIncident(ID, "its rollback has ended"), world.deciding)
    record_decision(WakeIncident(ID, "its rollback has ended"), world.deciding)

    assert (first, world.incident.rounds) == (1, 2)
    assert world.rollback.signal.source == "alarm/errors"
    assert len(world.rollbacks.started) == 2
    assert world.kinds().count("RollbackRequested") == 2


def test_what_was_raised_before_another_version_served_asks_for_nothing_more() -> None:
    world = TroubledWorld()
    world.say("alarm/errors")
    world.say("alarm/kpi", cause=Cause.KPI)
    world.clock.advance(60)
    ended(world, RollbackOutcome.RETURNED, returned_at=world.clock.now())

    assert answer_next(ID, world.taking_signals) is None
    world.clock.advance(60)
    world.say("alarm/kpi", cause=Cause.KPI)

    assert world.incident.rounds == 2


def test_a_source_that_is_raised_anew_after_the_end_of_its_answer_asks_again() -> None:
    world = TroubledWorld()
    world.say()
    world.clock.advance(60)
    world.say()
    under_way = world.incident.rounds
    ended(world)
    world.clock.advance(60)

    world.say()

    assert (under_way, world.incident.rounds) == (1, 2)


def test_a_late_raise_asks_for_nothing() -> None:
    world = TroubledWorld()
    world.clock.advance(600)
    world.say()
    ended(world)

    world.say(at=NOW + 60_000_000)

    assert world.incident.rounds == 1


def test_a_source_that_flaps_asks_once() -> None:
    world = TroubledWorld()
    for _ in range(10):
        world.say()
        if not world.rollback.is_over:
            ended(world)
        world.clock.advance(30)
        world.clear()
        world.clock.advance(30)

    assert world.incident.rounds == 3  # a source is known to flap by its fourth raise
    assert seen_of(world.incident, "alarm/errors").raised


def test_an_explained_signal_asks_once_what_explained_it_is_gone_and_nothing_was_done() -> None:
    world = TroubledWorld()
    world.say("alarm/down", cause=Cause.AVAILABILITY)
    world.say("alarm/errors")
    ended(world, RollbackOutcome.NOT_NEEDED)
    before = world.incident.rounds
    world.clock.advance(60)

    world.clear("alarm/down", cause=Cause.AVAILABILITY)

    assert (before, world.incident.rounds) == (1, 2)
    assert world.rollback.signal.source == "alarm/errors"


def test_news_wakes_the_execution_once_and_draws_the_card_and_repeats_do_neither() -> None:
    world = TroubledWorld()
    world.say()
    told(world)
    ended(world)
    world.clock.advance(60)

    world.say("alarm/latency", cause=Cause.LATENCY)
    woken = len(commands(world))
    world.clock.advance(60)
    world.say("alarm/latency", cause=Cause.LATENCY)

    assert not world.incident.told
    assert woken == len(commands(world)) == 1
    assert world.outbox_kinds().count("incident_card") == 2


def test_a_clear_while_production_goes_back_wakes_nobody() -> None:
    world = TroubledWorld()
    world.say()
    told(world)
    world.clock.advance(60)

    world.clear()

    assert world.incident.told
    assert world.incident.quiet_since
    assert commands(world) == []
    assert world.kinds()[-1] == "SignalCleared"


def test_what_comes_back_opens_the_same_incident_again_with_another_execution() -> None:
    world = TroubledWorld()
    world.say()
    ended(world)
    resolved(world)
    world.clock.advance(600)

    taken = world.say()

    assert (taken.action, taken.incident_id) == (Action.REOPEN, ID)
    assert (world.incident.reopened, world.incident.attempt, world.incident.review) == (1, 2, "")
    assert incident_execution(ID, 2) in world.incidents.started
    assert frozen_by(world.records, GROUP).incidents == (ID,)
    assert world.kinds()[-2:] == ["IncidentReopened", "RollbackRequested"]
    events = [row.message for row in world.records.outbox.values() if row.message.kind is MessageKind.DOMAIN_EVENT]
    assert [event.body["detail"]["dedup_key"] for event in events] == [f"sluice/{ID}"] * 2


def test_long_after_the_end_another_incident_is_opened() -> None:
    world = TroubledWorld()
    world.say()
    resolved(world)
    world.clock.advance(PagingRules().reopen_s + 1)

    taken = world.say()

    assert taken.action is Action.OPEN
    assert (world.incident.number, world.incident.id) == (2, incident_id_of(REGION, ENDPOINT, 2))
    assert world.incident.rounds == 1


def test_a_race_that_does_not_end_is_left_to_the_next_delivery() -> None:
    world = TroubledWorld()
    world.records.stale_next(8)

    with pytest.raises(Exception, match="kept changing") as raised:
        world.say()

    assert not isinstance(raised.value, StaleRecord)
    assert not world.incidents.started


def test_an_open_incident_is_on_the_list_of_what_may_have_died_until_its_review_is_drafted() -> None:
    world = TroubledWorld()
    world.say()
    far = Micros(NOW + 3600 * 1_000_000)
    due = len(list(world.records.due(Incident.KIND, before=far)))

    resolved(world)

    assert (due, len(list(world.records.due(Incident.KIND, before=far)))) == (1, 0)
