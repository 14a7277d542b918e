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


class PermanentFailure(SluiceError):
    """A neighbour refused for a reason that repeating does not change."""
