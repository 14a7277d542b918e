"""`python -m local`: the embedded cloud stays up until it is interrupted."""

import argparse
import contextlib
import logging
import signal
import threading
from pathlib import Path

from local.cloud import ROOT, Cloud
from local.ending import plainly


def main() -> None:
    """Start everything, say where it is, and wait for Ctrl-C or a termination."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for outputs, logs and data")
    parser.add_argument("--port", type=int, default=0, help="port of the AWS endpoint; a free one by default")
    parser.add_argument("--scale", type=float, default=1.0, help="simulated seconds in a real one")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with plainly(), Cloud(state=options.state, port=options.port, scale=options.scale, console=True) as cloud:
        _explain(cloud)
        with contextlib.suppress(KeyboardInterrupt):
            over.wait()
        print("stopping")


def _explain(cloud: Cloud) -> None:
    print(f"\nThe embedded cloud is up. Outputs: {cloud.state / 'outputs.json'}\n")
    for name in ("console_url", "aws_endpoint_url", "slack_url", "pager_url"):
        if name in cloud.outputs:
            print(f"  {name:18} {cloud.outputs[name]}")
    print(
        "\nTry it with the AWS CLI:\n"
        f"  export AWS_ENDPOINT_URL={cloud.url} AWS_DEFAULT_REGION={cloud.outputs['region']} "
        f"AWS_ACCESS_KEY_ID={cloud.outputs['account_id']} AWS_SECRET_ACCESS_KEY=test\n"
        "  aws sagemaker list-model-package-groups\n\nCtrl-C stops it.",
        flush=True,
    )


if __name__ == "__main__":
    main()
