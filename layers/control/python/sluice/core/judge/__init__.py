"""The judge of a canary: counts a minute in, a verdict with its numbers out. It remembers nothing."""

from sluice.core.judge.counts import evidence_by_minute, first_rollback_minute
from sluice.core.judge.judging import judge
from sluice.core.judge.readings import judge_metric

__all__ = ["evidence_by_minute", "first_rollback_minute", "judge", "judge_metric"]
