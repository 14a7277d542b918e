"""Secrets are read by ARN, remembered for five minutes, and never shown."""

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.secrets import Secret
from sluice.errors import PermanentFailure, TransientFailure

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def secretsmanager(moto: None) -> "SecretsManagerClient":
    client: SecretsManagerClient = boto3.client("secretsmanager", region_name="us-east-1")
    return client


class Time:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def a_secret(client: "SecretsManagerClient", text: str, time: Time | None = None) -> Secret:
    """A secret that holds a text."""
    arn = client.create_secret(Name="slack-signing", SecretString=text)["ARN"]
    return Secret(client, arn, monotonic=time or Time())


@pytest.mark.parametrize("text,values", [
    ("8f742231", ("8f742231",)),
    (" 8f742231\n", ("8f742231",)),
    ('["new", "old"]', ("new", "old")),
    ('{"current": "new", "previous": "old"}', ("new", "old")),
    ('{"current": "new", "previous": "", "rotated": 7}', ("new",)),
    ("[]", ()),
    (" ", ()),
])  # fmt: skip
def test_a_secret_is_plain_or_several_of_which_each_is_valid(
    secretsmanager: "SecretsManagerClient", text: str, values: tuple[str, ...]
) -> None:
    assert a_secret(secretsmanager, text).values() == values


def test_what_begins_like_json_and_is_none_is_a_failure_that_shows_nothing_of_it(
    secretsmanager: "SecretsManagerClient",
) -> None:
    secret = a_secret(secretsmanager, '{"current": hush')

    with pytest.raises(PermanentFailure) as caught:
        secret.values()

    assert "hush" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_rotation_is_noticed_after_five_minutes_and_not_looked_for_before(
    secretsmanager: "SecretsManagerClient",
) -> None:
    time = Time()
    secret = a_secret(secretsmanager, "old", time)
    secret.values()
    secretsmanager.put_secret_value(SecretId="slack-signing", SecretString="new")

    time.s += 300
    remembered = secret.values()
    time.s += 1
    read_again = secret.values()

    assert (remembered, read_again) == (("old",), ("new",))


@pytest.mark.parametrize("code,kind", [
    ("ThrottlingException", TransientFailure),
    ("ResourceNotFoundException", PermanentFailure),
    ("AccessDeniedException", PermanentFailure),
])  # fmt: skip
def test_what_cannot_be_read_says_whether_to_try_again(
    secretsmanager: "SecretsManagerClient", code: str, kind: type[Exception]
) -> None:
    with Stubber(secretsmanager) as stub:
        stub.add_client_error("get_secret_value", code)

        with pytest.raises(kind, match=code):
            Secret(secretsmanager, "arn", monotonic=Time()).values()


@pytest.mark.parametrize("text", ["{}", "[]", " ", '{"token": ""}', '{"token": 7}', '{"token": hush'])
def test_a_token_that_is_not_there_may_be_put_right_and_its_secret_is_named(
    secretsmanager: "SecretsManagerClient", text: str
) -> None:
    secret = a_secret(secretsmanager, text)

    with pytest.raises(TransientFailure) as caught:
        secret.value()

    assert "arn:aws:secretsmanager:us-east-1:" in str(caught.value)
    assert "hush" not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_token_that_may_not_be_read_may_be_put_right(secretsmanager: "SecretsManagerClient") -> None:
    with Stubber(secretsmanager) as stub:
        stub.add_client_error("get_secret_value", "AccessDeniedException")

        with pytest.raises(TransientFailure, match=r"AccessDeniedException.*\(arn-1\)"):
            Secret(secretsmanager, "arn-1", monotonic=Time()).value()


@pytest.mark.parametrize("text", ["xoxb-new", '["xoxb-new", "xoxb-old"]', '{"token": "xoxb-new"}'])
def test_of_several_tokens_the_first_is_used(secretsmanager: "SecretsManagerClient", text: str) -> None:
    assert a_secret(secretsmanager, text).value() == "xoxb-new"
