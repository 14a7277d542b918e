"""A stage for the console: the engine with registry, tables and a small machine, the local Slack, and a stand-in app.

The app approves a package when somebody presses Approve, so that the page is tested apart from the product.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from slack_sdk import WebClient

from local.engine.process import Engine
from local.engine.settings import ACCOUNT_ID, REGION
from local.identities import Identities
from local.slack.server import SlackServer
from sluice.core.card import ACTIONS, approval_card
from sluice.core.ledger import append, genesis, head_of
from sluice.core.reason_modal import CALLBACKS, given_reason, reason_modal
from sluice.model.approval import Approval, ApprovalStatus, Choice, Vote
from sluice.model.codec import encode
from sluice.model.commit import Entry
from sluice.model.ids import ApprovalId, Micros, SlackUserId
from tests.approvals import an_approval

CHANNEL = "C0MODELS"
GROUP = "fraud-detector"
DIGEST = "ab" * 32
_PARTS = {"CollectEvidence": 1, "CheckGates": 1, "RequestApproval": 100_000}


class Stage:
    """Everything that the console looks at."""

    def __init__(self, engine: Engine, slack: SlackServer) -> None:
        self.slack = slack
        self.identities = Identities(engine.url, REGION)
        self.outputs = {
            "aws_endpoint_url": engine.url,
            "region": REGION,
            "account_id": ACCOUNT_ID,
            "slack_url": slack.root_url,
            "LedgerTableName": "ledger",
            "ControlTableName": "control",
            "ArchiveBucketName": "archive",
        }
        self._client = WebClient(token=slack.bot_token, base_url=slack.url)
        self._heads: dict[str, Any] = {}
        self._make_stores()
        self.outputs["ReleaseMachineArn"] = self._make_machine()
        self._app = _app(self._heard)
        url = f"http://127.0.0.1:{self._app.server_address[1]}/"
        slack.connect(url, url)
        self.approval: Approval | None = None

    def close(self) -> None:
        """Stop the stand-in app."""
        self._app.shutdown()
        self._app.server_close()

    def registry(self, package_arn: str) -> dict[str, Any]:
        """The package as the registry has it."""
        found: dict[str, Any] = self.identities.root("sagemaker").describe_model_package(ModelPackageName=package_arn)
        return found

    def ask(self, package_arn: str, **changes: Any) -> None:
        """Play the product up to the question: an execution that waits, evidence, ledger entries, the card."""
        version = int(package_arn.rpartition("/")[2])
        now = Micros(int(time.time() * 1_000_000))
        release = f"{GROUP}/{version}/1"
        times = {"requested_at": now, "delivered_at": now, "deadline": Micros(now + 86_400_000_000)}
        approval = an_approval(package_arn=package_arn, version=version, release_id=release, **times | changes)
        self._start(approval)
        gates = [encode(g) for g in approval.gates]
        self.note("PackageAdmitted", release, {"status": "PendingManualApproval", "person": "U0ANNA"})
        self.note("EvidenceCollected", release, {"digest": f"sha256:{DIGEST}"})
        self.note("GatesChecked", release, {"route": "ask", "gates": gates})
        card = approval_card(approval, now)
        posted = self._client.chat_postMessage(channel=CHANNEL, text=card.text, blocks=list(card.blocks))
        self.approval = an_approval(**{**_fields(approval), "message_ts": posted["ts"]})
        self.note("ApprovalRequested", release, {"digest": f"sha256:{DIGEST}"})

    def note(self, kind: str, subject: str, body: dict[str, Any]) -> None:
        """Append an entry to the group's chain."""
        chain = f"group/{GROUP}"
        head = self._heads.get(chain) or genesis(chain)
        at = Micros(int(time.time() * 1_000_000))
        record = append(head, Entry(chain, f"{kind}-{head.seq}", kind, subject, body), at=at)
        self._heads[chain] = head_of(record)
        texts = {n: {"S": getattr(record, n)} for n in ("kind", "subject", "key", "body", "prev", "hash")}
        keys = {"pk": {"S": chain}, "sk": {"N": str(record.seq)}, "at": {"N": str(record.at)}}
        self.identities.root("dynamodb").put_item(TableName="ledger", Item=keys | texts)

    def _heard(self, payload: dict[str, Any]) -> None:
        user = SlackUserId(payload["user"]["id"])
        if payload["type"] == "view_submission":
            view = payload["view"]
            self._settle(user, CALLBACKS[view["callback_id"]], given_reason(view))
            return
        action = payload["actions"][0]
        choice = ACTIONS[action["action_id"]]
        if choice is Choice.APPROVE:
            self._settle(user, choice, "")
        else:
            view = reason_modal(ApprovalId(action["value"]), choice)
            self._client.views_open(trigger_id=payload["trigger_id"], view=view)

    def _settle(self, user: SlackUserId, choice: Choice, reason: str) -> None:
        assert self.approval is not None
        if user == self.approval.registrant.person:
            words = "You registered this version, so you cannot decide on it. Nothing was counted."
            self._client.chat_postEphemeral(channel=CHANNEL, user=user, text=words)
            return
        now = Micros(int(time.time() * 1_000_000))
        vote = Vote(user, choice, reason, now, ("data_science", "ml_engineering"))
        status = ApprovalStatus.APPROVED if choice is Choice.APPROVE else ApprovalStatus.REJECTED
        told = {
            "votes": (vote,),
            "status": status,
            "settled_at": now,
            "settled_because": reason or "the quorum is reached",
        }
        self.approval = an_approval(**(_fields(self.approval) | told))
        self.note("VoteCast", self.approval.release_id, {"person": user, "choice": choice.value, "reason": reason})
        new = "Approved" if choice is Choice.APPROVE else "Rejected"
        self.identities.root("sagemaker").update_model_package(
            ModelPackageArn=self.approval.package_arn,
            ModelApprovalStatus=new,
            ApprovalDescription=reason or "By quorum.",
        )
        card = approval_card(self.approval, now)
        self._client.chat_update(
            channel=CHANNEL, ts=str(self.approval.message_ts), text=card.text, blocks=list(card.blocks)
        )

    def _start(self, approval: Approval) -> None:
        asked = {n: getattr(approval, n) for n in ("release_id", "package_arn", "group", "version", "generation")}
        body = json.dumps(asked | {"digest": f"sha256:{DIGEST}"})
        machine = self.outputs["ReleaseMachineArn"]
        self.identities.root("stepfunctions").start_execution(stateMachineArn=machine, input=body)
        evidence = {"format": 1, "metrics": [{"name": "auc", "value": 0.912}], "lineage": {"source_commit": "4f0c2d1"}}
        self.identities.root("s3").put_object(
            Bucket="archive", Key=f"evidence/{DIGEST}.json", Body=json.dumps(evidence).encode()
        )

    def _make_stores(self) -> None:
        dynamodb = self.identities.root("dynamodb")
        for table, sort in (("ledger", "N"), ("control", "S")):
            dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                AttributeDefinitions=[
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": sort},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        self.identities.root("s3").create_bucket(Bucket="archive")

    def _make_machine(self) -> str:
        names = list(_PARTS)
        states: dict[str, Any] = {
            name: {"Type": "Wait", "Seconds": seconds, "Next": after}
            for (name, seconds), after in zip(_PARTS.items(), [*names[1:], "Done"], strict=True)
        }
        definition = {"StartAt": names[0], "States": states | {"Done": {"Type": "Succeed"}}}
        trust = {"Version": "2012-10-17", "Statement": []}
        role = self.identities.root("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(trust))
        machine = self.identities.root("stepfunctions").create_state_machine(
            name="release", definition=json.dumps(definition), roleArn=role["Role"]["Arn"]
        )
        return str(machine["stateMachineArn"])


def _fields(approval: Approval) -> dict[str, Any]:
    return {name: getattr(approval, name) for name in Approval.__slots__}


def _app(heard: Callable[[dict[str, Any]], None]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if "payload" in form:
                heard(json.loads(form["payload"][0]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"" if "payload" in form else b"Nothing is waiting for you.")

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
