"""Failed AWS calls told apart once: worth repeating (TransientFailure) or not (PermanentFailure)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError

from sluice.errors import PermanentFailure, SluiceError, TransientFailure

# Conflicts are worth repeating because callers read again before they write again.
_TRANSIENT = frozenset(
    {
        "ConditionalRequestConflict",
        "ConcurrentModification",
        "ConcurrentUpdateException",
        "ConflictException",
        "ExecutionLimitExceeded",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KmsThrottled",
        "KmsThrottlingException",
        "KMSThrottling",
        "LimitExceededException",
        "OperationAborted",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ResourceConflict",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

_MISSING = frozenset(
    {"ObjectNotFoundException", "ResourceNotFound", "ResourceNotFoundException", "NoSuchResourceException"}
)

_ABSENT = ("does not exist", "not found", "could not find", "no scalable target")

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "403"})


def code_of(error: ClientError) -> str:
    """The service's error code, empty when it gave none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_denied(error: ClientError) -> bool:
    """Whether permission was missing."""
    return code_of(error) in _DENIED


def is_missing(error: ClientError) -> bool:
    """Whether AWS says that the thing is not there; SageMaker mostly does so in a ValidationException.

    "Could not find endpoint ..." and the like are what AWS's own Kubernetes operator for SageMaker matches.
    """
    message = str(error.response.get("Error", {}).get("Message", "")).lower()
    absent = any(words in message for words in _ABSENT)
    return code_of(error) in _MISSING or (code_of(error) in ("ValidationException", "ValidationError") and absent)


def is_transient(error: ClientError) -> bool:
    """Whether the same call may succeed later."""
    http = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code_of(error) in _TRANSIENT or http >= 500


def failure(operation: str, error: ClientError) -> SluiceError:
    """The exception to raise instead of a ClientError, naming the operation and the service's own message."""
    message = str(error.response.get("Error", {}).get("Message", ""))
    kind = TransientFailure if is_transient(error) else PermanentFailure
    return kind(f"{operation}: {code_of(error)}: {message[:500]}")


def _never(_: ClientError) -> bool:
    return False


@contextmanager
def translated(operation: str, *, unless: Callable[[ClientError], bool] = _never) -> Iterator[None]:
    """Translate what botocore raises inside; `unless` lets errors through that the caller knows how to answer."""
    try:
        yield
    except ClientError as error:
        if unless(error):
            raise
        raise failure(operation, error) from error
    except (BotoConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise TransientFailure(f"{operation}: {type(error).__name__}") from error


def found[T](operation: str, call: Callable[[], T]) -> T | None:
    """What a call answers, or None when it is about something that is not there."""
    try:
        with translated(operation, unless=is_missing):
            return call()
    except ClientError:
        return None
