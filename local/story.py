"""`make demo`: a model on its way from registration to a recorded decision, in the terminal and on the console."""

import argparse
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from local.cloud import ROOT, Cloud
from local.team import BEN, CHEN, Team

GROUP = "fraud-detector"


class Teller:
    """Tells a person what happens, with the seconds since the start."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def say(self, text: str = "") -> None:
        """One line of the story."""
        print(f"[{time.monotonic() - self._begun:5.1f} s] {text}" if text else "", flush=True)

    def during[T](self, text: str, act: Callable[[], T]) -> T:
        """Say what is about to happen and let it happen."""
        self.say(text)
        return act()


def main() -> None:
    """Play the story, then stay up for whoever wants to press the buttons themselves."""
    parser = argparse.ArgumentParser(prog="python -m local.story", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for outputs, logs and data")
    parser.add_argument("--once", action="store_true", help="end after the story instead of staying up")
    options = parser.parse_args()
    teller = Teller()
    teller.say("Booting an AWS of your own (nothing leaves this machine) and deploying template.yaml …")
    with Cloud(state=options.state, console=True) as cloud:
        teller.say(f"Deployed. The console is at {cloud.outputs['console_url']}")
        play(cloud, teller)
        if options.once or not sys.stdin.isatty():
            teller.say("The story is over. `make local` keeps the cloud up.")
            return
        _invite(cloud)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def play(cloud: Cloud, teller: Teller) -> Team:
    """A good version is approved, a bad one is stopped, a third waits for you."""
    team = Team(cloud)
    teller.during("The platform team writes who is who (/sluice/people).", team.introduce)
    teller.during(f"The fraud team enrols {GROUP} with a policy in Parameter Store.", lambda: team.enrol(GROUP))
    _approved(team, teller)
    _stopped(team, teller)
    _proven(cloud, teller)
    team.register(GROUP, auc=0.93)
    team.card(GROUP)
    teller.say("Anna registered version 3. Its card is in the channel and waits: for you.")
    return team


def _approved(team: Team, teller: Teller) -> None:
    arn = teller.during("Anna registers version 1 with an AUC of 0.91.", lambda: team.register(GROUP, auc=0.91))
    team.card(GROUP)
    teller.say("  Sluice collected the evidence, checked the gates and asked in Slack.")
    team.press(BEN, GROUP)
    team.until(lambda: team.entries(GROUP, "VoteCast"), "Ben's vote")
    teller.say("  Ben (data science) pressed Approve. ML engineering still has to decide.")
    team.press(CHEN, GROUP)
    team.concluded(GROUP, "approved")
    teller.say(f"  Chen (ML engineering) pressed Approve. The registry says: {team.status(arn)}.")
    teller.say(f"    “{team.description(arn)}”")


def _stopped(team: Team, teller: Teller) -> None:
    arn = teller.during("Anna registers version 2 with an AUC of 0.79.", lambda: team.register(GROUP, auc=0.79))
    team.concluded(GROUP, "gates_failed")
    teller.say(f"  Nobody was asked. The registry says: {team.status(arn)}.")
    teller.say(f"    “{team.description(arn)}”")


def _proven(cloud: Cloud, teller: Teller) -> None:
    teller.say("Who decided what, on which evidence? `sluice ledger verify` checks the hash chains:")
    sluice = str(Path(sys.executable).with_name("sluice"))
    command = [sluice, "ledger", "verify", "--local", str(cloud.state / "outputs.json")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in (answer.stdout + answer.stderr).strip().splitlines():
        teller.say(f"    {line}")


def _invite(cloud: Cloud) -> None:
    print(
        f"\nNow you: open {cloud.outputs['console_url']}\n"
        "  1. Choose to be Ben, and press Approve on the card of version 3.\n"
        "  2. Choose to be Anna, who registered it, and try the same: you will be told why not.\n"
        "  3. Choose to be Chen and press Approve: watch the registry and the ledger change.\n"
        "  4. Register a version of your own with the form, good or bad.\n\nCtrl-C stops everything.",
        flush=True,
    )


if __name__ == "__main__":
    main()
