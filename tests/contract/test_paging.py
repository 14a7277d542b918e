"""Pagers, topics and webhooks on the wire: what is accepted, what passes, what is final, and that no secret shows."""

import hashlib
import hmac
import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from urllib3 import HTTPConnectionPool

from local.pager import server
from local.pager.server import PagerServer
from sluice.adapters import outgoing
from sluice.adapters.hooks import SignedHooks
from sluice.adapters.outgoing import MAX_BODY, Outgoing
from sluice.adapters.pagerduty import PagerDuty
from sluice.adapters.secrets import Secret
from sluice.adapters.topics import SnsTopics
from sluice.errors import PermanentFailure, SluiceError, Throttled, TransientFailure
from sluice.model.ids import Micros

NOW_S = 1_780_000_000.0
EVENT = {
    "event_action": "trigger",
    "dedup_key": "sluice/1",
    "payload": {"summary": "s", "source": "e", "severity": "error"},
}
ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:paging"


class Time:
    """Seconds that a test moves."""

    s = 1000.0

    def __call__(self) -> float:
        return self.s


class Vault:
    """A secret at whose value a test looks; `client` answers as Secrets Manager does."""

    def __init__(self, value: str, time: Time) -> None:
        self.value = value
        self.reads = 0
        self._secret = Secret(self, ARN, monotonic=time)  # type: ignore[arg-type]  # it asks for nothing else

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803  # AWS's name
        assert SecretId == ARN
        self.reads += 1
        return {"SecretString": self.value}

    def __call__(self, arn: str) -> Secret:
        assert arn == ARN
        return self._secret


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pagerduty() -> Iterator[PagerServer]:
    running = server.start(wall=lambda: NOW_S)
    yield running
    running.stop()


@pytest.fixture
def vault(pagerduty: PagerServer, time: Time) -> Vault:
    return Vault(pagerduty.routing_key, time)


@pytest.fixture
def pager(pagerduty: PagerServer, vault: Vault, time: Time) -> PagerDuty:
    return PagerDuty(pagerduty.url, vault, monotonic=time)


def test_an_event_is_accepted_under_the_key_that_the_secret_holds(pagerduty: PagerServer, pager: PagerDuty) -> None:
    pager.send(EVENT, secret_arn=ARN)
    pager.send({"event_action": "resolve", "dedup_key": "sluice/1"}, secret_arn=ARN)

    assert [(a.routing_key, a.status) for a in pagerduty.pager.alerts] == [(pagerduty.routing_key, "resolved")]


def test_what_pagerduty_refuses_is_final_and_in_its_own_words(pager: PagerDuty) -> None:
    with pytest.raises(PermanentFailure, match=r"PagerDuty answered 400: .*payload.source.* is missing or blank"):
        pager.send({**EVENT, "payload": {"summary": "s", "severity": "error"}}, secret_arn=ARN)


def test_a_pager_that_is_down_or_gone_may_take_it_later(pagerduty: PagerServer, pager: PagerDuty) -> None:
    pagerduty.pager.faults.go_down(60)
    with pytest.raises(TransientFailure, match="PagerDuty answered 503"):
        pager.send(EVENT, secret_arn=ARN)
    pagerduty.pager.faults.clear()
    pagerduty.pager.faults.go_down(60, unreachable=True)
    with pytest.raises(TransientFailure, match="PagerDuty: ProtocolError"):
        pager.send(EVENT, secret_arn=ARN)


def test_a_lost_answer_may_be_asked_for_again_and_opens_nothing_new(pagerduty: PagerServer, pager: PagerDuty) -> None:
    pagerduty.pager.faults.lose(1)

    with pytest.raises(TransientFailure):
        pager.send(EVENT, secret_arn=ARN)
    pager.send(EVENT, secret_arn=ARN)

    assert len(pagerduty.pager.alerts) == 1


def test_a_pager_that_asks_to_wait_is_not_asked_before(
    pagerduty: PagerServer, pager: PagerDuty, vault: Vault, time: Time
) -> None:
    pagerduty.pager.faults.throttle(90)
    with pytest.raises(Throttled) as told:
        pager.send(EVENT, secret_arn=ARN)
    pagerduty.pager.faults.clear()

    time.s += 89
    with pytest.raises(Throttled) as early:
        pager.send(EVENT, secret_arn=ARN)
    unheard = len(pagerduty.pager.received)
    time.s += 2
    pager.send(EVENT, secret_arn=ARN)

    assert (told.value.wait_s, early.value.wait_s) == (90, 2)
    assert (unheard, len(pagerduty.pager.received)) == (0, 1)


def test_without_a_time_to_wait_it_is_half_a_minute(pagerduty: PagerServer, pager: PagerDuty, time: Time) -> None:
    pagerduty.pager.faults.throttle(90, says_how_long=False)
    with pytest.raises(Throttled):
        pager.send(EVENT, secret_arn=ARN)
    pagerduty.pager.faults.clear()

    time.s += 29
    with pytest.raises(Throttled):
        pager.send(EVENT, secret_arn=ARN)
    time.s += 2
    pager.send(EVENT, secret_arn=ARN)

    assert len(pagerduty.pager.received) == 1


def test_a_key_that_was_rotated_away_is_read_again_before_a_page_is_given_up(
    pagerduty: PagerServer, pager: PagerDuty, vault: Vault
) -> None:
    vault.value = "rotated-away"
    with pytest.raises(PermanentFailure):
        pager.send(EVENT, secret_arn=ARN)

    vault.value = pagerduty.routing_key
    pager.send(EVENT, secret_arn=ARN)

    assert len(pagerduty.pager.alerts) == 1


def test_a_key_is_remembered_for_five_minutes(pager: PagerDuty, vault: Vault, time: Time) -> None:
    for seconds in (0, 300, 1):
        time.s += seconds
        pager.send(EVENT, secret_arn=ARN)

    assert vault.reads == 2


@pytest.mark.parametrize("url", ["http://events.pagerduty.com/v2/enqueue", "http://127.0.0.1.example.com/", "ftp://x"])
def test_nothing_but_https_is_spoken_to_pagerduty(vault: Vault, time: Time, url: str) -> None:
    with pytest.raises(PermanentFailure, match="https"):
        PagerDuty(url, vault, monotonic=time).send(EVENT, secret_arn=ARN)

    assert vault.reads == 0


@pytest.mark.parametrize("break_it", [
    lambda p: p.pager.faults.go_down(60),
    lambda p: p.pager.faults.go_down(60, unreachable=True),
    lambda p: p.pager.faults.throttle(60),
])  # fmt: skip
def test_no_failure_shows_the_routing_key(
    pagerduty: PagerServer, pager: PagerDuty, break_it: Callable[[PagerServer], None]
) -> None:
    break_it(pagerduty)

    with pytest.raises(SluiceError) as caught:
        pager.send(EVENT, secret_arn=ARN)

    assert pagerduty.routing_key not in "".join(traceback.format_exception(caught.value))


class World(HTTPServer):
    """Somebody's server: what it was asked, and how it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.headers, self.body = 204, {}, b""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    headers: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    server: World

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


URL = "https://ops.example.com/hooks/s3cr3t-path?team=fraud"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The server that ops.example.com leads to."""
    running = World()
    port = running.server_address[1]
    monkeypatch.setattr(outgoing, "outside", lambda *_: HTTPConnectionPool("127.0.0.1", port))
    yield running
    running.shutdown()
    running.server_close()


def hooks(value: str = "hook-secret") -> SignedHooks:
    """The adapter, with a secret."""
    return SignedHooks(Vault(value, Time()))


def test_a_webhook_gets_the_document_and_can_tell_who_sent_it_and_when(world: World) -> None:
    hooks().post(URL, {"summary": "é"}, secret_arn=ARN, at=Micros(1_780_000_000_999_999))

    [(path, headers, body)] = world.asked
    signed = hmac.new(b"hook-secret", b"1780000000." + body, hashlib.sha256).hexdigest()
    assert (path, headers["Host"]) == ("/hooks/s3cr3t-path?team=fraud", "ops.example.com")
    assert (headers["Sluice-Timestamp"], headers["Sluice-Signature"]) == ("1780000000", f"v1={signed}")
    assert (headers["Content-Type"], json.loads(body)) == ("application/json", {"summary": "é"})


def test_during_a_rotation_a_webhook_is_signed_with_both_secrets(world: World) -> None:
    hooks('["new", "old"]').post(URL, {}, secret_arn=ARN, at=Micros(0))

    assert [part[:3] for part in world.asked[0][1]["Sluice-Signature"].split(",")] == ["v1=", "v1="]


@pytest.mark.parametrize("status,kind", [
    (200, None),
    (202, None),
    (301, PermanentFailure),
    (302, PermanentFailure),
    (400, PermanentFailure),
    (404, PermanentFailure),
    (408, TransientFailure),
    (429, Throttled),
    (500, TransientFailure),
    (503, TransientFailure),
])  # fmt: skip
def test_an_answer_says_whether_to_try_again(world: World, status: int, kind: type[SluiceError] | None) -> None:
    world.status, world.headers = status, {"Location": "https://elsewhere.example.com/", "Retry-After": "7"}

    try:
        hooks().post(URL, {}, secret_arn=ARN, at=Micros(0))
        caught = None
    except SluiceError as failure:
        caught = type(failure)

    assert (caught, len(world.asked)) == (kind, 1)


@pytest.mark.parametrize(
    "retry_after,wait_s", [("7", 7), ("999999", 300), ("Fri, 31 Dec 2027", 0), ("-1", 0), ("²", 0)]
)
def test_how_long_to_wait_is_believed_within_reason(world: World, retry_after: str, wait_s: int) -> None:
    world.status, world.headers = 429, {"Retry-After": retry_after}

    with pytest.raises(Throttled) as told:
        hooks().post(URL, {}, secret_arn=ARN, at=Micros(0))

    assert told.value.wait_s == wait_s


@pytest.mark.parametrize("url", [
    "http://ops.example.com/",
    "https://user:password@ops.example.com/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://0x7f.1/",
    "https://localhost/",
    "https://metadata.internal/",
    "https://ops.example.com:8443/",
    "https://ops.example.com\\@127.0.0.1/",
])  # fmt: skip
def test_an_address_that_nothing_may_be_sent_to_is_refused_before_anything_is_read(world: World, url: str) -> None:
    vault = Vault("hook-secret", Time())

    with pytest.raises(PermanentFailure, match="nothing is sent to this webhook"):
        SignedHooks(vault).post(url, {}, secret_arn=ARN, at=Micros(0))

    assert (world.asked, vault.reads) == ([], 0)


def test_no_failure_shows_the_path_or_the_secret_of_a_webhook(world: World) -> None:
    world.status = 500

    with pytest.raises(TransientFailure) as caught:
        hooks().post(URL, {}, secret_arn=ARN, at=Micros(0))

    shown = "".join(traceback.format_exception(caught.value))
    assert "the webhook at ops.example.com answered 500" in str(caught.value)
    assert "hook-secret" not in shown
    assert "s3cr3t-path" not in str(caught.value)


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1"],
)
def test_a_public_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    _resolving_to(monkeypatch, "93.184.215.14", address)

    with pytest.raises(PermanentFailure, match="private network"):
        hooks().post(URL, {}, secret_arn=ARN, at=Micros(0))


def test_the_address_that_was_looked_at_is_the_one_that_is_spoken_to_by_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolving_to(monkeypatch, "93.184.215.14")

    pool = outgoing.outside("ops.example.com", "the webhook")

    assert (pool.host, pool.port, pool.scheme) == ("93.184.215.14", 443, "https")
    assert (pool.assert_hostname, pool.conn_kw["server_hostname"]) == ("ops.example.com", "ops.example.com")  # type: ignore[attr-defined]  # of an HTTPS pool


def test_a_name_that_cannot_be_resolved_may_be_there_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    with pytest.raises(TransientFailure, match=r"the webhook at ops\.example\.com: gaierror"):
        hooks().post(URL, {}, secret_arn=ARN, at=Micros(0))


def test_what_is_too_large_is_not_sent(world: World) -> None:
    with pytest.raises(PermanentFailure, match="more than it takes"):
        Outgoing().post(URL, b"x" * (MAX_BODY + 1), headers={}, to="it", public=True)

    assert world.asked == []


def test_a_topic_gets_a_text_for_each_protocol(moto: None) -> None:
    sns, sqs = boto3.client("sns", region_name="us-east-1"), boto3.client("sqs", region_name="us-east-1")
    topic = sns.create_topic(Name="phones")["TopicArn"]
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)

    texts = {"sms": "short", "default": "long é"}
    SnsTopics(lambda: sns).publish(topic, subject="[Sluice]", texts=texts, attributes={"severity": "error", "none": ""})

    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    heard = json.loads(message["Body"])
    assert (heard["Subject"], heard["Message"]) == ("[Sluice]", "long é")
    assert heard["MessageAttributes"] == {"severity": {"Type": "String", "Value": "error"}}


@pytest.mark.parametrize("code,kind", [
    ("Throttling", TransientFailure),
    ("KMSThrottling", TransientFailure),
    ("InternalError", TransientFailure),
    ("NotFound", PermanentFailure),
    ("AuthorizationError", PermanentFailure),
    ("KMSAccessDenied", PermanentFailure),
    ("InvalidParameter", PermanentFailure),
])  # fmt: skip
def test_what_sns_refuses_says_whether_to_try_again(moto: None, code: str, kind: type[SluiceError]) -> None:
    sns = boto3.client("sns", region_name="us-east-1")
    with Stubber(sns) as stub:
        stub.add_client_error("publish", code)

        with pytest.raises(kind, match=f"Publish: {code}"):
            SnsTopics(lambda: sns).publish("arn", subject="s", texts={"default": "d"}, attributes={})
