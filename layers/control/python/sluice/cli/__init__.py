"""`sluice`: the command line. Commands import what they need when they run."""

import argparse
import sys
from collections.abc import Sequence

from sluice.errors import InvalidInput, SluiceError

DEFAULT_STACK = "sluice-dev"
"""What `make deploy` makes unless another environment is named."""

_FAULT, _USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all is well, 1 when it found a fault or could not finish, 2 when it was asked wrongly."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except InvalidInput as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _USAGE
    except SluiceError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _FAULT


def _run(asked: argparse.Namespace) -> int:
    match asked.command:
        case "show":
            from sluice.cli.ledger_show import show as command
        case "verify":
            from sluice.cli.ledger_verify import verify as command
        case _:
            from sluice.cli.ledger_export import export as command
    return command(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sluice", description="Sluice on the command line.")
    topics = parser.add_subparsers(dest="topic", required=True)
    ledger = topics.add_parser("ledger", help="what was decided, by whom, on which evidence, and its proof")
    commands = ledger.add_subparsers(dest="command", required=True)
    place = _place()
    show = commands.add_parser("show", parents=[place], help="tell a chain, a release or an incident, newest last")
    show.add_argument("what", help="model group, `platform`, release GROUP/VERSION/GENERATION, or incident/ID")
    show.add_argument("--json", action="store_true", help="whole records, one JSON object a line")
    show.add_argument("--last", type=int, default=0, metavar="N", help="only the newest N records")
    verify = commands.add_parser("verify", parents=[place], help="prove chains against the locked export")
    verify.add_argument("chain", nargs="*", help="model groups or `platform`; all chains when none is given")
    verify.add_argument("--head", metavar="SEQ:HASH", help="a head noted earlier, of the one chain that is verified")
    verify.add_argument("--json", action="store_true", help="one JSON object a chain")
    export = commands.add_parser("export", parents=[place], help="write a bundle with a manifest for auditors")
    export.add_argument("chain", nargs="*", help="model groups or `platform`; all chains when none is given")
    export.add_argument("--to", required=True, metavar="FOLDER", help="a new or empty folder")
    export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    return parser


def _place() -> argparse.ArgumentParser:
    place = argparse.ArgumentParser(add_help=False)
    where = place.add_argument_group("where the ledger is")
    where.add_argument(
        "--stack", default=DEFAULT_STACK, help=f"stack whose outputs name tables and bucket (default {DEFAULT_STACK})"
    )
    where.add_argument("--table", help="ledger table, instead of the stack's")
    where.add_argument("--control-table", help="control table, instead of the stack's")
    where.add_argument("--bucket", help="archive bucket, instead of the stack's")
    where.add_argument("--region", help="AWS region, else that of the environment or profile")
    where.add_argument("--endpoint-url", help="endpoint of AWS, else AWS_ENDPOINT_URL or AWS itself")
    where.add_argument(
        "--local",
        nargs="?",
        const=".local/outputs.json",
        metavar="FILE",
        help="the embedded cloud, as it describes itself in FILE (default .local/outputs.json)",
    )
    return place
