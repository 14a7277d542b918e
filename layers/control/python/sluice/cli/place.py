"""Where the ledger is that a command speaks of."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from sluice.adapters.aws_errors import translated
from sluice.adapters.ledger_archive import S3LedgerArchive
from sluice.adapters.ledger_table import DynamoLedger
from sluice.adapters.records import DynamoRecords
from sluice.errors import InvalidInput
from sluice.model.commit import PLATFORM_CHAIN, group_chain


class Place:
    """Makes the ports of a command from its arguments; names that are not given are looked up when first needed."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self._described = _description(asked.local) if asked.local else None
        self._session = Session()
        if self._described and not self._session.get_credentials():
            # The embedded cloud takes the account's number as its root user's key.
            self._session.set_credentials(self._described["account_id"], "local")

    def ledger(self) -> DynamoLedger:
        """The ledger table and the markers."""
        return DynamoLedger(
            self._client("dynamodb"),
            ledger_table=self._asked.table or self._output("LedgerTableName"),
            control_table=self._asked.control_table or self._output("ControlTableName"),
        )

    def records(self) -> DynamoRecords:
        """The records, to be read."""
        control = self._asked.control_table or self._output("ControlTableName")
        return DynamoRecords(self._client("dynamodb"), control, "", "")

    def archive(self) -> S3LedgerArchive:
        """The locked export."""
        return S3LedgerArchive(self._client("s3"), self._asked.bucket or self._output("ArchiveBucketName"))

    def _client(self, service: str) -> Any:
        told = self._described or {}
        endpoint = self._asked.endpoint_url or told.get("aws_endpoint_url")
        try:
            return self._session.create_client(
                service,
                region_name=self._asked.region or told.get("region"),
                endpoint_url=endpoint,
                config=Config(retries={"mode": "standard"}, s3={"addressing_style": "path"} if endpoint else None),
            )
        except (BotoCoreError, ValueError) as error:
            raise InvalidInput(str(error)) from error

    def _output(self, name: str) -> str:
        if self._described is None:
            self._described = self._stack_outputs()
        if name not in self._described:
            raise InvalidInput(f"{name} is not among the outputs of {self._asked.local or self._asked.stack}")
        return self._described[name]

    def _stack_outputs(self) -> Mapping[str, str]:
        with translated("DescribeStacks"):
            answer = self._client("cloudformation").describe_stacks(StackName=self._asked.stack)
        return {output["OutputKey"]: output["OutputValue"] for output in answer["Stacks"][0].get("Outputs", ())}


def chain_named(name: str) -> str:
    """The chain that somebody means: a model group's name, `group/NAME` or `platform`."""
    if name == PLATFORM_CHAIN:
        return PLATFORM_CHAIN
    group = name.removeprefix("group/")
    if not group or "/" in group:
        raise InvalidInput(f"not a model group or `platform`: {name}")
    return group_chain(group)


def _description(path: str) -> Mapping[str, str]:
    try:
        described = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read; is the embedded cloud up? ({error})") from error
    if not isinstance(described, dict) or "account_id" not in described:
        raise InvalidInput(f"{path} does not describe an embedded cloud")
    return described
