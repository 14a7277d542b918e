"""`make demo`: models on their way to production and back from it, by day and by night, in terminal and console."""

import argparse
import contextlib
import subprocess
import sys
import threading
from pathlib import Path

from local.cloud import ROOT, Cloud
from local.ending import plainly
from local.incident_story import Trouble
from local.rollout_story import ENDPOINT, ROLLOUT_POLICY, Production
from local.story_teller import Teller
from local.team import CHEN, Team

GROUP = "fraud-detector"
_USUAL, _BAD = 0.01, 0.03
"""Part of the requests that fail: of every version but one."""
_MORNING_S = 4 * 3600.0


def main() -> None:
    """Play the story, then stay up for whoever wants to press the buttons themselves."""
    parser = argparse.ArgumentParser(prog="python -m local.story", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for outputs, logs and data")
    parser.add_argument("--once", action="store_true", help="end after the story instead of staying up")
    options = parser.parse_args()
    teller = Teller()
    teller.say("Booting an AWS of your own (nothing leaves this machine) and deploying template.yaml …")
    with plainly(), Cloud(state=options.state, console=True) as cloud:
        teller.say(f"Deployed. The console is at {cloud.outputs['console_url']}")
        play(cloud, teller)
        if options.once or not sys.stdin.isatty():
            teller.say("The story is over, and this cloud ends with it.")
            teller.say("In a terminal `make demo` stays up here, and you decide about version 5.")
            return
        _invite(cloud)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def play(cloud: Cloud, teller: Teller) -> Team:
    """Versions are approved, stopped, promoted and taken back, one a day later; the last one waits for you."""
    team = Team(cloud)
    production = Production(cloud, team, teller, GROUP)
    teller.during("The platform team writes who is who (/sluice/people).", team.introduce)
    policy = f"The fraud team enrols {GROUP} with a policy in Parameter Store."
    teller.during(policy, lambda: team.enrol(GROUP, ROLLOUT_POLICY))
    production.prepare()
    _first(team, teller, production)
    _stopped(team, teller)
    _promoted(team, teller, production)
    _taken_back(team, teller, production)
    Trouble(team, production, teller).play()
    _proven(cloud, teller)
    _waiting(team, teller, production)
    return team


def _first(team: Team, teller: Teller, production: Production) -> None:
    arn = teller.during("Anna registers version 1 with an AUC of 0.91.", lambda: team.register(GROUP, auc=0.91))
    production.behave(arn, rate_5xx=_USUAL)
    team.card(GROUP)
    teller.say("  Sluice collected the evidence, checked the gates and asked in Slack.")
    production.approve(arn)
    teller.say(f"  Ben (data science) and Chen (ML engineering) pressed Approve: {team.status(arn)}.")
    production.roll_out(arn)
    # A morning of ordinary traffic: the judge learns from it how restless this endpoint is by itself.
    team.cloud.advance(_MORNING_S)
    teller.say("  Four hours of ordinary traffic pass: 6,000 requests a minute, 1 % of them fail.")


def _stopped(team: Team, teller: Teller) -> None:
    arn = teller.during("Anna registers version 2 with an AUC of 0.79.", lambda: team.register(GROUP, auc=0.79))
    team.concluded(GROUP, "gates_failed")
    teller.say(f"  Nobody was asked. The registry says: {team.status(arn)}.")
    teller.say(f"    “{team.description(arn)}”")


def _promoted(team: Team, teller: Teller, production: Production) -> None:
    arn = teller.during("Anna registers version 3, a little better.", lambda: team.register(GROUP, auc=0.92))
    production.behave(arn, rate_5xx=_USUAL, latency_ms=38)
    production.approve(arn)
    teller.say(f"  Approved. The canary begins; the clock runs {production.pace:.0f} times as fast from here on.")
    production.roll_out(arn)
    teller.say(f"  It took {production.minutes} simulated minutes from the lock to the end.")


def _taken_back(team: Team, teller: Teller, production: Production) -> None:
    words = "Anna registers version 4. Its AUC is the best yet; in production it fails 3 % of the requests."
    arn = teller.during(words, lambda: team.register(GROUP, auc=0.94))
    production.behave(arn, rate_5xx=_BAD)
    production.approve(arn)
    teller.say("  Everybody approved it: nothing in its evidence could tell.")
    production.roll_out(arn)
    team.until(lambda: team.status(arn) == "Rejected", "the rejection in the registry", seconds=120)
    teller.say(
        f"  Taken back {production.minutes} simulated minutes after the lock. The registry says: {team.status(arn)}."
    )
    teller.say(f"    “{team.description(arn)}”")


def _waiting(team: Team, teller: Teller, production: Production) -> None:
    arn = teller.during("Anna registers version 5, and it is approved.", lambda: team.register(GROUP, auc=0.93))
    production.behave(arn, rate_5xx=_USUAL)
    production.approve(arn)
    production.roll_out(arn, until=lambda record: record.get("phase") == "step")
    teller.say("  It serves a tenth of the traffic now; the clock is an ordinary one again.")


def _proven(cloud: Cloud, teller: Teller) -> None:
    teller.say("Who decided what, on which evidence? `.venv/bin/sluice ledger verify --local` checks the hash chains:")
    sluice = str(Path(sys.executable).with_name("sluice"))
    command = [sluice, "ledger", "verify", "--local", str(cloud.state / "outputs.json")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in (answer.stdout + answer.stderr).strip().splitlines():
        teller.say(f"    {line}")


def _invite(cloud: Cloud) -> None:
    print(
        f"\nVersion 5 waits for you. Open {cloud.outputs['console_url']}?as={CHEN}&show={ENDPOINT}\n"
        "  1. You are Chen. On the card of version 5 press Pause: the traffic stays where it is. Go on lets it go on.\n"
        "  2. Press Promote now… or Roll back… and say why: watch the traffic move, and the ledger keep your reason.\n"
        "  3. Choose to be Anna, and try the same: you will be told why not.\n"
        "  4. Under “Releases and ledger”, register a version of your own, good or bad, and decide on it.\n"
        "\nA step takes five minutes at least. Ctrl-C stops everything.",
        flush=True,
    )


if __name__ == "__main__":
    main()
