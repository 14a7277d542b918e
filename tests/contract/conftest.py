"""An emulated AWS for the contract suites."""

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local import clock
from local.engine.process import Engine
from local.engine.settings import REGION
from local.identities import Identities

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS of moto's, whatever this machine's own settings are."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(moto: None) -> "DynamoDBClient":
    """A client of an empty emulated DynamoDB."""
    client: DynamoDBClient = boto3.client("dynamodb", region_name="us-east-1")
    return client


_numbers = count()


@pytest.fixture
def fresh() -> str:
    """An ending for names that no other test of the shared engine uses."""
    return f"-{next(_numbers)}"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identities]:
    """The embedded cloud's engine, without a stack, for all suites."""
    state = tmp_path_factory.mktemp("engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.CLOCK_FILE, str(state / "clock.json"))
        clock.create(state / "clock.json")
        with Engine(state) as running:
            yield Identities(running.url, REGION)


@pytest.fixture
def engine_dynamodb(engine: Identities) -> "DynamoDBClient":
    """A client of the engine's DynamoDB."""
    client: DynamoDBClient = engine.root("dynamodb")
    return client
