"""A state machine stepped in memory: the real definition, its JSONata, Retry, Catch, timeouts and task tokens.

Tasks are Python functions; an exception's class name is the error that Retry and Catch compare, as in Step Functions.
A function that dies (tests/fakes/deaths.py) is `Lambda.Unknown`.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonata

from tests.fakes.clock import FakeClock
from tests.fakes.deaths import Died

ROOT = Path(__file__).resolve().parents[1]
type Task = Callable[[Mapping[str, Any]], Any]

_TOKEN_TASK = "arn:aws:states:::lambda:invoke.waitForTaskToken"
_SERVICE = frozenset({"Lambda.Unknown", "States.Timeout"})


def definition(name: str) -> dict[str, Any]:
    """The definition `statemachines/NAME.asl.json`."""
    parsed: dict[str, Any] = json.loads((ROOT / f"statemachines/{name}.asl.json").read_text())
    return parsed


class TaskFailed(Exception):
    """A task ended with an error; `error` is its name."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Execution:
    """One run of a machine. It goes on until it waits for time or a token, and tells `wake_at` (microseconds).

    `tasks` are by the substitution that names the function, such as `JudgeCanaryFunctionArn`. `entered` counts what
    Step Functions bills: a transition for each state entered and for each retry. `history` counts the events that it
    writes, of which an execution may have 25,000.
    """

    machine: Mapping[str, Any]
    input: Mapping[str, Any]
    tasks: Mapping[str, Task]
    clock: FakeClock
    name: str = "run"
    state: str = ""
    value: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    retries: dict[int, int] = field(default_factory=dict)
    entered: list[str] = field(default_factory=list)
    token: str | None = None
    answer: Any = None
    wake_at: int | None = None
    status: str = "RUNNING"
    history: int = 0
    _tokens: int = 0
    _began_waiting: bool = False

    def __post_init__(self) -> None:
        self.state, self.value = self.machine["StartAt"], deepcopy(self.input)
        self.entered.append(self.state)
        self.history = 2  # ExecutionStarted, and the first state is entered

    @property
    def transitions(self) -> int:
        """State transitions so far."""
        return len(self.entered)

    def answered(self, token: str, output: Any) -> bool:
        """Somebody answers a token; False when nobody waits under it."""
        if self.status != "RUNNING" or token != self.token:
            return False
        self.token, self.answer = None, (output,)
        return True

    def abort(self) -> None:
        """Somebody stops the execution."""
        self.status, self.token, self.wake_at = "ABORTED", None, None

    def go_on(self) -> None:
        """Run until it waits or ends."""
        while self.status == "RUNNING" and self._step():
            pass

    def reach(self, state: str) -> None:
        """Run until a state is entered, and no further."""
        while self.state != state and self.status == "RUNNING" and self._step():
            pass

    def _step(self) -> bool:
        """One state or one wait; False when there is nothing to do now."""
        if self.wake_at is not None and self.answer is None and self.clock.at < self.wake_at:
            return False
        state = self.machine["States"][self.state]
        match state["Type"]:
            case "Task":
                return self._task(state)
            case "Wait":
                return self._wait(state)
            case "Choice":
                chosen = (c["Next"] for c in state["Choices"] if self._evaluate(c["Condition"]))
                self._enter(next(chosen, state["Default"]), self.value)
            case "Pass":
                self._leave(state, self.value)
            case "Succeed":
                self.status = "SUCCEEDED"
                self.history += 2  # the state is left, and the execution has succeeded
            case _:
                self.status = "FAILED"
                self.history += 1
        return True

    def _wait(self, state: Mapping[str, Any]) -> bool:
        if self.wake_at is None:
            self.wake_at = self.clock.at + int(self._evaluate(state["Seconds"]) * 1_000_000)
            return True
        self.wake_at = None
        self._leave(state, self.value)
        return True

    def _task(self, state: Mapping[str, Any]) -> bool:
        try:
            if state["Resource"] == _TOKEN_TASK:
                return self._token_task(state)
            self.wake_at = None
            result = self._call(state["Resource"], self._evaluate(state.get("Arguments", self.value)))
        except TaskFailed as failure:
            self._failed(state, failure)
            return True
        self._leave(state, result)
        return True

    def _token_task(self, state: Mapping[str, Any]) -> bool:
        if self.answer is not None:
            (output,), self.answer, self.wake_at, self._began_waiting = self.answer, None, None, False
            self.history += 1  # TaskSucceeded
            self._leave(state, output)
            return True
        if self._began_waiting:
            self.history += 1  # TaskTimedOut
            self.token, self.wake_at, self._began_waiting = None, None, False
            raise TaskFailed("States.Timeout", "")
        self._tokens += 1
        self.token = f"{self.name}-{self._tokens}"
        timeout = self._evaluate(state["TimeoutSeconds"])
        self.wake_at = self.clock.at + int(timeout * 1_000_000)
        arguments = self._evaluate(state["Arguments"])
        try:
            self._call(arguments["FunctionName"], arguments["Payload"])
        except TaskFailed:
            self.token = self.wake_at = None
            raise
        self._began_waiting = True
        return True

    def _call(self, resource: str, payload: Any) -> Any:
        task = self.tasks[resource.removeprefix("${").removesuffix("}")]
        self.history += 3  # scheduled, started, and submitted, succeeded or failed
        try:
            return json.loads(json.dumps(task(deepcopy(payload))))
        except Died as death:
            raise TaskFailed("Lambda.Unknown", str(death)) from death
        except Exception as error:
            raise TaskFailed(type(error).__name__, _told(error)) from error

    def _failed(self, state: Mapping[str, Any], failure: TaskFailed) -> None:
        for number, rule in enumerate(state.get("Retry", ())):
            if _names(rule["ErrorEquals"], failure.error):
                done = self.retries.get(number, 0)
                if done < rule["MaxAttempts"]:
                    self.retries[number] = done + 1
                    delay = rule["IntervalSeconds"] * rule.get("BackoffRate", 2) ** done
                    self.wake_at = self.clock.at + int(min(delay, rule.get("MaxDelaySeconds", delay)) * 1_000_000)
                    self.entered.append(self.state)
                    return
                break
        for catch in state.get("Catch", ()):
            if _names(catch["ErrorEquals"], failure.error):
                error = {"Error": failure.error, "Cause": failure.cause}
                output = self._evaluate(catch["Output"], errorOutput=error) if "Output" in catch else error
                self._assign(catch, errorOutput=error)
                self._enter(catch["Next"], output)
                return
        self.status = "FAILED"

    def _leave(self, state: Mapping[str, Any], result: Any) -> None:
        output = self._evaluate(state["Output"], result=result) if "Output" in state else result
        self._assign(state, result=result)
        self._enter(state["Next"], output)

    def _assign(self, state: Mapping[str, Any], **more: Any) -> None:
        if "Assign" in state:
            self.variables |= self._evaluate(state["Assign"], **more)

    def _enter(self, state: str, value: Any) -> None:
        self.state, self.value, self.retries, self.wake_at = state, value, {}, None
        self.history += 2  # the one before is left, this one entered
        self.entered.append(state)

    def _evaluate(self, template: Any, **more: Any) -> Any:
        if isinstance(template, dict):
            return {k: self._evaluate(v, **more) for k, v in template.items()}
        if isinstance(template, list):
            return [self._evaluate(v, **more) for v in template]
        if not (isinstance(template, str) and template.startswith("{%") and template.endswith("%}")):
            return template
        context = {"Task": {"Token": self.token}, "Execution": {"Name": self.name}}
        expression = jsonata.Jsonata(template[2:-2].strip())
        expression.assign("states", {"input": self.value, "context": context, **more})
        for name, value in self.variables.items():
            expression.assign(name, value)
        return expression.evaluate(None)


def _told(error: Exception) -> str:
    """The cause of a failed function as Lambda's Python runtime gives it."""
    trace = ['  File "/var/task/app.py", line 12, in handler\n    raise error\n']
    told = {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": "", "stackTrace": trace}
    return json.dumps(told)


def _names(rules: list[str], error: str) -> bool:
    return error in rules or ("States.ALL" in rules) or ("States.TaskFailed" in rules and error not in _SERVICE)
