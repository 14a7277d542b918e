"""The launcher: engine, stand-ins and the stack from the real template, as one context manager."""

import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local import admin, clock, stack, state_folder
from local.engine.process import Engine
from local.engine.settings import ACCOUNT_ID, REGION
from local.hooks import server as hooks_server
from local.identities import Identities
from local.pager import server as pager_server
from local.slack import server as slack_server

ROOT = Path(__file__).resolve().parents[1]
"""The repository."""

STACK = "sluice"
CHANNEL = "C0MODELS"
TEAM = "T0SLUICE"
SERVING_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/serving"
"""The role that models run under: the one that Sluice may pass to SageMaker here."""

_ROUTES = {
    "/slack/interactions": "slack_interactions_url",
    "/slack/commands": "slack_command_url",
    "/slack/events": "slack_events_url",
    "/pagerduty/webhooks": "pagerduty_webhook_url",
}
_log = logging.getLogger("local.cloud")


class Cloud:
    """The embedded cloud with Sluice deployed in it.

    Usage::

        with Cloud(state=tmp_path) as cloud:
            registry = cloud.client("sagemaker", as_role="data-scientist", session="anna", source_identity="anna")
            registry.create_model_package_group(ModelPackageGroupName="fraud")
            registry.create_model_package(ModelPackageGroupName="fraud", InferenceSpecification=...)
            cloud.plan_fault({"event": {"copies": 0, "group": "fraud"}})  # the next event of the group is lost
            cloud.advance(3600)                                         # an hour passes at once
            cloud.outputs["slack_interactions_url"], cloud.outputs["ReleaseMachineArn"]
            cloud.slack                                                  # the Slack stand-in's workspace

    `client(service)` signs as the root user; `as_role` as a session of a role (made with all rights if it does not
    exist, so that a person or the CLI can be told apart). Roles of the template are enforced in functions, state
    machines and schedules. Logs: `state/engine.log` and `state/functions/NAME.log`.
    """

    def __init__(  # noqa: PLR0913  # all by keyword, and none without a default
        self,
        *,
        state: Path = ROOT / ".local",
        template: Path = ROOT / "template.yaml",
        scale: float = 1.0,
        parameters: dict[str, str] | None = None,
        port: int = 0,
        console: bool = False,
    ) -> None:
        self.state = state.resolve()
        self.outputs: dict[str, str] = {}
        self.slack: slack_server.SlackServer
        self.pager: pager_server.PagerServer
        self.hooks: hooks_server.HookReceiver
        self._template = template
        self._scale = scale
        self._with_console = console
        self._parameters = parameters or {}
        self._engine = Engine(self.state, port=port)
        self._identities = Identities(self._engine.url, REGION)
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """Endpoint of every AWS service."""
        return self._engine.url

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def client(
        self,
        service: str,
        *,
        as_role: str | None = None,
        session: str = "session",
        source_identity: str | None = None,
    ) -> Any:
        """A boto3 client on the embedded cloud."""
        if as_role is None:
            return self._identities.root(service)
        return self._identities.role(service, as_role, session=session, source_identity=source_identity)

    def advance(self, seconds: float) -> float:
        """Let simulated time pass at once: timers, waits and timeouts that fall due go off now."""
        return clock.advance(seconds)

    def set_scale(self, factor: float) -> None:
        """Let simulated time run `factor` times as fast from now on."""
        clock.set_scale(factor)

    def redeliver(self, queue_url: str) -> int:
        """End the visibility timeouts of a queue, whose clock is the real one: what failed is tried again at once."""
        asked = {"QueueUrl": queue_url, "AttributeNames": ["QueueArn"]}
        arn = self.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        return int(self.admin("POST", "redeliver", {"queue": arn})["redelivered"])

    @staticmethod
    def until[T](look: Callable[[], T], *, limit_s: float = 60.0) -> T:
        """Look again and again, in real time, until there is something; raises TimeoutError when nothing comes."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.05)
        raise TimeoutError(f"nothing came of it within {limit_s} s")

    def plan_fault(self, fault: dict[str, Any]) -> None:
        """Plan a fault of an AWS operation or of the registry's events; see `local.engine.sagemaker.faults.plan`."""
        self.admin("POST", "faults", fault)

    def admin(self, method: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call one of the engine's local-only endpoints (`local.engine.patches.admin_endpoint`)."""
        return admin.call(self.url, method, path, document)

    def _entries(self) -> list[str]:
        # Slack gives up after 3 s, PagerDuty after 5, which a cold start on a busy laptop can take; nobody waits for
        # the other functions.
        names = [f["FunctionName"] for f in self.client("lambda").list_functions(MaxItems=100)["Functions"]]
        return [name for name in names if "Slack" in name or "Pagerduty" in name]

    def _start_console(self) -> None:
        from local.console import server as console_server  # Flask, which most tests do without

        console = console_server.start(self.outputs)
        self._running.callback(console.stop)
        self.outputs["console_url"] = console.url

    def _write_outputs(self) -> None:
        target = self.state / "outputs.json"
        target.write_text(json.dumps(self.outputs, indent=2, sort_keys=True) + "\n")

    def _start(self) -> None:
        state_folder.prepare(self.state)
        self._start_clock()
        self._step("starting the engine", self._engine.start)
        self._running.callback(self._engine.stop)
        self._step("starting Slack, the pager and a receiver of webhooks", self._start_stand_ins)
        outputs = self._step("creating the stack", lambda: self._deploy(self._stack_parameters() | self._parameters))
        self.outputs |= outputs | self._addresses()
        if {"slack_interactions_url", "slack_command_url"} <= self.outputs.keys():
            self.slack.connect(self.outputs["slack_interactions_url"], self.outputs["slack_command_url"])
        if "pagerduty_webhook_url" in self.outputs:
            self.pager.connect(self.outputs["pagerduty_webhook_url"])
        self.admin("POST", "warm", {"functions": self._entries()})
        if self._with_console:
            self._step("starting the console", self._start_console)
        self._write_outputs()

    def _start_clock(self) -> None:
        before = os.environ.get(clock.CLOCK_FILE)
        clock.create(self.state / "clock.json", scale=self._scale)
        self._running.callback(_restore, clock.CLOCK_FILE, before)

    def _step[T](self, what: str, act: Callable[[], T]) -> T:
        _log.info(what)
        return act()

    def _start_stand_ins(self) -> None:
        self.slack = slack_server.start()
        self._running.callback(self.slack.stop)
        self.outputs |= {"slack_signing_secret": self.slack.signing_secret, "slack_url": self.slack.root_url}
        self.pager = pager_server.start()
        self._running.callback(self.pager.stop)
        self.hooks = hooks_server.HookReceiver()
        self._running.callback(self.hooks.stop)
        self.outputs |= {"pager_url": self.pager.url, "pager_root_url": self.pager.root_url}
        self.outputs |= {"hook_url": self.hooks.url, "hook_root_url": self.hooks.root_url}

    def _stack_parameters(self) -> dict[str, str]:
        return {
            "SlackSigningSecretArn": self._secret("slack-signing", self.slack.signing_secret),
            "SlackTokenSecretArn": self._secret("slack-token", self.slack.bot_token),
            "SlackApiUrl": self.slack.url,
            "SlackChannel": CHANNEL,
            "SlackTeam": TEAM,
            "ServingRoleArns": SERVING_ROLE,
            **self._paging_parameters(),
        }

    def _paging_parameters(self) -> dict[str, str]:
        """What policies may page with is among the outputs: `pagerduty_secret`, `paging_topic`, `hook_secret`."""
        self.outputs |= {
            "pagerduty_secret": self._secret("pagerduty-routing-key", self.pager.routing_key),
            "hook_secret": self._secret("hook", self.hooks.secret),
            "paging_topic": self.client("sns").create_topic(Name="phones")["TopicArn"],
        }
        return {
            "PagingSecretArns": f"{self.outputs['pagerduty_secret']},{self.outputs['hook_secret']}",
            "PagingTopicArns": self.outputs["paging_topic"],
            "PagerDutyUrl": self.pager.url,
            "PagerDutyWebhookSecretArn": self._secret("pagerduty-webhook", self.pager.webhook_secret),
        }

    def _secret(self, name: str, text: str) -> str:
        return str(self.client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"])

    def _deploy(self, parameters: dict[str, str]) -> dict[str, str]:
        return stack.deploy(self._identities, self._template, name=STACK, endpoint_url=self.url, parameters=parameters)

    def _addresses(self) -> dict[str, str]:
        found = {"aws_endpoint_url": self.url, "region": REGION, "account_id": ACCOUNT_ID}
        gateway = self.client("apigatewayv2")
        for api in gateway.get_apis()["Items"]:
            base = f"{self.url}/_aws/execute-api/{api['ApiId']}/$default"
            for route in gateway.get_routes(ApiId=api["ApiId"])["Items"]:
                path = route["RouteKey"].rpartition(" ")[2]
                if path in _ROUTES:
                    found[_ROUTES[path]] = f"{base}{path}"
        return found


def _restore(name: str, before: str | None) -> None:
    if before is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = before
