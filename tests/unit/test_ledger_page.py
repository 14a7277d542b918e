"""The page that explains the ledger is right about its format."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from sluice.adapters.ledger_lines import line_of, record_of_line
from sluice.core.verify_ledger import verify
from sluice.model.ledger import LedgerRecord
from sluice.model.verification import FaultKind

PAGE = (Path(__file__).resolve().parents[2] / "docs/ledger.md").read_text(encoding="utf-8")


def example() -> str:
    found = re.search(r"```json\n(.+)\n```", PAGE)
    assert found is not None
    return found[1]


def test_the_example_is_the_first_record_of_a_chain_that_holds() -> None:
    record = record_of_line(example().encode(), seq=1)

    assert isinstance(record, LedgerRecord)
    assert verify(record.chain, [record]).holds
    assert line_of(record).decode() == example() + "\n"


def test_the_example_hashes_as_the_page_says() -> None:
    fields = json.loads(example())
    header = ["sluice.ledger.v1.record", *(fields[n] for n in ("chain", "seq", "at", "kind", "subject", "key", "prev"))]
    text = json.dumps(header, separators=(",", ":")) + "\n" + fields["body"]

    assert sha256(text.encode()).hexdigest() == fields["hash"]
    assert sha256(b'["sluice.ledger.v1.genesis","group/fraud"]').hexdigest() == fields["prev"]


@pytest.mark.parametrize("kind", [FaultKind.UNEXPORTED, FaultKind.EDITED])
def test_faults_are_called_by_their_names(kind: FaultKind) -> None:
    assert kind.value in PAGE
