"""The `rollout.target` part of a policy document: the endpoint, and how it is made if it does not exist yet."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sluice.model.document_fields import Document, Flag
from sluice.model.refusal import FieldErrors
from sluice.model.rollout_rules import EndpointKind, Target

OWN_VARIANT = "candidate"
"""The variant that Sluice makes for the new version; a production variant of that name would be overwritten."""

SageMakerName = Annotated[str, Field(max_length=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9_+=,.@/-]{1,512}$")]
InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]{1,30}\.[a-z0-9-]{1,20}$")]
S3Uri = Annotated[str, Field(max_length=512, pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?$")]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]


class TargetEndpoint(Document):
    """Where the model serves. What is said beside the names makes the first endpoint; later versions keep it."""

    endpoint: SageMakerName
    """Name of the endpoint. It need not exist yet."""
    variant: SageMakerName = "AllTraffic"
    """Name of its one production variant. It stays, so that alarms and scaling on it survive."""
    kind: EndpointKind = EndpointKind.REALTIME
    """`realtime`, `serverless` or `asynchronous`: each allows other strategies."""
    execution_role: RoleArn | None = None
    """Role of the model's containers. Default: that of the model that serves; needed for the first endpoint."""
    instance_type: InstanceType | None = None
    """Instance type, such as `ml.m5.large`. Default: the one that serves; needed for the first endpoint."""
    instances: Count | None = None
    """Instances of the first endpoint. Default: `min_instances`.

    A later version that takes all traffic gets as many as serve at that time; beside the old one, its share of them.
    """
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] | None = None
    """Memory of the first endpoint, if it is serverless."""
    max_concurrency: Annotated[int, Field(strict=True, ge=1, le=200)] | None = None
    """Requests that the first endpoint serves at once, if it is serverless."""
    output: S3Uri | None = None
    """Where the first endpoint puts its answers, if it is asynchronous."""
    capture_to: S3Uri | None = None
    """Where the first endpoint captures all requests and answers. Without it nothing is captured."""
    sticky_routing: Flag = False
    """`true` if all requests of a client go to one variant. The judge is then far less sure, and says so."""

    @model_validator(mode="after")
    def _says_what_its_kind_knows(self) -> Self:
        errors = [((field,), reason) for field, reason in self._misplaced() if getattr(self, field) is not None]
        if self.variant == OWN_VARIANT:
            errors.append((("variant",), f"{OWN_VARIANT} is the name of the variant that Sluice makes: choose another"))
        if errors:
            raise FieldErrors(*errors)
        return self

    def _misplaced(self) -> Iterator[tuple[str, str]]:
        if self.kind is EndpointKind.SERVERLESS:
            yield from ((f, "a serverless endpoint has no instances") for f in ("instance_type", "instances"))
            yield "capture_to", "a serverless endpoint captures no data"
        else:
            yield from ((f, "is for kind serverless only") for f in ("memory_mb", "max_concurrency"))
        if self.kind is not EndpointKind.ASYNCHRONOUS:
            yield "output", "is for kind asynchronous only"

    def target(self, min_instances: int) -> Target:
        """The target as decisions read it."""
        return Target(
            endpoint=self.endpoint,
            variant=self.variant,
            kind=self.kind,
            execution_role=self.execution_role,
            instance_type=self.instance_type,
            instances=self.instances or min_instances,
            memory_mb=self.memory_mb,
            max_concurrency=self.max_concurrency,
            output=self.output,
            capture_to=self.capture_to,
            sticky=self.sticky_routing,
        )
