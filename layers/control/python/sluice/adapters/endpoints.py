"""`Endpoints` over SageMaker hosting.

SageMaker refuses in a ValidationException whose text is not documented: a name that is taken, an endpoint that is busy
and a request that is wrong look alike. So whatever is refused is looked at again, and the look decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, failure, found, is_missing, translated
from sluice.adapters.endpoint_answers import (
    config_of,
    endpoint_of,
    is_made_as,
    is_several,
    package_of,
    settings_of,
)
from sluice.errors import CapacityRefused, EndpointBusy, PermanentFailure, SluiceError, TransientFailure
from sluice.model.endpoint import BUSY, EndpointConfig, EndpointSeen, ModelSeen

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


class SageMakerEndpoints:
    """Reads and changes endpoints, with their configurations and models."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def describe(self, name: str) -> EndpointSeen | None:
        """The endpoint as it is now, or None when there is none."""
        answer = found("DescribeEndpoint", lambda: self._client.describe_endpoint(EndpointName=name))
        return None if answer is None else endpoint_of(answer)

    def config(self, name: str) -> EndpointConfig | None:
        """The configuration as CreateEndpointConfig takes it, or None when there is none."""
        answer = found("DescribeEndpointConfig", lambda: self._client.describe_endpoint_config(EndpointConfigName=name))
        return None if answer is None else config_of(answer)

    def model_package_of(self, model: str) -> str | None:
        """ARN of the package that a model was made of; None for a model without one, of several, or that is gone."""
        answer = self._model(model)
        return None if answer is None else package_of(answer)

    def model_settings(self, name: str) -> Mapping[str, Any]:
        """Role, network and isolation of a model; a model that is gone is a PermanentFailure, for nobody knows them."""
        answer = self._model(name)
        if answer is None:
            raise PermanentFailure(f"DescribeModel: there is no model {name}")
        return settings_of(answer)

    def model(self, name: str) -> ModelSeen | None:
        """Its settings, and whether its containers serve many models or are called each by its name."""
        answer = self._model(name)
        return None if answer is None else ModelSeen(settings_of(answer), several=is_several(answer))

    def create_model(
        self, name: str, *, package_arn: str, settings: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Make a model of a package; a repeated call is one."""
        request = {"PrimaryContainer": {"ModelPackageName": package_arn}, **settings, **_tagged(tags)}
        try:
            with _refusals("CreateModel"):
                self._client.create_model(ModelName=name, **request)
        except ClientError as error:
            answer = self._model(name)
            if answer is None:
                raise failure("CreateModel", error) from error
            # SageMaker lower-cases names in the ARNs that it gives back.
            if (package_of(answer) or "").lower() != package_arn.lower():
                raise PermanentFailure(f"CreateModel: {name} is there, of another package") from error

    def create_config(self, config: EndpointConfig, *, tags: Mapping[str, str]) -> None:
        """Make a configuration; a repeated call is one."""
        name = str(config["EndpointConfigName"])
        request: dict[str, Any] = {**config, **_tagged(tags)}
        try:
            with _refusals("CreateEndpointConfig"):
                self._client.create_endpoint_config(**request)
        except ClientError as error:
            there = self.config(name)
            if there is None:
                raise self._unseen("CreateEndpointConfig", error, there=self._models_are_there(config)) from error
            if not is_made_as(there, config):
                raise PermanentFailure(f"CreateEndpointConfig: {name} is there with other content") from error

    def create(self, name: str, *, config: str, tags: Mapping[str, str]) -> None:
        """Make an endpoint; a repeated call is one."""
        try:
            with _refusals("CreateEndpoint"):
                self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, **_tagged(tags))
        except ClientError as error:
            seen = self.describe(name)
            if seen is None:
                raise self._unseen("CreateEndpoint", error, there=self._is_there(config)) from error
            if config not in (seen.config, seen.pending_config):
                raise PermanentFailure(f"CreateEndpoint: {name} is there with {seen.config}") from error

    def update(
        self, name: str, *, config: str, retain: bool = False, deployment: Mapping[str, Any] | None = None
    ) -> None:
        """Begin to deploy a configuration; one that serves or is being deployed already is fine."""
        request: dict[str, Any] = {"EndpointName": name, "EndpointConfigName": config}
        request |= {"RetainAllVariantProperties": True} if retain else {}
        request |= {} if deployment is None else {"DeploymentConfig": deployment}
        try:
            with _refusals("UpdateEndpoint"):
                self._client.update_endpoint(**request)
        except ClientError as error:
            seen = self.describe(name)
            if seen is None or not (seen.pending_config == config or (seen.settled and seen.config == config)):
                raise self._refused("UpdateEndpoint", error, seen, config) from error

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        """Change the weights of variants."""
        self._resize(name, [{"VariantName": v, "DesiredWeight": weight} for v, weight in weights.items()])

    def set_counts(self, name: str, counts: Mapping[str, int]) -> None:
        """Change the instance counts of variants."""
        self._resize(name, [{"VariantName": v, "DesiredInstanceCount": count} for v, count in counts.items()])

    def delete_config(self, name: str) -> None:
        """Delete a configuration; one that is gone is fine."""
        found("DeleteEndpointConfig", lambda: self._client.delete_endpoint_config(EndpointConfigName=name))

    def _resize(self, name: str, wanted: Any) -> None:
        try:
            with _refusals("UpdateEndpointWeightsAndCapacities"):
                self._client.update_endpoint_weights_and_capacities(
                    EndpointName=name, DesiredWeightsAndCapacities=wanted
                )
        except ClientError as error:
            raise self._refused("UpdateEndpointWeightsAndCapacities", error, self.describe(name)) from error

    def _refused(
        self, operation: str, error: ClientError, seen: EndpointSeen | None, config: str | None = None
    ) -> SluiceError:
        """What a refused change of an endpoint means, by what the endpoint shows right after."""
        if seen is None:
            return failure(operation, error)
        if seen.status in BUSY or seen.pending_config is not None or _says_busy(error):
            return EndpointBusy(f"{operation}: {seen.name} is {seen.status.value}")
        there = config is not None and f"/{config.lower()}" in str(error).lower() and self._is_there(config)
        return self._unseen(operation, error, there=there)

    def _unseen(self, operation: str, error: ClientError, *, there: bool) -> SluiceError:
        """SageMaker reads what was just made eventually: not finding what is there passes by itself (its own docs)."""
        if is_missing(error) and there:
            return TransientFailure(f"{operation}: what was just made does not show yet")
        return failure(operation, error)

    def _is_there(self, config: str) -> bool:
        return self.config(config) is not None

    def _models_are_there(self, config: EndpointConfig) -> bool:
        variants = [*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())]
        return all(self._model(variant["ModelName"]) is not None for variant in variants if "ModelName" in variant)

    def _model(self, name: str) -> Mapping[str, Any] | None:
        return found("DescribeModel", lambda: self._client.describe_model(ModelName=name))


def _is_for_us(error: ClientError) -> bool:
    return code_of(error) in ("ResourceLimitExceeded", "ValidationException")


@contextmanager
def _refusals(operation: str) -> Iterator[None]:
    """Translates all but a ValidationException, which is left to whoever can look at what is there."""
    try:
        with translated(operation, unless=_is_for_us):
            yield
    except ClientError as error:
        if code_of(error) == "ResourceLimitExceeded":
            raise CapacityRefused(str(failure(operation, error))) from error
        raise


def _says_busy(error: ClientError) -> bool:
    """Whether it was busy, though it may be idle by our look; AWS's Kubernetes operator matches these words too."""
    return "cannot update in-progress" in str(error).lower()


def _tagged(tags: Mapping[str, str]) -> dict[str, Any]:
    return {"Tags": _pairs(tags.items())} if tags else {}


def _pairs(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags]
