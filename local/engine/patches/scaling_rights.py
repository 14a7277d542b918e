"""Application Auto Scaling: what its caller must be allowed in the target service and in CloudWatch."""

from typing import Any

from ministack.core.responses import get_account_id

from local.engine.autoscaling import iam
from local.engine.patches.sagemaker_rights import refused
from local.engine.sagemaker.errors import invalid


def check(key: str, region: str, operation: str, document: dict[str, Any]) -> None:
    """Raise ValidationException with the first right that the caller does not have, as the service does."""
    for right in iam.needed(operation, document, region, get_account_id()):
        denied = refused(key, region, right)
        if denied:
            raise invalid(f"Missing permission {right.action}: {denied}")
