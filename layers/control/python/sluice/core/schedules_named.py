"""Which on-call schedules a policy calls people by."""

from collections.abc import Iterator

from sluice.model.policy_in_force import PolicyInForce

_SCHEDULE = "schedule:"


def schedules_named(policy: PolicyInForce) -> tuple[str, ...]:
    """Their names, each once, in the order of the policy."""
    named = (target.removeprefix(_SCHEDULE) for target in _targets(policy) if target.startswith(_SCHEDULE))
    return tuple(dict.fromkeys(named))


def _targets(policy: PolicyInForce) -> Iterator[str]:
    yield from policy.timing.escalate_to
    for route in policy.response.paging.routes:
        for level in route.levels:
            yield from level.to
