"""What holds of every decision, whatever the history, the policy and the moment."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sluice.core.rollback.decide import decide
from sluice.core.rollback.situation import Decided, Situation
from sluice.model.endpoint import EndpointRecord, EndpointStatus
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, Micros, RollbackId, RolloutId
from sluice.model.package import ModelPackage, PackageStatus, RegistryStatus
from sluice.model.production import Condemned, ProductionRecord, Served
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Decision, RollbackOutcome
from sluice.model.signal import Cause, SignalKind
from tests.approvals import NOW
from tests.packages import BEN, GROUP, REGION, a_package
from tests.rollback_situations import DEMAND, HOUR, a_rollback, arn_of, config_of, seen, served, situation
from tests.trouble import ENDPOINT, a_signal

DAY = 24 * HOUR
SOURCES = ("alarm/errors", "monitor/daily", "alarm/latency")
ACTS = frozenset({Decision.ROLL_BACK, Decision.HAND_OVER, Decision.RETRAIN, Decision.ASK, Decision.HOLD})
HOURS = st.integers(0, 200)


def mostly[T](usual: T, *others: T) -> st.SearchStrategy[T]:
    """Three times in four what is usual, so that decisions get as far as they can."""
    return st.sampled_from([*[usual] * 3 * len(others), *others])


@st.composite
def histories(draw: st.DrawFn) -> ProductionRecord:
    """Up to five entries, one after the other, perhaps of a version that served before."""
    hours = sorted(
        draw(st.lists(st.integers(1, 150), min_size=draw(mostly(3, 1)), max_size=5, unique=True)), reverse=True
    )
    entries: list[Served] = []
    for number, since in enumerate(hours):
        until = hours[number + 1] if number + 1 < len(hours) else 0
        version = draw(st.integers(1, 5))
        condemned = draw(mostly((), *((source,) for source in SOURCES)))
        ours: dict[str, Any] = {} if draw(st.integers(0, 5)) else {"package_arn": "", "config": f"by-hand-{version}"}
        entries.append(
            served(
                version,
                since,
                until,
                decided_by=draw(mostly(None, BEN)),
                condemned=tuple(Condemned(source, EPOCH) for source in condemned),
                rejected=draw(mostly(False, True)),
                **ours,
            )
        )
    returns = draw(st.lists(HOURS, max_size=3))
    return ProductionRecord(REGION, ENDPOINT, GROUP, tuple(entries), tuple(Micros(NOW - h * HOUR) for h in returns))


def situations() -> st.SearchStrategy[Situation]:
    """Anything that can be found, as often as not where nothing but history, registry and limits stands in the way."""
    return found_situations() | found_situations().map(_free_to_act)


def _free_to_act(found: Situation) -> Situation:
    newest = found.production.served[-1].config
    about = replace(found.rollback.signal, config=newest)
    return replace(
        found,
        rollback=replace(found.rollback, signal=about, demand=None),
        mode=Mode.ENFORCE,
        rules=replace(found.rules, on=tuple(Cause), at_most=max(1, found.rules.at_most)),
        endpoint=EndpointRecord(REGION, ENDPOINT, GROUP),
        seen=seen(config=newest),
        raised=True,
        held_by_rollout=False,
    )


@st.composite
def found_situations(draw: st.DrawFn) -> Situation:
    """Anything that can be found."""
    production = draw(histories())
    newest = production.served[-1].config
    config = draw(mostly(newest, config_of(9), production.served[0].config))
    holder = draw(mostly(None, RolloutId("11" * 16), RollbackId("22" * 16)))
    signal = a_signal(
        draw(st.sampled_from(SOURCES)),
        NOW - draw(HOURS) * HOUR,
        cause=draw(st.sampled_from(Cause)),
        kind=draw(st.sampled_from([SignalKind.ALARM, SignalKind.MONITOR, SignalKind.OUTSIDE])),
        config=draw(mostly(newest, "", config_of(1))),
    )
    return situation(
        rollback=a_rollback(signal, demand=draw(st.sampled_from([None, None, DEMAND]))),
        mode=draw(mostly(Mode.ENFORCE, Mode.RECOMMEND, Mode.OBSERVE)),
        rules=draw(policies()),
        production=production,
        endpoint=EndpointRecord(REGION, ENDPOINT, GROUP, holder=holder, hold=draw(mostly("", "x: y"))),
        seen=draw(mostly(seen(config=config), None, *(seen(config=config, status=s) for s in EndpointStatus))),
        raised=draw(mostly(True, False)),
        raised_at=tuple(Micros(NOW - h * HOUR) for h in draw(st.lists(HOURS, max_size=2))),
        packages={arn_of(version).text: draw(found_packages(version)) for version in range(1, 6)},
        held_by_rollout=holder == "11" * 16,
    )


def policies() -> st.SearchStrategy[RollbackRules]:
    """Any rules of a policy."""
    causes = st.lists(st.sampled_from(Cause), unique=True).map(tuple)
    return st.builds(
        RollbackRules,
        on=st.just(tuple(Cause)) | causes,
        cool_down_s=st.integers(0, 4 * 3600),
        at_most=mostly(2, 0, 1, 3),
        pipeline=mostly("retraining", ""),
        retrain_on=causes,
    )


@st.composite
def found_packages(draw: st.DrawFn, version: int) -> ModelPackage | None:
    """A package as the registry has it, or not any more."""
    status = draw(mostly(RegistryStatus.APPROVED, RegistryStatus.REJECTED, RegistryStatus.PENDING, None))
    if status is None:
        return None
    completed = draw(mostly(PackageStatus.COMPLETED, PackageStatus.DELETING))
    return a_package(arn=arn_of(version), status=status, package_status=completed)


def _behind(found: Situation, decided: Decided) -> list[Served]:
    """What served since the target did last, the target itself left out, up to what serves now."""
    assert decided.target is not None
    entries = found.production.served
    last = max(n for n, each in enumerate(entries) if each.config == decided.target.config)
    return list(entries[last + 1 :])


@given(situations())
def test_every_decision_has_its_reason(found: Situation) -> None:
    assert decide(found).reason.strip()


@given(situations())
def test_deciding_again_on_the_same_is_deciding_the_same(found: Situation) -> None:
    assert decide(found) == decide(found)


@given(situations())
def test_automation_never_goes_behind_what_a_person_decided(found: Situation) -> None:
    decided = decide(found)

    if decided.decision is Decision.ROLL_BACK and found.rollback.demand is None:
        assert not [each for each in _behind(found, decided) if each.decided_by is not None]


@given(situations())
def test_nobody_goes_back_to_what_is_rejected_not_approved_or_made_of_nobody_knows_what(found: Situation) -> None:
    decided = decide(found)

    if decided.decision is Decision.ROLL_BACK:
        target = decided.target
        assert target is not None
        assert not target.rejected
        assert target.document is not None
        if target.package_arn or found.rollback.demand is None:
            package = found.packages[target.package_arn]
            assert package is not None
            assert package.status is RegistryStatus.APPROVED
            assert package.package_status is PackageStatus.COMPLETED


@given(situations())
def test_automation_never_goes_back_to_what_the_same_source_condemns(found: Situation) -> None:
    decided, source = decide(found), found.rollback.signal.source

    if decided.decision is Decision.ROLL_BACK and found.rollback.demand is None:
        assert decided.target is not None
        assert source not in {each.source for each in decided.target.condemned}


@given(situations())
def test_automation_keeps_its_number_a_day_and_its_cool_down(found: Situation) -> None:
    decided, rules = decide(found), found.rules

    if decided.decision is Decision.ROLL_BACK and found.rollback.demand is None:
        recent = [at for at in found.production.returns if at > NOW - DAY]
        assert len(recent) < rules.at_most
        assert all(NOW - at >= rules.cool_down_s * 1_000_000 for at in recent)


@given(situations())
def test_what_is_raised_about_what_serves_is_answered_in_enforce(found: Situation) -> None:
    now = replace(found, mode=Mode.ENFORCE, raised=True)
    now = replace(now, rollback=replace(now.rollback, demand=None))
    if now.seen is not None:
        about = replace(now.rollback.signal, config=now.seen.config)
        now = replace(now, rollback=replace(now.rollback, signal=about))

    decided = decide(now)

    behind_another = now.endpoint.holder is not None and not now.held_by_rollout
    assert decided.decision in (ACTS if not behind_another else {None})
    assert decided.outcome is not RollbackOutcome.NOT_NEEDED


@given(situations())
def test_nothing_is_changed_by_itself_but_in_enforce(found: Situation) -> None:
    decided = decide(found)

    if found.mode is not Mode.ENFORCE and found.rollback.demand is None:
        assert decided.decision not in (Decision.ROLL_BACK, Decision.RETRAIN, Decision.HOLD)


@given(situations())
def test_a_person_is_refused_by_neither_mode_nor_limits(found: Situation) -> None:
    asked = replace(found, rollback=replace(found.rollback, demand=DEMAND))
    free = replace(
        asked,
        mode=Mode.ENFORCE,
        rules=RollbackRules(on=tuple(Cause), cool_down_s=0, at_most=99),
        production=replace(asked.production, returns=()),
        endpoint=replace(asked.endpoint, hold=""),
        raised=True,
    )

    assert decide(asked) == decide(free)


@given(situations())
def test_what_is_decided_leads_somewhere(found: Situation) -> None:
    """A wait, an end, or something to be brought about: exactly one of them."""
    decided = decide(found)

    brought_about = decided.decision in (Decision.ROLL_BACK, Decision.RETRAIN) and not decided.outcome
    assert [bool(decided.wait_s), decided.outcome is not None, brought_about].count(True) == 1
    assert decided.decision is not Decision.ROLL_BACK or decided.target != decided.left
