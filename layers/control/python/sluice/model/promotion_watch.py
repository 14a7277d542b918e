"""What is remembered of the days after a promotion, in which the new version is compared with what served before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PromotionWatch:
    """The comparison of one endpoint (record kind `promotion_watch`, id = `REGION/lower-case name`).

    `config` is what was promoted, by `rollout_id`. `pins` are the limits of latency, fixed at the first look.
    """

    KIND: ClassVar[str] = "promotion_watch"

    rollout_id: str
    config: str
    pins: Mapping[str, float] = field(default_factory=dict)
