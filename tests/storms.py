"""A storm of alarms over many endpoints, and a Sluice over fakes that counts what taking them costs."""

from collections.abc import Iterator
from random import Random

from sluice.model.codec import decode
from sluice.model.commit import Commit, MessageKind, RecordKey, Stored
from sluice.model.ids import GroupName, Micros
from sluice.model.incident import Incident
from sluice.model.response_rules import Level, PageRoute, PagingRules, Severity
from sluice.model.signal import Cause, Signal
from sluice.usecases.incident.attend_incident import Attendance, Attending, attend_incident
from sluice.usecases.incident.take_signal import Taken, TakingSignals, take_signal
from tests.approvals import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.executions import FakeExecutions
from tests.fakes.records import FakeRecords
from tests.fakes.tokens import FakeTokens
from tests.packages import CHANNEL, REGION
from tests.trouble import SECOND, a_signal, troubled_policy

CAUSES = (Cause.AVAILABILITY, Cause.ERRORS, Cause.LATENCY, Cause.KPI, Cause.MODEL_QUALITY)
SPREAD_S = 600
LEVELS = (Level(0, ("pagerduty",)), Level(900, ("channel",)))


def a_storm(endpoints: int, alarms: int, *, told_twice: int = 0, seed: int = 1) -> list[Signal]:
    """So many alarms, evenly over the endpoints, in ten minutes and any order; some of them are delivered twice."""
    random = Random(seed)  # noqa: S311  # the same storm each time, guards nothing
    raised = [_alarm(n % endpoints, n // endpoints, random) for n in range(alarms)]
    delivered = [*raised, *random.sample(raised, told_twice)]
    random.shuffle(delivered)
    return delivered


def _alarm(endpoint: int, number: int, random: Random) -> Signal:
    cause = CAUSES[number % len(CAUSES)]
    at = NOW + random.randrange(SPREAD_S) * SECOND
    name = f"scoring-{endpoint:04d}"
    source = f"alarm/{name}-{cause.value}-{number}"
    return a_signal(source, at, cause=cause, endpoint=name, group=GroupName(f"model-{endpoint:04d}"))


class CountedRecords:
    """Records in memory, with the items that DynamoDB would read and write for them."""

    def __init__(self) -> None:
        self.kept = FakeRecords()
        self.reads = self.writes = self.transactions = 0

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record."""
        self.reads += 1
        return self.kept.load(key)

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind that are due."""
        return self.kept.due(kind, before=before)

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all or nothing: a record or a message is an item, an entry two, and the head of its chain is read."""
        self.reads += len({entry.chain for entry in commit.entries})
        self.writes += len(commit.saves) + 2 * len(commit.entries) + len(commit.messages)
        self.transactions += 1
        self.kept.commit(commit, at=at)


class StormWorld:
    """What takes a storm, under one policy for every group."""

    def __init__(self) -> None:
        self.records, self.clock, self.tokens = CountedRecords(), FakeClock(), FakeTokens()
        self.clock.at = Micros(NOW + SPREAD_S * SECOND)
        self.incidents, self.rollbacks = FakeExecutions(), FakeExecutions()
        policy = troubled_policy(PagingRules(routes=(PageRoute(tuple(Severity), LEVELS),), pagerduty_secret="arn"))
        self.taking = TakingSignals(
            self.records, self.incidents, self.rollbacks, lambda _: policy, self.clock, REGION, CHANNEL
        )

    def take(self, signal: Signal) -> Taken:
        """One alarm arrives; an incident that it opens is attended to at once."""
        already = len(self.incidents.started)
        taken = take_signal(signal, self.taking)
        if len(self.incidents.started) > already and taken.incident_id is not None:
            attend_incident(Attendance(taken.incident_id, 1), Attending(self.records, self.tokens, self.clock))
        return taken

    def attend(self) -> None:
        """Each execution looks once more: it was woken by what joined."""
        for started in list(self.incidents.started.values()):
            attendance = Attendance(started["incident_id"], started["attempt"])
            attend_incident(attendance, Attending(self.records, self.tokens, self.clock))

    def kept(self) -> list[Incident]:
        """Every incident there is."""
        return [decode(Incident, stored.body) for stored in self.records.kept.due(Incident.KIND, before=Micros(2**62))]

    def pages(self) -> int:
        """Pages that were ordered."""
        return sum(row.message.kind is MessageKind.PAGE for row in self.records.kept.outbox.values())
