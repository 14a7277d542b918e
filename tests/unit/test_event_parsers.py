"""Whatever becomes of a sample on its way, a parser takes it or raises InvalidInput: nothing else can come out."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.batches import handle_batch
from sluice.errors import InvalidInput
from sluice.model.alarm_event import AlarmEvent
from sluice.model.command_json import to_json
from sluice.model.commands import from_json
from sluice.model.ids import PackageArn
from sluice.model.interaction import Interaction, read_interaction
from sluice.model.package_event import PackageEvent
from sluice.model.parameter_event import ParameterEvent
from sluice.model.rollout_event import RolloutRequestedEvent
from tests.event_samples import files, sample

SAMPLES = {file: sample(file) for file in files()}
PARSERS: dict[str, Callable[[Any], Any]] = {
    "package": PackageEvent.parse,
    "parameter": ParameterEvent.parse,
    "command": from_json,
    "rollout": RolloutRequestedEvent.parse,
    "alarm": AlarmEvent.parse,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# Where the parsers look: changed far more often than a place taken blindly would be.
READ = [
    ("source",),
    ("detail-type",),
    ("account",),
    ("region",),
    ("id",),
    ("detail",),
    *(
        ("detail", n)
        for n in ("ModelPackageArn", "UpdatedModelPackageFields", "name", "operation", "alarmName", "state")
    ),
    *(("detail", n) for n in ("rollout_id", "package_arn", "release_id", "region", "images", "digest")),
    *((n,) for n in ("command", "approval_id", "choice", "timer", "number", "pressed_at", "epoch", "person", "status")),
]


def _paths(value: Any) -> list[tuple[Any, ...]]:
    match value:
        case dict():
            inner = [(k, v) for k, v in value.items()]
        case list():
            inner = list(enumerate(value))
        case _:
            inner = []
    return [(), *((key, *rest) for key, child in inner for rest in _paths(child))]


def _changed(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    """A copy with the value at a path replaced; a path that leads nowhere makes its own way through objects."""
    if not path:
        return change
    key, *rest = path
    if isinstance(value, list) and isinstance(key, int):
        return [_changed(v, tuple(rest), change) if n == key else v for n, v in enumerate(value)]
    inside = value if isinstance(value, dict) else {}
    return {**inside, key: _changed(inside.get(key), tuple(rest), change)}


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sample with up to three of its values replaced by arbitrary JSON."""
    value = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(READ) | st.sampled_from(_paths(value)))
        value = _changed(value, path, draw(JSON))
    return value


def _read[T, R](parse: Callable[[T], R], value: T) -> R | None:
    """What a parser makes of a value, None if it refuses it in words; whatever else it raises fails the test."""
    try:
        return parse(value)
    except InvalidInput as refused:
        return None if str(refused) else pytest.fail("refused without a reason")


@settings(deadline=None)
@given(mutated())
def test_a_package_event_names_a_package_of_its_own_account_or_is_refused(message: Any) -> None:
    told = _read(PackageEvent.parse, message)

    assert told is None or (told.account, told.region) == (told.arn.account, told.arn.region)
    assert told is None or told.status_changed in (True, False)


@settings(deadline=None)
@given(mutated())
def test_a_parameter_event_names_a_parameter_or_is_refused(message: Any) -> None:
    told = _read(ParameterEvent.parse, message)

    assert told is None or (told.name and isinstance(told.operation, str))


@settings(deadline=None)
@given(mutated())
def test_a_command_can_be_sent_again_as_it_was_read_or_is_refused(message: Any) -> None:
    command = _read(from_json, message)

    assert command is None or from_json(to_json(command)) == command


@settings(deadline=None)
@given(mutated())
def test_a_wanted_rollout_names_a_package_of_its_own_account_or_is_refused(message: Any) -> None:
    told = _read(RolloutRequestedEvent.parse, message)

    assert told is None or PackageArn.parse(told.request.package_arn).account == told.account
    assert told is None or re.fullmatch("[0-9a-f]{32}", told.request.rollout_id)


@settings(deadline=None)
@given(mutated())
def test_an_alarm_event_names_an_alarm_its_account_and_region_or_is_refused(message: Any) -> None:
    told = _read(AlarmEvent.parse, message)

    assert told is None or (told.name, told.account, told.region) == (
        message["detail"]["alarmName"],
        message["account"],
        message["region"],
    )


def _payload() -> Any:
    body = b64decode(SAMPLES["deliveries/slack_interactions.json"]["body"]).decode()
    return json.loads(parse_qs(body)["payload"][0])


@settings(deadline=None)
@given(st.data())
def test_an_interaction_is_understood_or_refused(data: st.DataObject) -> None:
    payload = _payload()
    for _ in range(data.draw(st.integers(1, 3))):
        payload = _changed(payload, data.draw(st.sampled_from(_paths(payload))), data.draw(JSON))

    read = _read(read_interaction, urlencode({"payload": json.dumps(payload)}).encode())

    assert read is None or isinstance(read, get_args(Interaction.__value__))


class _Aside:
    def __init__(self) -> None:
        self.bodies: list[str] = []

    def put(self, body: str, *, error: Exception) -> None:
        assert str(error)
        self.bodies.append(body)


@pytest.mark.parametrize("parser", PARSERS)
@settings(deadline=None)
@given(bodies=st.lists(st.text() | mutated().map(json.dumps) | st.just("[" * 200_000), max_size=4))
def test_every_message_of_a_batch_is_taken_or_put_aside(parser: str, bodies: list[str]) -> None:
    aside, taken = _Aside(), list[Any]()
    batch = {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}

    answer = handle_batch(batch, lambda message: taken.append(PARSERS[parser](message)), aside)

    assert answer == {"batchItemFailures": []}
    assert len(taken) + len(aside.bodies) == len(bodies)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_change_of_a_sample_still_reaches_the_code_behind_the_first_check(parser: str) -> None:
    """The strategy is worth something only if the samples that it changes can be taken at all."""
    taken = [file for file, value in SAMPLES.items() if _read(PARSERS[parser], value) is not None]

    assert len(taken) > (0 if parser == "rollout" else 5)
