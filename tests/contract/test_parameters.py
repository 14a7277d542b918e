"""One suite over the fake Parameter Store and SSM's own as moto plays it; botocore's Stubber where moto is laxer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.parameters import SsmParameters
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.ids import Micros
from sluice.model.parameter import Labelling
from sluice.ports import Parameters
from tests.fakes.parameters import FakeParameters

NAME = "/sluice/policies/fraud"


@dataclass
class Store:
    parameters: Parameters
    put: Callable[[str, str], Any]
    delete: Callable[[str], Any]


@pytest.fixture
def client(moto: None) -> Any:
    return boto3.client("ssm", region_name="us-east-1")


@pytest.fixture(params=["fake", "ssm"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        fake = FakeParameters()
        return Store(fake, fake.put, fake.delete)
    client = request.getfixturevalue("client")
    return Store(
        SsmParameters(client),
        lambda name, value: client.put_parameter(Name=name, Value=value, Type="String", Overwrite=True),
        lambda name: client.delete_parameter(Name=name),
    )


def test_the_newest_version_is_read(store: Store) -> None:
    store.put(NAME, "old")
    store.put(NAME, "new")

    found = store.parameters.read(NAME)

    assert found is not None
    assert (found.name, found.value, found.version, found.type) == (NAME, "new", 2, "String")
    assert found.modified_at > 0


def test_a_parameter_that_is_not_there_is_none(store: Store) -> None:
    assert store.parameters.read(NAME) is None


def test_a_deleted_parameter_is_none_and_starts_anew_from_version_1(store: Store) -> None:
    store.put(NAME, "a")
    store.put(NAME, "b")
    store.delete(NAME)

    gone = store.parameters.read(NAME)
    store.put(NAME, "c")
    found = store.parameters.read(NAME)

    assert gone is None
    assert found is not None
    assert found.version == 1


def test_a_label_moves_from_version_to_version_and_repeating_it_changes_nothing(store: Store) -> None:
    store.put(NAME, "a")
    store.put(NAME, "b")

    results = [store.parameters.label(NAME, version, "live") for version in (1, 2, 2)]

    assert results == [Labelling.LABELLED] * 3
    assert store.parameters.labelled(NAME, "live") == 2


def test_nothing_is_labelled_before_a_label_is_set(store: Store) -> None:
    store.put(NAME, "a")

    assert store.parameters.labelled(NAME, "live") is None
    assert store.parameters.labelled("/sluice/policies/none", "live") is None


def test_labelling_does_not_change_when_the_parameter_was_modified(store: Store) -> None:
    store.put(NAME, "a")
    before = store.parameters.read(NAME)

    store.parameters.label(NAME, 1, "live")

    assert store.parameters.read(NAME) == before


def test_an_eleventh_label_on_a_version_is_told_as_full(store: Store) -> None:
    store.put(NAME, "a")
    for n in range(10):
        store.parameters.label(NAME, 1, f"label-{n}")

    assert store.parameters.label(NAME, 1, "live") is Labelling.FULL


def test_labelling_what_is_not_there_is_told_as_gone(store: Store) -> None:
    store.put(NAME, "a")

    assert store.parameters.label(NAME, 7, "live") is Labelling.GONE
    assert store.parameters.label("/sluice/policies/none", 1, "live") is Labelling.GONE


def test_all_documents_are_listed_through_all_pages(store: Store) -> None:
    for n in range(23):
        store.put(f"/sluice/policies/group-{n:02}", "a")
    store.put("/sluice/people", "p")
    store.put("/sluice/schedules/ml", "s")
    store.put("/sluice/other", "o")

    names = sorted(p.name for p in store.parameters.read_all())

    assert names == sorted(
        [*(f"/sluice/policies/group-{n:02}" for n in range(23)), "/sluice/people", "/sluice/schedules/ml"]
    )


def test_who_wrote_a_version_is_known_as_long_as_it_is_kept(store: Store) -> None:
    store.put(NAME, "a")

    assert store.parameters.written_by(NAME, 1) is not None
    assert store.parameters.written_by(NAME, 2) is None
    assert store.parameters.written_by("/sluice/policies/none", 1) is None


def test_who_wrote_is_found_on_the_second_page_of_the_history(client: Any) -> None:
    writer = "arn:aws:sts::111122223333:assumed-role/deploy/run-17"
    with Stubber(client) as stub:
        stub.add_response(
            "get_parameter_history", {"Parameters": [{"Version": 1}], "NextToken": "more"}, {"Name": NAME}
        )
        second = {"Parameters": [{"Version": 2, "LastModifiedUser": writer}]}
        stub.add_response("get_parameter_history", second, {"Name": NAME, "NextToken": "more"})

        assert SsmParameters(client).written_by(NAME, 2) == writer


def test_a_read_never_asks_for_decryption(client: Any) -> None:
    with Stubber(client) as stub:
        answer = {
            "Name": NAME,
            "Value": "cipher",
            "Version": 3,
            "Type": "SecureString",
            "LastModifiedDate": datetime(2026, 1, 1, tzinfo=UTC),
        }
        stub.add_response("get_parameter", {"Parameter": answer}, {"Name": NAME})

        found = SsmParameters(client).read(NAME)

    assert found is not None
    assert (found.type, found.modified_at) == ("SecureString", Micros(1_767_225_600_000_000))


@pytest.mark.parametrize(
    "code, raised",
    [
        ("ThrottlingException", TransientFailure),
        ("InternalServerError", TransientFailure),
        ("AccessDeniedException", PermanentFailure),
    ],
)
def test_failed_reads_are_told_apart(client: Any, code: str, raised: type[Exception]) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("get_parameter", code)

        with pytest.raises(raised, match=f"GetParameter: {code}"):
            SsmParameters(client).read(NAME)


@pytest.mark.parametrize(
    "code, raised", [("TooManyUpdates", TransientFailure), ("AccessDeniedException", PermanentFailure)]
)
def test_failed_labellings_are_told_apart(client: Any, code: str, raised: type[Exception]) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("label_parameter_version", code)

        with pytest.raises(raised, match=f"LabelParameterVersion: {code}"):
            SsmParameters(client).label(NAME, 1, "live")


def test_a_label_that_ssm_calls_invalid_was_not_set(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("label_parameter_version", {"InvalidLabels": ["live"], "ParameterVersion": 1})

        assert SsmParameters(client).label(NAME, 1, "live") is Labelling.FULL
