"""The engine as a child process: started on a free port, watched until it answers, terminated at the end.

The child keeps an eye on its standard input: when the parent is gone, however it went, the engine ends too.
"""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from local.engine.settings import REGION

_ROOT = Path(__file__).resolve().parents[2]
_BOOT_S = 30.0
_STOP_S = 5.0


class EngineFailed(RuntimeError):
    """The engine did not come up; the message holds the end of its log."""


class Engine:
    """One running engine.

    with Engine(Path("/tmp/state")) as engine:
        boto3.client("s3", endpoint_url=engine.url, ...)
    """

    def __init__(self, state: Path, *, port: int = 0, region: str = REGION) -> None:
        self.state = state.resolve()
        self.region = region
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Endpoint of every AWS service, and of `/_sluice/`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the engine wrote."""
        return self.state / "engine.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.state.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local.engine", "--port", str(self.port), "--state", str(self.state)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # our own module
                [*command, "--region", self.region],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _BOOT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EngineFailed(f"the engine did not start; {self.log} ends with:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Let the process end and wait for it; the functions' processes end with it."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # what tells the engine to end
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1) as answer:  # noqa: S310  # http on loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
