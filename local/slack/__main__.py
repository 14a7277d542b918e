"""Run a local Slack by itself: `python -m local.slack [PORT]`, until interrupted."""

import contextlib
import sys
import threading

from local.slack import server


def main() -> None:
    """Start, say where it is and how to sign in, and wait."""
    slack = server.start(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"Slack Web API   {slack.url}")
    print(f"Bot token       {slack.bot_token}")
    print(f"Signing secret  {slack.signing_secret}")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    slack.stop()


if __name__ == "__main__":
    main()
