"""What every `Tokens` must do, the fake as well as the real one."""

from typing import TYPE_CHECKING

import pytest

from sluice.adapters.tokens import DynamoTokens
from sluice.model.ids import ApprovalId, Micros
from sluice.ports import Tokens
from tests.contract.tables import TOKENS_TABLE, create_tables
from tests.fakes.tokens import FakeTokens

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

APPROVAL = ApprovalId("a" * 32)
EXPIRES = Micros(1_790_000_000_999_999)


@pytest.fixture(params=["fake", "dynamodb", "engine_dynamodb"])
def tokens(request: pytest.FixtureRequest, fresh: str) -> Tokens:
    if request.param == "fake":
        return FakeTokens()
    client: DynamoDBClient = request.getfixturevalue(request.param)
    create_tables(client, suffix=fresh)
    return DynamoTokens(client, f"{TOKENS_TABLE}{fresh}")


def test_an_approval_without_a_token_has_none(tokens: Tokens) -> None:
    assert tokens.get(APPROVAL) is None


def test_a_token_is_kept_whole(tokens: Tokens) -> None:
    tokens.put(APPROVAL, "t" * 2048, expires=EXPIRES)

    assert tokens.get(APPROVAL) == "t" * 2048


def test_the_newest_token_counts(tokens: Tokens) -> None:
    tokens.put(APPROVAL, "first", expires=EXPIRES)
    tokens.put(APPROVAL, "second", expires=EXPIRES)

    assert tokens.get(APPROVAL) == "second"


def test_a_forgotten_token_is_gone_and_its_neighbour_is_not(tokens: Tokens) -> None:
    other = ApprovalId("b" * 32)
    tokens.put(APPROVAL, "one", expires=EXPIRES)
    tokens.put(other, "two", expires=EXPIRES)

    tokens.forget(APPROVAL)

    assert (tokens.get(APPROVAL), tokens.get(other)) == (None, "two")


def test_forgetting_twice_is_forgetting_once(tokens: Tokens) -> None:
    tokens.forget(APPROVAL)
    tokens.forget(APPROVAL)

    assert tokens.get(APPROVAL) is None


def test_the_expiry_is_in_whole_seconds_as_time_to_live_wants_it(dynamodb: "DynamoDBClient") -> None:
    create_tables(dynamodb)

    DynamoTokens(dynamodb, TOKENS_TABLE).put(APPROVAL, "t", expires=EXPIRES)

    assert dynamodb.scan(TableName=TOKENS_TABLE)["Items"][0]["expires"] == {"N": "1790000000"}
