"""Which metrics a phase can show at all: what is judged without them would never be decided. Pure."""

from dataclasses import replace

from sluice.model.judging import JudgeRule
from sluice.model.rollout import Phase
from sluice.model.rollout_rules import MetricSource, RolloutRules


def visible(rules: RolloutRules, phase: Phase) -> tuple[JudgeRule, tuple[MetricSource, ...]]:
    """The judge's rule and the sources of a phase: a shadow serves nobody, so no figure of the team's own knows it."""
    if phase is not Phase.SHADOW:
        return rules.judge, rules.sources
    sources = tuple(source for source in rules.sources if not source.is_own)
    names = {source.name for source in sources}
    return replace(rules.judge, metrics=tuple(m for m in rules.judge.metrics if m.name in names)), sources
