"""Where a message of ours is in Slack."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """The channel that Slack answered with, and the `ts` that names the message in it."""

    channel: str
    ts: str
