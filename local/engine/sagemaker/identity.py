"""Who calls: what SageMaker writes into CreatedBy and LastModifiedBy."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id
from ministack.services import sts

_inside: ContextVar[str | None] = ContextVar("calling_principal", default=None)

studio_profiles: dict[str, dict[str, str]] = {}
"""Callers that work in SageMaker Studio: principal ARN -> UserProfileArn, UserProfileName, DomainId."""


@contextmanager
def calling_as(principal_arn: str) -> Iterator[None]:
    """Let calls made inside of the engine count as those of a principal."""
    mark = _inside.set(principal_arn)
    try:
        yield
    finally:
        _inside.reset(mark)


def user_context(headers: dict[str, str], query: Any) -> dict[str, Any]:
    """The UserContext of a request."""
    inside = _inside.get()
    identity = _iam_identity(inside) if inside else _signed_by(extract_access_key_id(headers, query))
    return {"IamIdentity": identity, **studio_profiles.get(identity["Arn"], {})}


def root_context() -> dict[str, Any]:
    """The UserContext of the account's root user."""
    return {"IamIdentity": _iam_identity(f"arn:aws:iam::{get_account_id()}:root")}


def _signed_by(access_key: str) -> dict[str, str]:
    credential = iam_evaluator.resolve_credential(access_key, get_account_id())
    if not isinstance(credential, iam_evaluator.ResolvedCredential):
        return _iam_identity(f"arn:aws:iam::{get_account_id()}:root")
    identity = {"Arn": credential.principal_arn, "PrincipalId": credential.principal_id}
    source = (sts._sessions.get(access_key) or {}).get("SourceIdentity")
    return {**identity, "SourceIdentity": source} if source else identity


def _iam_identity(arn: str) -> dict[str, str]:
    role, _, session = arn.rpartition("/")
    digest = hashlib.sha256(role.encode()).hexdigest()[:17].upper()
    return {"Arn": arn, "PrincipalId": f"AROA{digest}:{session}" if ":assumed-role/" in arn else get_account_id()}
