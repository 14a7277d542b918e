"""How many instances a rollout takes at its fullest moment. Pure.

UpdateEndpoint makes a whole new fleet before it lets the old one go, so for a while both count.
"""

from collections import Counter
from collections.abc import Mapping

from sluice.core.rollout.configs import candidate_instances, instance_type_of, production_variant
from sluice.model.endpoint import EndpointConfig, EndpointSeen
from sluice.model.rollout import Snapshot
from sluice.model.rollout_rules import EndpointKind, RolloutRules, Strategy


def instances_needed(rules: RolloutRules, config: EndpointConfig | None, instances: int) -> Mapping[str, int]:
    """Instances by type at the fullest moment, beyond the `instances` that serve now.

    Empty for serverless endpoints, and where a variant takes its instances from pools of several types.
    """
    if rules.target.kind is EndpointKind.SERVERLESS:
        return {}
    if config is None:
        first = rules.target.instance_type
        return {} if first is None else {first: rules.target.instances}
    old = (production_variant(config, rules.target.variant) or {}).get("InstanceType")
    new = instance_type_of(config, rules.target)
    if old is None or new is None:
        return {}
    moments = _moments(rules, old, new, instances)
    return {kind: max(moment[kind] for moment in moments) for kind in (old, new)}


def full_size(snapshot: Snapshot, production: str, seen: EndpointSeen | None) -> int:
    """How many instances carry all traffic now: as many as at the begin, or all that serve once scaling added some."""
    before, found = snapshot.instances, None if seen is None else seen.variant(production)
    if seen is None or found is None or not before or found.desired_instances <= before:
        return before
    together = sum(variant.desired_instances for variant in seen.variants)
    allowed = together if snapshot.scaling is None else snapshot.scaling.maximum
    return max(found.desired_instances, min(together, allowed))


def _moments(rules: RolloutRules, old: str, new: str, instances: int) -> list[Counter[str]]:
    """What each deployment has beside the fleet that serves now: what the one before left, and what it makes."""
    shadow = candidate_instances(instances, rules.shadow.percent) if rules.shadow else 0
    moments = [_fleet({old: instances}, {new: shadow})] if shadow else []
    copies = _fleet({new: shadow})
    if rules.strategy is Strategy.GUARDRAILS:
        return [*moments, copies + _fleet({new: instances})]
    shares = [candidate_instances(instances, step.percent) for step in rules.steps]
    deployed = copies + _fleet({old: instances}, {new: shares[0]})
    promoted = _fleet({new: shares[-1]}, {new: instances})
    return [*moments, deployed, promoted]


def _fleet(*parts: Mapping[str, int]) -> Counter[str]:
    fleet: Counter[str] = Counter()
    for part in parts:
        fleet.update(part)
    return fleet
