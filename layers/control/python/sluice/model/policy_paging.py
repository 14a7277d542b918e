"""The `paging` part of a policy document: who hears of an incident, by which way, and how often."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from sluice.model.document_fields import DAY_S, MINUTE_S, Document, Duration, Spelled
from sluice.model.policy_rollout import ManagerRole
from sluice.model.policy_routes import MOST_TARGETS, Route, Target, TargetName
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.response_rules import PagingRules, Severity, Webhook
from sluice.model.web_address import public_address, web_address

MOST_TOPICS = 10
_TIMES = {
    "repeat": (5 * MINUTE_S, DAY_S, "from 5m to 24h"),
    "silence": (15 * MINUTE_S, 7 * DAY_S, "from 15m to 7d"),
    "group": (MINUTE_S, DAY_S, "from 1m to 24h"),
    "reopen": (MINUTE_S, 7 * DAY_S, "from 1m to 7d"),
}

SecretArn = Annotated[
    str,
    Spelled(
        r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]{5,32}:[0-9]{12}:secret:[a-zA-Z0-9/_+=.@-]{1,519}$",
        "the ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
    ),
]
TopicArn = Annotated[
    str,
    Spelled(
        r"^arn:aws[a-z-]*:sns:[a-z0-9-]{5,32}:[0-9]{12}:[a-zA-Z0-9_-]{1,256}$",
        "the ARN of a standard topic: arn:aws:sns:REGION:ACCOUNT:NAME (a FIFO topic reaches no phone and no mailbox)",
    ),
]
_ADDRESS_SCHEMA = WithJsonSchema({"type": "string", "pattern": "^https://", "maxLength": 500})
WebAddress = Annotated[str, AfterValidator(web_address), _ADDRESS_SCHEMA]
PublicAddress = Annotated[str, AfterValidator(public_address), _ADDRESS_SCHEMA]


class PagerDutyService(Document):
    """A service of PagerDuty with an integration of Events API v2."""

    secret: SecretArn
    """ARN of the secret that holds its routing key."""


class SignedWebhook(Document):
    """An address where pages are posted as JSON, signed."""

    url: PublicAddress
    """Its address: https, by a public name."""
    secret: SecretArn
    """ARN of the secret that pages are signed with."""


class PagingPlan(Document):
    """Who hears of an incident. What is left out comes from the tier."""

    runbook: WebAddress | None = None
    """Where it is written what to do; each page has the link. https."""
    call: Annotated[tuple[Target, ...], Field(max_length=MOST_TARGETS)] | None = None
    """Whom the tier's routes call first, besides the channel. Default: `owner.contacts` (none in `pilot`), and all of
    `pagerduty`, `topics` and `webhooks` that is named here."""
    then: Annotated[tuple[Target, ...], Field(max_length=MOST_TARGETS)] | None = None
    """Whom they call when nobody acknowledges. Default: the people named as `rollout.managers`, or as approvers."""
    routes: Annotated[tuple[Route, ...], Field(min_length=1, max_length=10)] | None = None
    """Who is called for which incidents. The first route that fits counts; where none does, the channel and
    `owner.contacts` are called. Default: the routes of the tier."""
    repeat: Duration
    """While nobody acknowledges, the last level is called again each time this is over; from 5m to 24h."""
    silence: Duration
    """Acknowledged and not at its end after this, everybody who was called is called again; from 15m to 7d."""
    freeze: Literal["critical", "error", "warning", "info", "never"]
    """From which severity on an open incident holds back releases of the group, or `never`."""
    group: Duration = 1800
    """What is raised on the same endpoint within this is one incident; from 1m to 24h."""
    reopen: Duration = 3600
    """What comes back within this after the end opens the incident again; from 1m to 7d."""
    responders: Annotated[tuple[ManagerRole, ...], Field(max_length=10)] = ()
    """Who may resolve an incident, besides whoever was called. Default: the managers of `rollout`, or the approvers."""
    pagerduty: PagerDutyService | None = None
    """Where the target `pagerduty` leads."""
    topics: Annotated[dict[TargetName, TopicArn], Field(max_length=MOST_TOPICS, default_factory=dict)]
    """SNS topics by name, for SMS and e-mail: the targets `sns:NAME`."""
    webhooks: Annotated[dict[TargetName, SignedWebhook], Field(max_length=MOST_TOPICS, default_factory=dict)]
    """Webhooks by name: the targets `webhook:NAME`."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        errors = [*self._out_of_time(), *self._said_twice(), *self._undefined(), *self._unused(), *self._unreached()]
        if errors:
            raise FieldErrors(*errors)
        return self

    @property
    def machines(self) -> tuple[str, ...]:
        """The targets that are named here."""
        service = ("pagerduty",) if self.pagerduty else ()
        return (*service, *(f"sns:{name}" for name in self.topics), *(f"webhook:{name}" for name in self.webhooks))

    @property
    def targets(self) -> Iterator[tuple[FieldPath, str]]:
        """Everything that is called, and where that is said."""
        for name, called in (("call", self.call), ("then", self.then)):
            yield from (((name, i), target) for i, target in enumerate(called or ()))
        for i, route in enumerate(self.routes or ()):
            yield from ((("routes", i, *path), target) for path, target in route.targets)

    def rules(self) -> PagingRules:
        """The plan as decisions read it, without the routes and the responders of the tier."""
        return PagingRules(
            routes=tuple(route.route() for route in self.routes or ()),
            repeat_s=self.repeat,
            silence_s=self.silence,
            freeze=None if self.freeze == "never" else Severity(self.freeze),
            group_s=self.group,
            reopen_s=self.reopen,
            runbook=self.runbook or "",
            responders=tuple(role.need() for role in self.responders),
            pagerduty_secret=self.pagerduty.secret if self.pagerduty else "",
            topics=self.topics,
            webhooks={name: Webhook(hook.url, hook.secret) for name, hook in self.webhooks.items()},
        )

    def _out_of_time(self) -> Iterator[tuple[FieldPath, str]]:
        for name, (least, most, words) in _TIMES.items():
            if not least <= getattr(self, name) <= most:
                yield (name,), f"must be {words}"

    def _said_twice(self) -> Iterator[tuple[FieldPath, str]]:
        if self.routes is not None:
            for name in ("call", "then"):
                if getattr(self, name) is not None:
                    yield (name,), "is for policies without routes: the routes say who is called"

    def _undefined(self) -> Iterator[tuple[FieldPath, str]]:
        for path, target in self.targets:
            kind, _, name = target.partition(":")
            if kind == "pagerduty" and self.pagerduty is None:
                yield path, "pagerduty is not said: add paging.pagerduty with the ARN of a secret"
            for word, section, known in (("sns", "topics", self.topics), ("webhook", "webhooks", self.webhooks)):
                if kind == word and name not in known:
                    yield path, f"{name} is not among paging.{section}{_listed(list(known))}"

    def _unused(self) -> Iterator[tuple[FieldPath, str]]:
        """With routes of its own, a policy that names a pager and never calls it has forgotten it."""
        called = {target for _, target in self.targets}
        if self.routes is None and self.call is None:
            return
        for target in self.machines:
            kind, _, name = target.partition(":")
            if target not in called:
                path = {"pagerduty": ("pagerduty",), "sns": ("topics", name), "webhook": ("webhooks", name)}[kind]
                yield path, f"is never called: name {target} where it should be, or leave it out"

    def _unreached(self) -> Iterator[tuple[FieldPath, str]]:
        taken: set[Severity] = set()
        for i, route in enumerate(self.routes or ()):
            if set(route.severity) <= taken:
                yield ("routes", i), "is never reached: routes before it take all its severities at any time"
            if route.hours is None:
                taken |= set(route.severity)


def _listed(names: Sequence[str]) -> str:
    return f", which has {', '.join(names)}" if names else ", which has none"
