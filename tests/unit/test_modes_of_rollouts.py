"""docs/modes.md says what becomes of a rollout in each mode: its table and the code that decides agree."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sluice.core.rollout.routing import Decision, decide
from sluice.core.rollout.sight import Sight
from sluice.core.rollout.wishes import possible
from sluice.model.approval import Mode
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route, Wish, WishKind
from tests.approvals import NOW
from tests.packages import BEN
from tests.rollout_records import ENDPOINT, a_rollout, rules

PAGE = Path(__file__).parent.parent.parent / "docs" / "modes.md"
OURS = "fraud-v7-canary"
DAY = 24 * 3600 * 1_000_000
ELSEWHERE = "others deploy a version of the group"
BY_HAND = "a manager takes it back"
SECTION = PAGE.read_text().split("## Rollouts\n")[1].split("\n## ")[0]
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.count("|") == 5 and not line.startswith(("| on the way", "| ---"))
]
CASES = [
    pytest.param(situation, mode, word, id=f"{situation}-{mode}")
    for situation, *words in TABLE
    for mode, word in zip(Mode, words, strict=True)
    if situation != ELSEWHERE
]


def a_sight(config: str = OURS, **changes: Any) -> Sight:
    seen = EndpointSeen(ENDPOINT, "", config, EndpointStatus.IN_SERVICE, NOW)
    return replace(Sight(seen, Micros(NOW + 60_000_000)), **changes)


def judged(verdict: Verdict) -> dict[str, Any]:
    return {"judgement": Judgement(verdict, "So it is.")}


SITUATIONS: dict[str, dict[str, Any]] = {
    "good enough, a step is left": judged(Verdict.ADVANCE),
    "good enough, the last step": judged(Verdict.PROMOTE) | {"step": 2},
    "worse": judged(Verdict.ROLL_BACK),
    "the longest time of a step is over": judged(Verdict.EXTEND),
    "undecided for `give_up_after`": judged(Verdict.CONTINUE) | {"sight": a_sight(now=Micros(NOW + 2 * DAY))},
    "an alarm that the policy names": {"sight": a_sight(alarms=frozenset({"fraud-5xx"}))},
    "good enough, but such an alarm is gone": judged(Verdict.PROMOTE)
    | {"step": 2, "sight": a_sight(gone=("fraud-5xx",))},
    BY_HAND: {"wish": Wish(WishKind.ROLL_BACK, BEN, "Ben", "it is wrong", NOW)},
    "the approval is withdrawn": {"sight": "withdrawn"},
    "somebody else changes the endpoint": {"sight": a_sight("theirs")},
}


@pytest.mark.parametrize("situation, mode, word", CASES)
def test_a_look_decides_as_the_page_says(situation: str, mode: Mode, word: str) -> None:
    rollout = _rollout(mode)

    assert _word(rollout, situation) == word


def test_the_page_knows_every_situation() -> None:
    assert {row[0] for row in TABLE} == {*SITUATIONS, ELSEWHERE}


def _rollout(mode: Mode) -> Rollout:
    rollout = a_rollout(mode=mode, candidate_config=OURS, rules=rules(give_up_after_s=24 * 3600))
    if mode is not Mode.OBSERVE:
        return rollout
    snapshot = replace(rollout.snapshot, config={"EndpointConfigName": OURS}) if rollout.snapshot else None
    return replace(rollout, phase=Phase.WATCHING, snapshot=snapshot)


def _word(rollout: Rollout, situation: str) -> str:
    given = SITUATIONS[situation]
    if situation == BY_HAND and WishKind.ROLL_BACK not in possible(rollout):
        return "no button"
    told = replace(rollout, step=given.get("step", rollout.step), wish=given.get("wish"))
    sight = given.get("sight", a_sight())
    if sight == "withdrawn":  # a look in `observe` does not ask the registry
        sight = a_sight(broken_pledge="" if rollout.phase is Phase.WATCHING else "The registry says Rejected.")
    return _in_words(decide(told, given.get("judgement"), sight))


def _in_words(decision: Decision) -> str:
    if decision.asked:
        return "asks"
    match decision.route, decision.outcome:
        case Route.CONCLUDE, RolloutOutcome.OBSERVED:
            return "tells"
        case Route.CONCLUDE, RolloutOutcome.DIVERGED:
            return "leaves it"
        case Route.SHIFT, _:
            return "goes on"
        case Route.PROMOTE, _:
            return "promotes"
        case Route.RETURN, _:
            return "takes back"
        case _:
            return "waits"
