"""`SageMaker Model Package State Change` as a hint: which package to read again, and what it says was edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.ids import PackageArn

DETAIL_TYPE = "SageMaker Model Package State Change"


@dataclass(frozen=True, slots=True)
class PackageEvent:
    """What is taken from the event; all else is read back from SageMaker, since an event can be late or forged."""

    account: str
    region: str
    arn: PackageArn
    status_changed: bool

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        if not isinstance(envelope, Mapping) or not isinstance(envelope.get("detail"), Mapping):
            raise InvalidInput("not an EventBridge event with a detail object")
        source, detail = envelope.get("source"), envelope["detail"]
        # A rule matches a list by any of its elements, and AWS's own documentation has shown this event with one.
        sources = source if isinstance(source, list) else [source]
        if envelope.get("detail-type") != DETAIL_TYPE or "aws.sagemaker" not in sources:
            raise InvalidInput(f"not a {DETAIL_TYPE} of aws.sagemaker: {str(envelope.get('detail-type'))[:100]!r}")
        arn, fields = detail.get("ModelPackageArn"), detail.get("UpdatedModelPackageFields") or ()
        if not isinstance(arn, str):
            raise InvalidInput("the event names no ModelPackageArn")
        package = PackageArn.parse(arn)
        account, region = str(envelope.get("account", "")), str(envelope.get("region", ""))
        if (account, region) != (package.account, package.region):
            raise InvalidInput(f"sent by {account} in {region}, but about {package.text}")
        return cls(
            account=account,
            region=region,
            arn=package,
            status_changed="ModelApprovalStatus" in fields if isinstance(fields, (list, tuple)) else False,
        )
