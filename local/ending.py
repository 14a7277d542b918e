"""How the commands of this package end: in words, whether they were interrupted or may not begin."""

import contextlib
import signal
import sys
from collections.abc import Iterator

from local.state_folder import StateFolderRefused

_INTERRUPTED = 128 + signal.SIGINT
"""The exit code that a shell gives to whatever Ctrl-C ended."""


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Ctrl-C at any moment, and a folder that is taken, end the process without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except StateFolderRefused as refused:
        sys.exit(str(refused))
