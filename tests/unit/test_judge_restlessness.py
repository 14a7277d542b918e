"""What is learnt of a metric from the baseline's own minutes, whatever those minutes are like."""

import pytest

from sluice.core.judge.restlessness import RECENT, Restlessness


@pytest.mark.parametrize("quiet", [1, 3, 10, RECENT + 5])
def test_an_endpoint_that_was_quiet_or_not_there_at_first_can_be_learnt_from(quiet: int) -> None:
    """An endpoint younger than the history that is read has minutes without a request; the first canary died of it."""
    late, busy = Restlessness(), Restlessness()
    for _ in range(quiet):
        late.step(0.0, 0.0)

    for minute in range(RECENT):
        late.step(1000.0, 10.0 + minute % 3)
        busy.step(1000.0, 10.0 + minute % 3)

    assert late.log_likelihoods[0] == pytest.approx(busy.log_likelihoods[0], abs=20)


def test_hours_without_requests_in_between_are_no_error() -> None:
    learnt = Restlessness()

    for minute in range(4 * RECENT):
        learnt.step(*((1000.0, 10.0) if minute < RECENT or minute > 3 * RECENT else (0.0, 0.0)))

    assert all(value <= 0 for value in learnt.log_likelihoods)
