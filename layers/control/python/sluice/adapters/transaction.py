"""One TransactWriteItems call and what became of it, told apart item by item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from sluice.adapters.aws_errors import code_of, failure, is_transient
from sluice.adapters.record_items import Write
from sluice.errors import PermanentFailure

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OPERATION = "TransactWriteItems"
_REFUSED = "ConditionalCheckFailed"
# The item is being written by another transaction, or its partition is throttled: the same write may pass later.
_BUSY = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"},
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction.

    `refused` are the writes whose condition failed; `busy` says what stood in the way for now. `unknown` means that
    the answer was lost: only the same call with the same token is safe then.
    """

    refused: tuple[Write, ...] = ()
    busy: str = ""
    unknown: bool = False

    @property
    def done(self) -> bool:
        """Whether everything was written."""
        return not self.refused and not self.busy


def submit(client: "DynamoDBClient", writes: Sequence[Write], *, token: str) -> Outcome:
    """Write all or nothing; raises PermanentFailure for what repeating does not change."""
    try:
        client.transact_write_items(
            TransactItems=[{"Put": write.put} for write in writes],  # type: ignore[typeddict-item]  # built as plain dicts
            ClientRequestToken=token,
        )
    except ClientError as error:
        return _outcome(error, writes)
    except (HTTPClientError, BotoConnectionError) as error:
        return Outcome(busy=type(error).__name__, unknown=True)
    return Outcome()


def _outcome(error: ClientError, writes: Sequence[Write]) -> Outcome:
    code = code_of(error)
    if code == "TransactionCanceledException":
        return _cancelled(error, writes)
    if code == "TransactionInProgressException" or is_transient(error):
        return Outcome(busy=code, unknown=True)
    raise failure(_OPERATION, error) from error


def _cancelled(error: ClientError, writes: Sequence[Write]) -> Outcome:
    given: Sequence[Any] = error.response.get("CancellationReasons") or ()
    codes = [str(reason.get("Code", "None")) for reason in given]
    if len(codes) != len(writes):
        raise PermanentFailure(f"{_OPERATION}: cancelled for reasons that do not match its items: {codes}") from error
    others = sorted({code for code in codes if code not in (_REFUSED, "None") and code not in _BUSY})
    if others:
        raise PermanentFailure(f"{_OPERATION}: cancelled: {', '.join(others)}") from error
    refused = tuple(write for write, code in zip(writes, codes, strict=True) if code == _REFUSED)
    return Outcome(refused, busy=", ".join(sorted(_BUSY.intersection(codes))))
