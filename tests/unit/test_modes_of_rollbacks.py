"""docs/modes.md says what follows in each mode when production goes wrong: its table and the code that decides agree."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sluice.core.incident.attending import attend
from sluice.core.incident.calling import Sight
from sluice.core.incident.growth import Setting, opened
from sluice.core.incident.responding import possible
from sluice.core.rollback.decide import decide
from sluice.core.rollback.requesting import new_rollback
from sluice.core.rollback.situation import Decided, Situation
from sluice.model.approval import Mode
from sluice.model.endpoint import EndpointRecord, EndpointSeen, EndpointStatus
from sluice.model.governing import Tier
from sluice.model.ids import Micros, RolloutId
from sluice.model.incident import Incident
from sluice.model.incident_wish import IncidentWish
from sluice.model.package import RegistryStatus
from sluice.model.production import Condemned, ProductionRecord, Served
from sluice.model.response_rules import Level, PageRoute, PagingRules, RollbackRules, Severity
from sluice.model.rollback import Decision, Demand, RollbackOutcome
from sluice.model.rollout import RolloutOutcome
from sluice.model.signal import Cause, Signal, SignalKind
from sluice.usecases.incident.freeze import with_freeze
from tests.approvals import NOW
from tests.fakes.records import FakeRecords
from tests.packages import BEN, GROUP, REGION, a_package
from tests.rollout_records import ENDPOINT, ended

PAGE = Path(__file__).parent.parent.parent / "docs" / "modes.md"
SECTION = PAGE.read_text().split("## When production goes wrong\n")[1].split("\n## ")[0]
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.startswith("| ") and not line.startswith(("| what happens", "| ---"))
]
CASES = [
    pytest.param(situation, mode, word, id=f"{situation}-{mode}")
    for situation, *words in TABLE
    for mode, word in zip(Mode, words, strict=True)
]
HOUR = 3600 * 1_000_000
SOURCE = "alarm/fraud-5xx"
ARNS = {6: "arn:package/6", 7: "arn:package/7"}
OLD = Served("fraud-v6", ARNS[6], 6, Micros(NOW - 72 * HOUR), until=Micros(NOW - 24 * HOUR), document={"Version": 6})
NEW = Served("fraud-v7", ARNS[7], 7, Micros(NOW - 24 * HOUR), document={"Version": 7})
PRODUCTION = ProductionRecord(REGION, ENDPOINT, GROUP, (OLD, NEW))
SIGNAL = Signal("1", SOURCE, SignalKind.ALARM, Cause.ERRORS, True, GROUP, REGION, ENDPOINT, NOW, "Errors.")
SEEN = EndpointSeen(ENDPOINT, "", NEW.config, EndpointStatus.IN_SERVICE, NEW.since)
APPROVED = a_package(status=RegistryStatus.APPROVED)
RULES = RollbackRules(pipeline="fraud-training", retrain_on=(Cause.DATA_QUALITY,))
PAGING = PagingRules(routes=(PageRoute(tuple(Severity), (Level(0, ("channel", BEN)),)),))
TAKEN_BY_HAND = Demand(BEN, "Ben", "it is wrong", NOW)
ROLLOUT = RolloutId("another")


def served(**changes: Any) -> dict[str, Any]:
    """What serves, or served before, with a difference."""
    old, new = changes.pop("old", {}), changes
    return {"production": replace(PRODUCTION, served=(replace(OLD, **old), replace(NEW, **new)))}


SITUATIONS: Mapping[str, Mapping[str, Any]] = {
    "a cause in `rollback.on`": {},
    "a cause in `retrain.on` alone": {"cause": Cause.DATA_QUALITY},
    "any other cause": {"cause": Cause.ATTRIBUTION},
    "it is cleared before anything was begun": {"raised": False},
    "it is about a version that serves no more": {"config": OLD.config},
    "a rollout is under way": {"endpoint": {"holder": ROLLOUT}, "held_by_rollout": True},
    "the version before is as bad": served(old={"condemned": (Condemned(SOURCE, OLD.since),)}),
    "`cool_down` is not over": {"production": replace(PRODUCTION, returns=(Micros(NOW - HOUR // 2),))},
    "`at_most` is reached": {"production": replace(PRODUCTION, returns=tuple(Micros(NOW - n * HOUR) for n in (5, 9)))},
    "a person decided that this version serves": served(decided_by=BEN),
    "others put there what serves": {"seen": replace(SEEN, config="theirs"), "config": "theirs"},
    "the version before is not Approved any more": {"packages": {6: a_package(status=RegistryStatus.REJECTED)}},
    "nothing else ever served": {"production": replace(PRODUCTION, served=(NEW,))},
    "the endpoint is gone": {"seen": None},
    "the endpoint is on hold": {"endpoint": {"hold": "another: it failed"}},
    "a person takes it back": {"demand": TAKEN_BY_HAND},
    "a person takes it back, to a version that is as bad": {
        **served(old={"condemned": (Condemned(SOURCE, OLD.since),)}),
        "demand": TAKEN_BY_HAND,
    },
    "a person takes it back, and nothing else ever served": {
        "production": replace(PRODUCTION, served=(NEW,)),
        "demand": TAKEN_BY_HAND,
    },
}
RULED: Mapping[str, str] = {
    "an incident is open": "calls",
    "an incident as bad as `paging.freeze` is open": "freezes",
}


@pytest.mark.parametrize("situation, mode, word", CASES)
def test_what_follows_is_what_the_page_says(situation: str, mode: Mode, word: str) -> None:
    if situation in RULED:
        assert (_calls(mode) if RULED[situation] == "calls" else _freezes(mode)) == word
    else:
        assert _word(situation, mode) == word


def test_the_page_knows_every_situation() -> None:
    assert [row[0] for row in TABLE] == [*SITUATIONS, *RULED]


def test_what_the_page_calls_taking_back_goes_to_the_version_before() -> None:
    decided = decide(_situation("a cause in `rollback.on`", Mode.ENFORCE))

    assert decided.target == OLD
    assert decided.rejects


@pytest.mark.parametrize("outcome", [RolloutOutcome.RETURNED, RolloutOutcome.PROMOTED])
def test_after_the_end_of_a_rollout_it_is_decided_again_as_the_page_says(outcome: RolloutOutcome) -> None:
    situation = _situation("a rollout is under way", Mode.ENFORCE)
    over = replace(situation, endpoint=replace(situation.endpoint, holder=None), handed=ended(outcome))

    decided = decide(replace(over, now=Micros(NOW + HOUR)))

    assert decided.decision is Decision.ROLL_BACK


def _incident(mode: Mode) -> Incident:
    return opened(SIGNAL, 1, Setting(Tier.STANDARD, mode, "fraud", "C0FRAUD", PAGING), NOW)


def _situation(name: str, mode: Mode) -> Situation:
    given = dict(SITUATIONS[name])
    signal = replace(SIGNAL, cause=given.pop("cause", Cause.ERRORS), config=given.pop("config", ""))
    rollback = new_rollback(_incident(mode), signal, at=NOW, demand=given.pop("demand", None))
    endpoint = replace(EndpointRecord(REGION, ENDPOINT, GROUP), **given.pop("endpoint", {}))
    packages = {ARNS[n]: package for n, package in {6: APPROVED, 7: APPROVED, **given.pop("packages", {})}.items()}
    ordinary = Situation(rollback, mode, RULES, PRODUCTION, endpoint, SEEN, NOW, raised_at=(NOW,), packages=packages)
    return replace(ordinary, **given)


def _word(name: str, mode: Mode) -> str:
    situation = _situation(name, mode)
    wishes = possible(_incident(mode), None, held=False)
    if not situation.automatic and IncidentWish.ROLL_BACK not in wishes:
        return "no button"
    return _in_words(decide(situation))


def _in_words(decided: Decided) -> str:
    match decided.decision:
        case None:
            assert decided.outcome is RollbackOutcome.NOT_NEEDED
            return "leaves it"
        case Decision.ROLL_BACK:
            return "takes back"
        case Decision.HAND_OVER:
            return "tells it, waits"
        case Decision.RETRAIN:
            return "trains"
        case Decision.ASK:
            return "asks"
        case Decision.RECORD:
            return "records"
        case Decision.HOLD:
            return "holds"


def _calls(mode: Mode) -> str:
    return "calls" if attend(_incident(mode), Sight(NOW, {})).page else "shows it"


def _freezes(mode: Mode) -> str:
    return "holds releases back" if with_freeze(_incident(mode), FakeRecords()) else "lets releases go"
