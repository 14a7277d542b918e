"""`sluice ledger …` against an emulated AWS with a ledger and its export."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sluice.adapters.ledger_archive import S3LedgerArchive
from sluice.adapters.ledger_table import DynamoLedger
from sluice.adapters.record_items import record_attributes
from sluice.adapters.records import DynamoRecords
from sluice.cli import main
from sluice.model.commit import Commit, Entry
from sluice.model.ids import GroupName, Micros
from sluice.model.ledger import LedgerRecord
from sluice.usecases.remembering import keep
from tests.contract.tables import create_tables
from tests.trouble import an_incident

FRAUD = "group/fraud"
WHERE = ["--region", "us-east-1", "--table", "ledger", "--control-table", "control", "--bucket", "archive"]


class Deployed:
    """A ledger of five records of one group and one of the platform, the first three exported."""

    def __init__(self) -> None:
        self.dynamodb: Any = boto3.client("dynamodb")
        self.s3: Any = boto3.client("s3")
        tables = create_tables(self.dynamodb)
        self.records = DynamoRecords(self.dynamodb, tables.control, tables.ledger, tables.outbox)
        self.ledger = DynamoLedger(self.dynamodb, ledger_table=tables.ledger, control_table=tables.control)
        self.s3.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
        for number in range(1, 6):
            self.write(f"fraud/{number // 3}/1", number)
        self.write("people", 1, chain="platform")
        S3LedgerArchive(self.s3, "archive").write(self.chain()[:3])

    def write(self, subject: str, number: int, *, chain: str = FRAUD) -> None:
        body = {"person": "U0ANNA", "name": "=Anna", "choice": "approve", "number": number}
        entry = Entry(chain, f"vote|{number}", "VoteCast", subject, body)
        self.records.commit(Commit(entries=(entry,)), at=Micros(1_790_000_000_000_000 + number))

    def chain(self) -> list[LedgerRecord]:
        return [record for record in self.ledger.read(FRAUD) if isinstance(record, LedgerRecord)]

    def put(self, record: LedgerRecord) -> None:
        self.dynamodb.put_item(TableName="ledger", Item=record_attributes(record))

    def delete(self, seq: int) -> None:
        self.dynamodb.delete_item(TableName="ledger", Key={"pk": {"S": FRAUD}, "sk": {"N": str(seq)}})


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Deployed()


def test_a_group_is_shown_newest_last(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["ledger", "show", "fraud", *WHERE])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert "=Anna (U0ANNA) voted approve" in lines[0]


def test_a_release_is_shown_alone(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["ledger", "show", "Fraud/1/1", *WHERE])

    assert code == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["3", "4", "5"]


def test_an_incident_is_shown_with_its_rollbacks(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    incident = an_incident()
    entries = (
        Entry(FRAUD, "opened", "IncidentOpened", f"incident/{incident.id}", {"severity": "error", "source": "alarm/a"}),
        Entry(FRAUD, "other", "IncidentOpened", "incident/other", {"severity": "error", "source": "alarm/b"}),
        Entry(FRAUD, "back", "RollbackDone", "rollback/1", {"incident_id": incident.id, "to_version": 6}),
    )
    saves = (keep(None, replace(incident, group=GroupName("fraud")), incident.id),)
    deployed.records.commit(Commit(saves, entries), at=Micros(1_790_000_000_000_009))

    code = main(["ledger", "show", f"incident/{incident.id}", *WHERE])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert ["incident opened (error): alarm/a" in lines[0], "taken back to version 6" in lines[1]] == [True, True]
    assert len(lines) == 2


def test_an_incident_that_is_not_on_record_is_a_wrong_question(deployed: Deployed) -> None:
    del deployed

    assert main(["ledger", "show", f"incident/{'0' * 32}", *WHERE]) == 2


def test_the_newest_records_are_shown_as_json(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ledger", "show", "fraud", "--json", "--last", "2", *WHERE])

    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [4, 5]


def test_verify_names_head_export_and_tail_of_every_chain(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["ledger", "verify", *WHERE])

    out = capsys.readouterr().out
    assert code == 0
    assert f"head            5:{deployed.chain()[-1].hash}" in out
    assert "exported up to  3" in out
    assert "not yet         4 to 5" in out
    assert "2 chains verified, 0 with a fault" in out


def test_verify_as_json_is_one_object_a_chain(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ledger", "verify", "--json", *WHERE])

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(f["chain"], f["records"], f["tail"], f["holds"]) for f in found] == [
        (FRAUD, 5, [4, 5], True),
        ("platform", 1, [1, 1], True),
    ]


@pytest.mark.parametrize("seq, kind", [(2, "edited"), (4, "edited")], ids=["after its export", "before its export"])
def test_an_edited_record_is_a_fault(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], seq: int, kind: str
) -> None:
    deployed.put(replace(deployed.chain()[seq - 1], body="{}"))

    code = main(["ledger", "verify", "fraud", *WHERE])

    assert code == 1
    assert f"FAULT at {seq}, {kind}" in capsys.readouterr().out


@pytest.mark.parametrize("cut", [[5], [4, 5], [2, 3, 4, 5], [1, 2, 3, 4, 5]])
def test_a_cut_tail_is_a_fault(deployed: Deployed, capsys: pytest.CaptureFixture[str], cut: list[int]) -> None:
    for seq in cut:
        deployed.delete(seq)

    code = main(["ledger", "verify", *WHERE])

    assert code == 1
    assert f"FAULT at {cut[0]}, truncated" in capsys.readouterr().out


def test_an_export_overwritten_by_a_forger_does_not_bless_the_forgery(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = replace(deployed.chain()[0], body="{}")
    deployed.put(forged)
    key = "ledger/group/fraud/000000000001-000000000003.jsonl"
    deployed.s3.put_object(Bucket="archive", Key=key, Body=b"forged")

    code = main(["ledger", "verify", "fraud", *WHERE])

    assert code == 1
    assert "FAULT at 1, edited: changed after its export (body)" in capsys.readouterr().out


def test_a_noted_head_is_a_witness(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    head = deployed.chain()[-1]

    good = main(["ledger", "verify", "fraud", "--head", f"5:{head.hash}", *WHERE])
    bad = main(["ledger", "verify", "fraud", "--head", f"5:{'0' * 64}", *WHERE])

    assert (good, bad) == (0, 1)
    assert "the head given with --head knows it by another hash" in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_bundle_holds_every_chain_and_a_manifest_of_hashes(deployed: Deployed, tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "bundle"

    code = main(["ledger", "export", "--to", str(folder), "--format", ending, *WHERE])

    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert code == 0
    assert [(f["chain"], f["records"], f["exported_up_to"], f["fault"]) for f in files] == [
        (FRAUD, 5, 3, None),
        ("platform", 1, 0, None),
    ]
    assert all(sha256((folder / f["file"]).read_bytes()).hexdigest() == f["sha256"] for f in files)
    assert files[0]["head"]["hash"] == deployed.chain()[-1].hash


def test_a_bundle_for_spreadsheets_runs_no_formula(deployed: Deployed, tmp_path: Path) -> None:
    main(["ledger", "export", "fraud", "--to", str(tmp_path), "--format", "csv", *WHERE])

    with (tmp_path / "group__fraud.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {row["told"] for row in rows} == {"'=Anna (U0ANNA) voted approve"}


def test_a_bundle_of_a_faulty_chain_says_so(deployed: Deployed, tmp_path: Path) -> None:
    deployed.delete(2)

    code = main(["ledger", "export", "fraud", "--to", str(tmp_path), *WHERE])

    (file,) = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert code == 1
    assert file["fault"].startswith("missing at 2")


def test_names_come_from_the_stack(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = {
        name: {"Value": value}
        for name, value in (
            ("LedgerTableName", "ledger"),
            ("ControlTableName", "control"),
            ("ArchiveBucketName", "archive"),
        )
    }
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    cloudformation: Any = boto3.client("cloudformation")
    cloudformation.create_stack(StackName="mine", TemplateBody=json.dumps(template))

    code = main(["ledger", "verify", "--stack", "mine"])

    assert code == 0
    assert "2 chains verified" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "a/b", *WHERE],
        ["verify", "--head", "5:abc", "fraud", *WHERE],
        ["verify", "--head", f"5:{'0' * 64}", *WHERE],
        ["show", "fraud", "--last", "-1", *WHERE],
        ["verify", "--local", "nowhere.json"],
        ["export", "--to", "/proc/none", *WHERE],
    ],
)
def test_a_wrong_question_is_answered_with_2(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["ledger", *arguments]) == 2
    assert capsys.readouterr().err.startswith("sluice: ")


def test_a_table_that_is_not_there_is_told_in_one_line(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["ledger", "show", "fraud", "--region", "us-east-1", "--table", "none", "--control-table", "none"])

    assert code == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
