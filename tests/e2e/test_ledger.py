"""The ledger in the whole cloud: committed, exported by the stream under the function's own role, proved by the command."""

import json
import time
from collections.abc import Callable

import pytest

from local.cloud import Cloud
from sluice.adapters.records import DynamoRecords
from sluice.cli import main
from sluice.model.commit import Commit, Entry
from sluice.model.ids import Micros

pytestmark = pytest.mark.e2e


@pytest.fixture
def sluice(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command line on the running cloud."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["ledger", *arguments, "--local", str(cloud.state / "outputs.json")])
        return code, capsys.readouterr().out

    return run


def write(cloud: Cloud, group: str, count: int) -> None:
    names = (cloud.outputs[f"{table}TableName"] for table in ("Control", "Ledger", "Outbox"))
    records = DynamoRecords(cloud.client("dynamodb"), *names)
    for number in range(count):
        body = {"person": "U0ANNA", "choice": "approve"}
        entry = Entry(f"group/{group}", f"vote|{number}", "VoteCast", f"{group}/1/1", body)
        records.commit(Commit(entries=(entry,)), at=Micros(time.time_ns() // 1000))


def test_what_was_committed_is_exported_told_and_proved(
    cloud: Cloud, group: str, sluice: Callable[..., tuple[int, str]]
) -> None:
    write(cloud, group, 5)

    exported = 0
    deadline = time.monotonic() + 30
    while exported < 5 and time.monotonic() < deadline:
        code, out = sluice("verify", group, "--json")
        exported = json.loads(out)["exported_up_to"]
        assert code == 0

    assert exported == 5
    assert sluice("show", f"{group}/1/1")[1].count("U0ANNA voted approve") == 5
