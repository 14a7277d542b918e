"""Whether a version can be rolled out to the endpoint: its shape, its size, what the policy asks of it. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice.core.rollout.checks import Check, CheckStatus, Facts, failed, passed, unknown
from sluice.core.rollout.configs import instance_type_of
from sluice.core.rollout.fleet import instances_needed
from sluice.model.endpoint import BUSY, EndpointConfig, EndpointSeen, EndpointStatus
from sluice.model.rollout_rules import Autoscaling, EndpointKind, Strategy

_STUCK: Mapping[EndpointStatus, str] = {
    EndpointStatus.FAILED: "Nothing helps but to delete it: the next version then makes it anew.",
    EndpointStatus.UPDATE_ROLLBACK_FAILED: (
        "It serves a mix of two configurations: update it to the one that is wanted, and start again."
    ),
    EndpointStatus.OUT_OF_SERVICE: "It takes no requests: bring it into service, and start again.",
}


def hosting_checks(facts: Facts) -> Iterator[Check]:
    """The checks on the endpoint, whether it is there or to be made."""
    if facts.seen is None:
        yield from _first_endpoint(facts)
    else:
        yield status_check(facts.seen)
        yield _shape(facts)
        yield _kind(facts)
        yield _instances(facts, facts.seen)
        yield _zones(facts)
        yield _role(facts)
    yield _quota(facts)
    yield _capture(facts)
    yield _scaling(facts)
    yield _fit(facts)
    yield _routing(facts)


def status_check(seen: EndpointSeen) -> Check:
    """Whether it can be changed now, later, or not before somebody has mended it."""
    if seen.status in BUSY or (seen.status is EndpointStatus.IN_SERVICE and seen.pending_config is not None):
        return Check("endpoint", CheckStatus.WAIT, f"{seen.name} is {seen.status.value}: it is waited for.")
    if seen.status in _STUCK:
        return failed("endpoint", f"{seen.name} is {seen.status.value}. {_STUCK[seen.status]}")
    return passed("endpoint", f"{seen.name} is in service.")


def _first_endpoint(facts: Facts) -> Iterator[Check]:
    target = facts.rules.target
    wanted: dict[str, object] = {"execution_role": target.execution_role}
    if target.kind is EndpointKind.SERVERLESS:
        wanted |= {"memory_mb": target.memory_mb, "max_concurrency": target.max_concurrency}
    else:
        wanted["instance_type"] = target.instance_type
    if target.kind is EndpointKind.ASYNCHRONOUS:
        wanted["output"] = target.output
    missing = [f"rollout.target.{name}" for name, value in wanted.items() if value is None]
    if missing:
        reason = f"{target.endpoint} does not exist. To have it made, say {', '.join(missing)} in the policy."
        yield failed("endpoint", reason)
    else:
        yield passed("endpoint", f"{target.endpoint} does not exist: this version makes it.")


def _shape(facts: Facts) -> Check:
    """One production variant with one model, no shadow: anything else is somebody's, and not ours to replace."""
    config, target = facts.config, facts.rules.target
    if config is None:
        return failed("variant", "The configuration that serves has been deleted, so there would be no way back.")
    names = [str(v["VariantName"]) for v in config["ProductionVariants"]]
    if len(names) > 1:
        return failed(
            "variant", f"It serves {len(names)} variants ({', '.join(names)}): leave it one, and start again."
        )
    if names != [target.variant]:
        return failed(
            "variant", f"Its variant is {names[0]}, the policy says {target.variant} (rollout.target.variant)."
        )
    if config.get("ShadowProductionVariants"):
        return failed("variant", "A shadow test runs on it: end that first.")
    if not (facts.variant or {}).get("ModelName"):
        return failed("variant", "It hosts inference components, which Sluice does not roll out.")
    if facts.several_models:
        return failed("variant", "It is a multi-model endpoint: one version there is not one model to replace.")
    return passed("variant", f"{target.variant} serves alone.")


def _kind(facts: Facts) -> Check:
    """What the policy allows depends on the kind, so the policy has to know it."""
    said, found = facts.rules.target.kind, _kind_of(facts.config or {}, facts.variant or {})
    if facts.config is not None and said is not found:
        return failed("kind", f"It is {found.value}, the policy says {said.value} (rollout.target.kind).")
    return passed("kind", f"It is {said.value}.")


def _kind_of(config: EndpointConfig, variant: Mapping[str, Any]) -> EndpointKind:
    if "AsyncInferenceConfig" in config:
        return EndpointKind.ASYNCHRONOUS
    return EndpointKind.SERVERLESS if "ServerlessConfig" in variant else EndpointKind.REALTIME


def _instances(facts: Facts, seen: EndpointSeen) -> Check:
    wanted, variant = facts.rules.min_instances, seen.variant(facts.rules.target.variant)
    if not facts.has_instances:
        return passed("instances", "A serverless endpoint has none to count.")
    found = 0 if variant is None else variant.instances
    if found < wanted:
        return failed("instances", f"It has {found} instance(s); {wanted} are wanted (rollout.min_instances).")
    scaling = facts.snapshot.scaling
    if scaling is not None and scaling.minimum < wanted:
        reason = (
            f"Its scaling may go down to {scaling.minimum}: raise that minimum to {wanted} (rollout.min_instances)."
        )
        return failed("instances", reason)
    return passed("instances", f"It has {found} instances.")


def _zones(facts: Facts) -> Check:
    """SageMaker spreads instances over zones by itself, unless the model's network is in one.

    Two subnets may be in one zone: which zone a subnet is in is EC2's to say, and it is not asked.
    """
    if not facts.has_instances:
        return passed("zones", "A serverless endpoint is in several zones.")
    if facts.settings is None:
        return unknown("zones", "The model that serves was not read.")
    subnets = (facts.settings.get("VpcConfig") or {}).get("Subnets")
    if facts.rules.min_instances > 1 and subnets is not None and len(subnets) < 2:
        reason = f"All instances are in {subnets[0]}, so in one zone: give the model a subnet in another one."
        return failed("zones", reason)
    if facts.rules.min_instances > 1 and subnets:
        return unknown("zones", f"Whether {', '.join(subnets)} are in different zones is not read: see that they are.")
    return passed("zones", "Instances are spread over zones.")


def _role(facts: Facts) -> Check:
    if facts.rules.target.execution_role is not None:
        return passed("role", "The policy names the role of the containers.")
    if facts.settings is None:
        return unknown("role", "The model that serves was not read.")
    if facts.settings.get("ExecutionRoleArn"):
        return passed("role", "The role of the containers is that of the model that serves.")
    return failed("role", "The model that serves is gone, and its role with it: say rollout.target.execution_role.")


def _quota(facts: Facts) -> Check:
    needed = instances_needed(facts.rules, facts.config, facts.snapshot.instances)
    if not facts.has_instances:
        return passed("quota", "A serverless endpoint takes no instances.")
    if not needed:
        return unknown("quota", "Which instances it takes is not known.")
    untold = []
    for kind, more in needed.items():
        quota = facts.quotas.get(kind)
        if quota is None or quota.limit is None or quota.in_use is None:
            untold.append(kind)
        elif quota.in_use + more > quota.limit:
            used = f"{quota.in_use} of {quota.limit} are in use"
            short = f"{more} more {kind} are needed while both versions are there, and {used}"
            return failed("quota", f"{short}: raise the quota “{kind} for endpoint usage”, or free instances.")
    if untold:
        return unknown("quota", f"Whether there is room for {', '.join(untold)} cannot be told.")
    return passed("quota", f"There is room for {', '.join(f'{more} more {kind}' for kind, more in needed.items())}.")


def _capture(facts: Facts) -> Check:
    if not facts.rules.data_capture:
        return passed("data_capture", "It is not asked for.")
    if facts.config is None and facts.rules.target.capture_to is None:
        return failed("data_capture", "Say where the first endpoint captures its data (rollout.target.capture_to).")
    if facts.config is not None and not (facts.config.get("DataCaptureConfig") or {}).get("EnableCapture"):
        return failed("data_capture", "It captures no data, which the policy requires: switch it on, and start again.")
    return passed("data_capture", "Its data is captured.")


def _scaling(facts: Facts) -> Check:
    stepped = _stepped_away(facts)
    if stepped:
        reason = (
            f"Another instance type takes its scaling policy {stepped} away, and your alarms would call what is gone"
        )
        return failed("autoscaling", f"{reason}: use target tracking, or change the type yourself, and start again.")
    managed = (facts.variant or {}).get("ManagedInstanceScaling") or {}
    if facts.snapshot.scaling is not None or managed.get("Status") == "ENABLED":
        return passed("autoscaling", "It scales, and goes on doing so.")
    if facts.rules.autoscaling is not Autoscaling.REQUIRED:
        return passed("autoscaling", "It does not scale.")
    if facts.seen is None:
        return unknown("autoscaling", "What does not exist cannot scale: register it once it is there.")
    return failed("autoscaling", "It does not scale, which the policy requires: register its variant, and start again.")


def _stepped_away(facts: Facts) -> str:
    """The step policy that could not be put back: the team's alarms name it by an ARN that it then loses."""
    if facts.config is None or facts.snapshot.scaling is None:
        return ""
    if instance_type_of(facts.config, facts.rules.target) == (facts.variant or {}).get("InstanceType"):
        return ""
    policies = facts.snapshot.scaling.policies
    return next((str(p["PolicyName"]) for p in policies if p.get("PolicyType") == "StepScaling"), "")


def _fit(facts: Facts) -> Check:
    """What the package says of instance types, where it says anything."""
    target, package = facts.rules.target, facts.package
    kind = target.instance_type if facts.config is None else instance_type_of(facts.config, target)
    fits = () if package is None else package.realtime_types
    if kind is not None and fits and kind not in fits:
        return failed("instance_type", f"The package is made for {', '.join(fits)}, not for {kind}.")
    return passed("instance_type", "The package says nothing against its instances.")


def _routing(facts: Facts) -> Check:
    """On these SageMaker ignores guardrails without a word, and refuses shadows."""
    target, rules = facts.rules.target, facts.rules
    kind = target.instance_type if facts.config is None else instance_type_of(facts.config, target)
    needs_more = rules.strategy is Strategy.GUARDRAILS or rules.shadow is not None
    if needs_more and (kind or "").startswith("ml.inf1."):
        return failed("strategy", f"SageMaker has no guardrails and no shadows on {kind}: use weighted without shadow.")
    return passed("strategy", "SageMaker allows it on its instances.")
