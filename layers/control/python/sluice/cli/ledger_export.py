"""`sluice ledger export`: a bundle for auditors, with a manifest of its hashes."""

import argparse
import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sluice.adapters.ledger_lines import line_of
from sluice.cli.place import Place, chain_named
from sluice.core.ledger import genesis, head_of
from sluice.core.ledger_words import moment, told
from sluice.errors import InvalidInput
from sluice.model.ledger import Head, LedgerRecord, Unreadable
from sluice.ports import LedgerArchive, LedgerReading
from sluice.usecases.verify_ledger import known_chains, verify_ledger

_COLUMNS = ("chain", "seq", "at", "moment", "kind", "subject", "key", "told", "body", "prev", "hash")


@dataclass(slots=True)
class _Written:
    """What a file of the bundle holds so far."""

    head: Head
    records: int = 0
    unreadable: int = 0


def export(asked: argparse.Namespace) -> int:
    """Write one file a chain and `manifest.json`; 1 when a chain does not hold, which the manifest says too."""
    folder = _empty_folder(Path(asked.to))
    place = Place(asked)
    ledger, archive = place.ledger(), place.archive()
    chains = [chain_named(name) for name in asked.chain] or known_chains(ledger, archive)
    files = [_exported(chain, ledger, archive, folder / _file_name(chain, asked.format)) for chain in chains]
    manifest = {"format": "sluice.ledger.bundle.v1", "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(f"{len(files)} chains, {sum(file['records'] for file in files)} records written to {folder}")
    faulty = [file["chain"] for file in files if file["fault"]]
    if faulty:
        print(f"FAULT in {', '.join(faulty)}: see manifest.json")
    return 1 if faulty else 0


def _empty_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be used: {error}") from error
    if taken:
        raise InvalidInput(f"{folder} is not empty; a bundle is never mixed with older files")
    return folder


def _file_name(chain: str, ending: str) -> str:
    return f"{chain.replace('/', '__')}.{ending}"


def _exported(chain: str, ledger: LedgerReading, archive: LedgerArchive, path: Path) -> dict[str, Any]:
    """Write a chain's file; answers its entry in the manifest."""
    found = verify_ledger(chain, ledger, archive)
    written = _Written(genesis(chain))
    lines = _rows(ledger.read(chain), written, as_csv=path.suffix == ".csv")
    digest = _write(path, lines)
    return {
        "chain": chain,
        "file": path.name,
        "sha256": digest,
        "records": written.records,
        "unreadable": written.unreadable,
        "head": {"seq": written.head.seq, "hash": written.head.hash},
        "exported_up_to": found.exported_up_to,
        "fault": found.fault and f"{found.fault.kind} at {found.fault.seq}: {found.fault.words}",
    }


def _write(path: Path, lines: Iterable[bytes]) -> str:
    digest = sha256()
    with path.open("xb") as file:
        for line in lines:
            file.write(line)
            digest.update(line)
    return digest.hexdigest()


def _rows(records: Iterable[LedgerRecord | Unreadable], written: _Written, *, as_csv: bool) -> Iterator[bytes]:
    if as_csv:
        yield _csv_line(_COLUMNS)
    for record in records:
        if isinstance(record, Unreadable):
            written.unreadable += 1
            continue
        written.records += 1
        written.head = head_of(record)
        yield _csv_line(_cells(record)) if as_csv else line_of(record)


def _cells(record: LedgerRecord) -> Iterator[str]:
    shown = {"moment": moment(record.at), "told": told(record)}
    return (_plain(str(shown.get(name, getattr(record, name, "")))) for name in _COLUMNS)


def _plain(text: str) -> str:
    """A cell that a spreadsheet shows and never runs as a formula: names and reasons come from anybody."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "backslashreplace")
