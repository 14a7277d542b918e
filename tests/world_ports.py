"""Every port of Sluice as a fake, and what each handler puts together of them."""

from collections.abc import Callable

from sluice.model.approval import Mode
from sluice.model.ids import Digest
from sluice.model.package import ModelPackage
from sluice.usecases.admit_model_package import Admitting
from sluice.usecases.conclude_release import Concluding
from sluice.usecases.deciding import Deciding
from sluice.usecases.delivering import Delivering, Paging
from sluice.usecases.incident.take_signal import TakingSignals
from sluice.usecases.request_approval import Asking
from sluice.usecases.rollout.admit_endpoint_change import AdmittingEndpoints
from sluice.usecases.rollout.admit_rollout import AdmittingRollouts
from sluice.usecases.rollout.request_rollout import Requesting
from tests.fakes.bus import FakeBus
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.deaths import Life, mortal
from tests.fakes.endpoints import FakeEndpoints
from tests.fakes.evidence import FakeDocuments, FakeEvidenceArchive, FakeJudgements, FakeLineage
from tests.fakes.executions import FakeExecutions, FakeWaiting
from tests.fakes.ids import FakeIds
from tests.fakes.ledger import FakeLedger
from tests.fakes.outbox import FakeOutbox
from tests.fakes.paging import FakeHooks, FakePager, FakeTopics
from tests.fakes.queue import FakeQueue
from tests.fakes.records import FakeRecords
from tests.fakes.registry import FakeRegistry
from tests.fakes.timers import FakeTimers
from tests.fakes.tokens import FakeTokens
from tests.packages import (
    ACCOUNT,
    CHANNEL,
    CHEN,
    DORA,
    GOOD,
    METRICS,
    REGION,
    TEAM,
    a_policy,
)


class Ports:
    """All fakes; `life` ends the functions that use them."""

    def __init__(self, *packages: ModelPackage) -> None:
        self.clock = FakeClock()
        self.records = FakeRecords()
        self.registry = FakeRegistry(*packages)
        self.executions, self.waiting = FakeExecutions(), FakeWaiting()
        self.rollouts, self.endpoints = FakeExecutions(), FakeEndpoints(self.clock)
        self.incidents, self.rollbacks = FakeExecutions(), FakeExecutions()
        self.tokens, self.timers, self.ids = FakeTokens(), FakeTimers(), FakeIds()
        self.chat, self.queue, self.bus = FakeChat({"S0MLENG": {CHEN, DORA}}), FakeQueue(), FakeBus()
        self.documents, self.lineage = FakeDocuments({METRICS: GOOD}), FakeLineage()
        self.archive, self.judgements = FakeEvidenceArchive(), FakeJudgements()
        self.outbox = FakeOutbox(self.records)
        self.pager, self.topics, self.hooks = FakePager(), FakeTopics(), FakeHooks()
        self.region = self.home_region = REGION
        self.time_left_ms: Callable[[], int] = lambda: 60_000
        self.default = a_policy(mode=Mode.OBSERVE, approvers=(), digest=Digest("sha256:" + "00" * 32))
        self.life = Life()

    @property
    def admitting(self) -> Admitting:
        """The world of admission and reconcile."""
        return Admitting(
            records=mortal(self.records, self.life),
            registry=mortal(self.registry, self.life),
            executions=mortal(self.executions, self.life),
            default_policy=lambda _: self.default,
            clock=self.clock,
            account=ACCOUNT,
            region=self.region,
            home_region=self.home_region,
            channel=CHANNEL,
        )

    @property
    def asking(self) -> Asking:
        """The world of request_approval."""
        return Asking(
            records=mortal(self.records, self.life),
            tokens=mortal(self.tokens, self.life),
            judgements=self.judgements,
            default_policy=lambda _: self.default,
            ids=self.ids,
            clock=self.clock,
            channel=CHANNEL,
        )

    @property
    def deciding(self) -> Deciding:
        """The world of record_decision."""
        return Deciding(
            records=mortal(self.records, self.life),
            tokens=mortal(self.tokens, self.life),
            waiting=mortal(self.waiting, self.life),
            timers=mortal(self.timers, self.life),
            chat=mortal(self.chat, self.life),
            clock=self.clock,
            team=TEAM,
            incidents=mortal(self.incidents, self.life),
            rollbacks=mortal(self.rollbacks, self.life),
            default_policy=lambda _: self.default,
            region=self.region,
            channel=CHANNEL,
        )

    @property
    def concluding(self) -> Concluding:
        """The world of conclude_release."""
        return Concluding(
            records=mortal(self.records, self.life),
            registry=mortal(self.registry, self.life),
            judgements=self.judgements,
            default_policy=lambda _: self.default,
            clock=self.clock,
            channel=CHANNEL,
        )

    @property
    def requesting(self) -> Requesting:
        """The world of request_rollout."""
        return Requesting(
            records=mortal(self.records, self.life),
            tokens=mortal(self.tokens, self.life),
            archive=self.archive,
            default_policy=lambda _: self.default,
            clock=self.clock,
            channel=CHANNEL,
        )

    @property
    def taking_signals(self) -> TakingSignals:
        """The world of take_signal."""
        return TakingSignals(
            records=mortal(self.records, self.life),
            incidents=mortal(self.incidents, self.life),
            rollbacks=mortal(self.rollbacks, self.life),
            default_policy=lambda _: self.default,
            clock=self.clock,
            region=self.region,
            channel=CHANNEL,
        )

    @property
    def admitting_rollouts(self) -> AdmittingRollouts:
        """The world of admit_rollout."""
        return AdmittingRollouts(
            records=mortal(self.records, self.life),
            executions=mortal(self.rollouts, self.life),
            releases=mortal(self.executions, self.life),
            default_policy=lambda _: self.default,
            clock=self.clock,
            account=ACCOUNT,
            region=self.region,
            home_region=self.home_region,
            channel=CHANNEL,
        )

    @property
    def admitting_endpoints(self) -> AdmittingEndpoints:
        """The world of admit_endpoint_change."""
        return AdmittingEndpoints(
            records=mortal(self.records, self.life),
            endpoints=mortal(self.endpoints, self.life),
            executions=mortal(self.rollouts, self.life),
            default_policy=lambda _: self.default,
            clock=self.clock,
            account=ACCOUNT,
            region=self.region,
            channel=CHANNEL,
        )

    @property
    def delivering(self) -> Delivering:
        """The world of deliver_outbox."""
        return Delivering(
            outbox=mortal(self.outbox, self.life),
            records=mortal(self.records, self.life),
            ledger=mortal(FakeLedger(self.records), self.life),
            chat=mortal(self.chat, self.life),
            queue=mortal(self.queue, self.life),
            bus=mortal(self.bus, self.life),
            clock=self.clock,
            channel=CHANNEL,
            time_left_ms=self.time_left_ms,
            paging=lambda: Paging(
                mortal(self.pager, self.life), mortal(self.topics, self.life), mortal(self.hooks, self.life)
            ),
        )
