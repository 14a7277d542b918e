"""What does a canary of an hour cost, against a loop that is polled every minute?

Rollouts are played in the embedded cloud, on the real template; where all wait, the clock jumps. Transitions are
counted from the executions' histories, everything else from what the engine was asked. Only what a rollout causes
counts: what runs by schedule runs anyway. Left out on both sides: SQS, logs, traces, reads of DynamoDB, the endpoint.
"""

import json
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "layers/control/python")]

from local.cloud import SERVING_ROLE, Cloud  # noqa: E402  # the path is set first
from local.engine.settings import REGION  # noqa: E402  # see above
from local.stack import load  # noqa: E402  # see above
from local.team import BEN, CHEN, POLICY, Team  # noqa: E402  # see above
from sluice.core.rollout.naming import rollout_execution, rollout_id_of  # noqa: E402  # see above
from sluice.model.ids import RolloutId  # noqa: E402  # see above

CANARIES = {
    "one step of 10 % for an hour": "steps: [{percent: 10, bake: {minimum: 60m, maximum: 60m}}]",
    "the steps of tier standard": "",
}
LIMITS = {"transitions": 60, "cost_ratio": 0.25}
MOONSHOTS = {"transitions": 15, "cost_ratio": 0.11}
POLLED = {"transitions": 290, "invocations": 100, "metric_reads": 480}
"""A loop of three states and a change or two, that looks once a minute for an hour."""

_ROLLOUT = """
rollout:
  target: {{endpoint: {group}, execution_role: "{role}", instance_type: ml.m5.large, instances: 2}}
  {steps}
"""
_PATIENCE_S = 1800
_STRIDE_S = 5
"""The clock's jump while a state waits to be tried again."""
_ITS_OWN = frozenset(
    {
        "AdmitRollout", "BeginRollout", "ChangeEndpoint", "JudgeCanary", "ConcludeRollout",
        "AdmitEndpointChange", "RecordDecision", "DeliverOutbox", "ExportLedger",
    }
)  # fmt: skip
"""Functions that a rollout makes run, though some of them not it alone."""


def main() -> int:
    """Print one JSON line a figure; 1 when one is missed."""
    with tempfile.TemporaryDirectory() as folder, Cloud(state=Path(folder) / "cloud") as cloud:
        team = Team(cloud)
        team.introduce()
        lines = [line for name, steps in CANARIES.items() for line in _figures(name, Canary(cloud, team, steps))]
    print(*map(json.dumps, lines), sep="\n")
    return 0 if all(line["reached"] for line in lines) else 1


@dataclass
class Canary:
    """One rollout, from the approval to its end."""

    cloud: Cloud
    team: Team
    steps: str
    group: str = ""

    def play(self) -> "Bill":
        """Roll a good second version out, and tell what that took."""
        self.group = f"canary-{time.time_ns() % 16**6:06x}"
        self._serve_first()
        self.team.put(self.group, POLICY + _ROLLOUT.format(group=self.group, role=SERVING_ROLE, steps=self.steps))
        self._approve(self.team.register(self.group))
        self._wait(self._record, "the rollout")
        self.cloud.admin("POST", "tally")
        self._until_over()
        record = self._record()
        if record["outcome"] != "promoted":
            raise RuntimeError(f"it was to be promoted, and is {record['outcome']}: {record['because']}")
        time.sleep(2)  # what was still to be delivered and exported
        begun, *_, ended = (event["timestamp"] for event in self._history())
        return Bill(self._history(), self.cloud.admin("GET", "tally"), (ended - begun).total_seconds() / 60)

    def _serve_first(self) -> None:
        self.team.registry.create_model_package_group(ModelPackageGroupName=self.group)
        demand = {"endpoint": self.group, "requests_per_minute": 3000, "served_hours_longer": 6}
        self.cloud.admin("POST", "traffic", demand)
        self.team.serve(self.group, self.team.register(self.group, ModelApprovalStatus="Approved"))
        self.cloud.advance(900)
        self._wait(lambda: self.team.endpoint(self.group)["EndpointStatus"] == "InService", "the first version")

    def _approve(self, package: str) -> None:
        for person in (BEN, CHEN):
            self._wait(lambda: self.team.cards(self.group), "the card")
            self.team.press(person, self.group)
        self._wait(lambda: self.team.status(package) == "Approved", "the approval")

    def _until_over(self) -> None:
        self._wait(lambda: self._record().get("begun_at") and self._history(), "the rollout")
        end = time.monotonic() + _PATIENCE_S
        while not self._record().get("told"):
            if time.monotonic() > end:
                raise TimeoutError(f"not over: {self._record()}")
            self._jump()
            time.sleep(0.2)

    def _jump(self) -> None:
        """Let time pass if all wait for it: a look for the next one, a change to be tried again."""
        record, last = self._record(), self._history()[-1]
        entered = [e for e in self._history() if e["type"].endswith("StateEntered")]
        state = entered[-1]["stateEnteredEventDetails"]["name"]
        if last["type"] == "TaskFailed":
            self.cloud.advance(_STRIDE_S)
        elif state == "Look" and last["type"] == "TaskScheduled" and not record.get("answer"):
            self.cloud.advance(max(0.0, record.get("next_look_at", 0) / 1e6 - self.cloud.advance(0)))

    def _record(self) -> Mapping[str, Any]:
        return self.team.record("rollout", self._rollout_id) or {}

    @property
    def _rollout_id(self) -> str:
        return rollout_id_of(f"{self.group}/2/1", REGION)

    def _history(self) -> list[dict[str, Any]]:
        machines = self.cloud.client("stepfunctions")
        arn = self.cloud.outputs["RolloutMachineArn"]
        name = rollout_execution(RolloutId(self._rollout_id), 1)
        runs = machines.list_executions(stateMachineArn=arn)["executions"]
        found = [run["executionArn"] for run in runs if run["name"] == name]
        return [e for a in found for e in machines.get_execution_history(executionArn=a, maxResults=1000)["events"]]

    def _wait(self, look: Any, what: str) -> None:
        self.team.until(look, what, seconds=300)


@dataclass(frozen=True)
class Bill:
    """What one rollout took: its history, the engine's tally, simulated minutes from the lock to the end."""

    history: list[dict[str, Any]]
    tally: Mapping[str, Any]
    minutes: float

    def states(self) -> Counter[str]:
        """Transitions: each state that was entered, and each retry of one."""
        count, state = Counter[str](), ""
        for event in self.history:
            if event["type"].endswith("StateEntered"):
                state = event["stateEnteredEventDetails"]["name"]
                count[state] += 1
                fresh = True
            elif event["type"] == "TaskScheduled":
                count[f"{state}, again"] += not fresh
                fresh = False
        return +count

    def invocations(self) -> dict[str, list[float]]:
        """Milliseconds of each invocation that is no scheduled one, by function."""
        found = {}
        for name, by_source in self.tally["durations_ms"].items():
            short = _short(name)
            if short in _ITS_OWN:
                found[short] = [
                    ms for source, all_ms in by_source.items() if source != "aws:scheduler" for ms in all_ms
                ]
        return {name: durations for name, durations in found.items() if durations}

    def of_roles(self, part: str) -> int:
        """A count of the tally over the roles of these functions."""
        return sum(int(n) for role, n in self.tally[part].items() if _short(role) in _ITS_OWN)

    def requests(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(n.get(operation, 0) for role, n in self.tally["requests"].items() if _short(role) in _ITS_OWN)


def dollars(bill: Bill) -> dict[str, float]:
    """What it cost, by item."""
    prices, memory = _prices(), _memory_mb()
    functions = bill.invocations()
    gb_s = sum(len(all_ms) * median(all_ms) / 1000 * memory[name] / 1024 for name, all_ms in functions.items())
    alarm_months = bill.minutes / 60 / 730
    return {
        "transitions": bill.states().total() * prices["step_functions"]["transition"],
        "lambda": gb_s * prices["lambda"]["gb_second"]
        + sum(map(len, functions.values())) * prices["lambda"]["request"],
        "metric_reads": bill.of_roles("metrics") * prices["cloudwatch"]["metric_read"],
        "dynamodb_writes": bill.of_roles("write_units") * prices["dynamodb"]["write_unit"],
        "events": bill.requests("events:PutEvents") * prices["eventbridge"]["custom_event"],
        "alarms": 2 * alarm_months * prices["cloudwatch"]["alarm_metric_month"],  # the trip wire has two metrics
    }


def polled_dollars(bill: Bill) -> float:
    """What the polled loop costs, if each of its functions is as quick as a look of ours."""
    prices = _prices()
    gb_s = median(bill.invocations()["JudgeCanary"]) / 1000 * _memory_mb()["JudgeCanary"] / 1024
    return float(
        POLLED["transitions"] * prices["step_functions"]["transition"]
        + POLLED["invocations"] * (gb_s * prices["lambda"]["gb_second"] + prices["lambda"]["request"])
        + POLLED["metric_reads"] * prices["cloudwatch"]["metric_read"]
    )


def _figures(name: str, canary: Canary) -> list[dict[str, Any]]:
    bill = canary.play()
    paid, polled = dollars(bill), polled_dollars(bill)
    alike = sum(paid[item] for item in ("transitions", "lambda", "metric_reads"))
    invoked = {function: len(all_ms) for function, all_ms in sorted(bill.invocations().items())}
    told = {"minutes": round(bill.minutes, 1), "by_state": dict(bill.states())}
    return [
        _figure(name, "transitions", bill.states().total(), **told),
        _figure(
            name,
            "cost_ratio",
            round(alike / polled, 3),
            with_writes_events_alarms=round(sum(paid.values()) / polled, 3),
            dollars={item: round(cost, 6) for item, cost in paid.items()},
            polled_dollars=round(polled, 6),
            prices_seen=str(_prices()["seen"]),
            invocations=invoked,
            median_ms={function: round(median(all_ms)) for function, all_ms in sorted(bill.invocations().items())},
            get_metric_data=bill.requests("cloudwatch:GetMetricData"),
            metric_reads=bill.of_roles("metrics"),
            write_units=bill.of_roles("write_units"),
            events=bill.requests("events:PutEvents"),
        ),
    ]


def _figure(canary: str, name: str, value: float, **more: Any) -> dict[str, Any]:
    reached = {"limit": LIMITS[name], "reached": value <= LIMITS[name], "moonshot": MOONSHOTS[name]}
    return {"benchmark": "rollout_cost", "canary": canary, "figure": name, "value": value, **reached, **more}


def _prices() -> dict[str, Any]:
    return tomllib.loads((ROOT / "benchmarks/prices.toml").read_text())


def _memory_mb() -> dict[str, int]:
    template = load(ROOT / "template.yaml")
    usual = template["Globals"]["Function"]["MemorySize"]
    functions = {name: r["Properties"] for name, r in template["Resources"].items() if name.endswith("Function")}
    return {_short(name): given.get("MemorySize", usual) for name, given in functions.items()}


def _short(name: str) -> str:
    """`JudgeCanary` of a function or of its role, as the stack names them."""
    return name.partition("Function")[0].rpartition("-")[2]


if __name__ == "__main__":
    sys.exit(main())
