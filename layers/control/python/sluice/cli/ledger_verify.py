"""`sluice ledger verify`: is the ledger what it was?"""

import argparse
import json
import re

from sluice.cli.place import Place, chain_named
from sluice.errors import InvalidInput
from sluice.model.ledger import Head, Noted
from sluice.model.verification import Verification
from sluice.usecases.verify_ledger import known_chains, verify_ledger


def verify(asked: argparse.Namespace) -> int:
    """Print what was found of each chain; 1 when anything is wrong with any."""
    noted = _noted(asked)
    place = Place(asked)
    ledger, archive = place.ledger(), place.archive()
    chains = [chain_named(name) for name in asked.chain] or known_chains(ledger, archive)
    wrong = 0
    for chain in chains:
        found = verify_ledger(chain, ledger, archive, noted=noted)
        print(json.dumps(_facts(found)) if asked.json else _words(found), flush=True)
        wrong += not found.holds
    if not asked.json:
        print(f"{len(chains)} chains verified, {wrong} with a fault")
    return 1 if wrong else 0


def _noted(asked: argparse.Namespace) -> list[Noted]:
    if asked.head is None:
        return []
    given = re.fullmatch(r"([1-9]\d{0,11}):([0-9a-f]{64})", asked.head)
    if given is None or len(asked.chain) != 1:
        raise InvalidInput("--head takes SEQ:HASH of the one chain that is named")
    return [Noted(Head(int(given[1]), given[2]), "the head given with --head")]


def _words(found: Verification) -> str:
    lines = [
        found.chain,
        f"  records         {found.records}{'' if found.holds else ' before the fault'}",
        f"  head            {found.head.seq}:{found.head.hash}",
        f"  exported up to  {found.exported_up_to}",
        f"  not yet         {_tail(found)}",
        f"  verdict         {_verdict(found)}",
    ]
    return "\n".join(lines)


def _tail(found: Verification) -> str:
    if not found.holds and not found.tail:
        return "unknown: the walk ended at the fault"
    if not found.tail:
        return "none: all verified records are in the locked export"
    return f"{found.tail[0]} to {found.tail[-1]}: proved by the chain and its markers, not by the locked export"


def _verdict(found: Verification) -> str:
    if found.fault is None:
        return "holds"
    return f"FAULT at {found.fault.seq}, {found.fault.kind}: {found.fault.words}"


def _facts(found: Verification) -> dict[str, object]:
    fault = found.fault
    return {
        "chain": found.chain,
        "records": found.records,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "exported_up_to": found.exported_up_to,
        "tail": [found.tail[0], found.tail[-1]] if found.tail else None,
        "holds": found.holds,
        "fault": None if fault is None else {"seq": fault.seq, "kind": fault.kind.value, "words": fault.words},
    }
