"""How the engine is started: everything that the launcher decides, given as command-line arguments."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "111122223333"
"""The account of the embedded cloud; also the access key of its root user."""

REGION = "us-east-1"

SECRET = "test"  # noqa: S105  # pragma: allowlist secret  # the engine's documented key of its root user
"""The secret key of the root user."""


@dataclass(frozen=True)
class Settings:
    """What one engine needs to know."""

    port: int
    state: Path
    region: str

    @property
    def function_logs(self) -> Path:
        """Folder with one log a function."""
        return self.state / "functions"


_current: list[Settings] = []


def from_arguments(arguments: list[str]) -> Settings:
    """Read the command line and make the folders."""
    parser = argparse.ArgumentParser(prog="python -m local.engine", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, help="folder for logs, objects and temporary files")
    parser.add_argument("--region", default=REGION)
    options = parser.parse_args(arguments)
    settings = Settings(options.port, options.state.resolve(), options.region)
    for folder in (settings.function_logs, settings.state / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    _current[:] = [settings]
    return settings


def current() -> Settings:
    """The settings of this engine."""
    return _current[0]


def environment(settings: Settings) -> dict[str, str]:
    """What ministack reads from the environment when it is imported."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "LOCALSTACK_", "MINISTACK_"))}
    return inherited | {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": settings.region,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": settings.region,
        "S3_DATA_DIR": str(settings.state / "s3"),
        "STATE_DIR": str(settings.state / "state"),
        "TMPDIR": str(settings.state / "tmp"),
    }
