"""The small tree of exceptions: what a step cannot finish. Their class names are what `ErrorEquals` names."""


class SluiceError(Exception):
    """Root of everything that Sluice raises itself."""


class InvalidInput(SluiceError):
    """What arrived cannot be understood or is not ours; repeating it cannot help."""


class StaleRecord(SluiceError):
    """Someone else wrote the record first: read it again and decide again."""


class TransientFailure(SluiceError):
    """A neighbour (AWS, Slack) could not serve now; the same call may succeed later."""


class ChannelUnavailable(TransientFailure):
    """A channel of Slack's takes nothing of ours until somebody puts that right."""


class Throttled(TransientFailure):
    """A neighbour asks to be left alone for `wait_s` seconds; 0 when it does not say how long."""

    def __init__(self, what: str, wait_s: int = 0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


class PermanentFailure(SluiceError):
    """A neighbour refused for a reason that repeating does not change."""


class EndpointSettling(SluiceError):
    """A change of an endpoint is under way: look again soon. The machine's Retry of a change polls by it."""


class EndpointBusy(TransientFailure):
    """The endpoint takes no change now: it is being updated."""


class CapacityRefused(PermanentFailure):
    """AWS has no room for the instances: a quota, or no capacity of that type now."""


class ChangeFailed(SluiceError):
    """A change of an endpoint did not come true: refused, failed, or silently taken back by SageMaker."""


class EndpointDiverged(SluiceError):
    """The endpoint is not as the rollout left it: somebody else changed it, and it is not to be overwritten."""


class LockLost(SluiceError):
    """Another rollout holds the endpoint now: this one may change nothing any more."""
