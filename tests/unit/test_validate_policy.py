import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.codec import decode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import GroupName, Micros
from sluice.model.policy_in_force import PolicyInForce
from sluice.usecases.documents_in_force import people_in_force, schedule_in_force
from sluice.usecases.policies import policy_held
from sluice.usecases.validate_policy import Outcome, Validating, Validation, validate_all, validate_policy
from tests.fakes.parameters import WRITER, FakeParameters
from tests.fakes.records import FakeRecords
from tests.unit.policy_texts import CRITICAL, PILOT, RESPONSE, ROLLOUT
from tests.unit.policy_texts import STANDARD as CALLS_BY_SCHEDULE

NAME = "/sluice/policies/fraud"
CHANNEL = "C0STACK"
PEOPLE = "people: [{slack: U0ANNA, name: Anna, git_emails: [anna@example.com]}]"
SCHEDULE = "{time_zone: Europe/Berlin, start: 2026-01-05T09:00, shift: 7d, people: [U0CHEN, U0DANA]}"
STANDARD = CALLS_BY_SCHEDULE.replace(', "schedule:ml-oncall"', "")
BROKEN = STANDARD.replace("minimum: 0.85", "minimum: high")


@dataclass
class TickingClock:
    at: int = 1_000_000

    def now(self) -> Micros:
        self.at += 1
        return Micros(self.at)


@dataclass
class World:
    parameters: FakeParameters = field(default_factory=FakeParameters)
    records: FakeRecords = field(default_factory=FakeRecords)
    clock: TickingClock = field(default_factory=TickingClock)

    @property
    def validating(self) -> Validating:
        return Validating(self.records, self.parameters, self.clock, CHANNEL)

    def write(self, text: str, name: str = NAME) -> Validation:
        self.parameters.put(name, text)
        return self.look(name)

    def look(self, name: str = NAME) -> Validation:
        return validate_policy(name, self.validating)

    def in_force(self, group: str = "fraud") -> PolicyInForce:
        return policy_held(self.records, GroupName(group), _no_default).policy

    def told(self) -> list[tuple[str, str]]:
        bodies = [row.message.body for row in self.records.outbox.values()]
        return [(b["channel"], b["text"]) for b in bodies]

    def entries(self, chain: str = "group/fraud") -> list[str]:
        return [record.kind for record in self.records.ledger[chain]]


def _no_default(group: GroupName) -> PolicyInForce:
    raise AssertionError(f"{group} has no policy")


@pytest.fixture
def world() -> World:
    return World()


def test_a_valid_policy_is_in_force_labelled_and_on_record(world: World) -> None:
    result = world.write(STANDARD)

    assert result.outcome is Outcome.ACCEPTED
    assert world.in_force().parameter_version == 1
    assert world.parameters.labelled(NAME, "live") == 1
    assert world.entries() == ["PolicyAccepted"]
    assert world.told() == []


def test_the_ledger_says_what_was_accepted_and_who_wrote_it(world: World) -> None:
    world.write(STANDARD)

    body = json.loads(world.records.ledger["group/fraud"][0].body)
    assert (body["text"], body["version"], body["written_by"]) == (STANDARD, 1, WRITER)
    assert body["document_digest"] == world.in_force().digest


def test_a_newer_valid_policy_takes_over_the_label(world: World) -> None:
    world.write(STANDARD)
    world.write(STANDARD.replace("0.85", "0.9"))

    assert world.in_force().gates.metrics[0].minimum == 0.9
    assert world.parameters.labelled(NAME, "live") == 2


def test_the_moment_since_which_a_group_is_governed_survives_new_policies(world: World) -> None:
    world.write(STANDARD)
    since = policy_held(world.records, GroupName("fraud"), _no_default).since

    world.write(STANDARD.replace("0.85", "0.9"))

    assert policy_held(world.records, GroupName("fraud"), _no_default).since == since


def test_an_invalid_policy_is_refused_with_line_field_and_reason_and_the_last_one_stays(world: World) -> None:
    world.write(STANDARD)

    result = world.write(BROKEN)

    assert result.outcome is Outcome.REFUSED
    assert "line 8" in result.reason
    assert "gates.metrics[0].minimum" in result.reason
    assert world.in_force().parameter_version == 1
    assert world.parameters.labelled(NAME, "live") == 1
    assert world.entries() == ["PolicyAccepted", "PolicyRefused"]


def test_who_is_called_by_a_schedule_that_is_not_there_is_told_to_the_contacts_of_a_policy_in_force(
    world: World,
) -> None:
    result = world.write(CALLS_BY_SCHEDULE + ROLLOUT + RESPONSE)

    assert result.outcome is Outcome.ACCEPTED
    ((channel, text),) = world.told()
    assert channel == "U0OLGA"
    assert "is in force, but nobody can be called by schedule:ml-oncall, schedule:fraud" in text
    assert json.loads(world.records.ledger["group/fraud"][0].body)["missing_schedules"] == ["ml-oncall", "fraud"]


def test_nobody_is_told_of_schedules_that_are_in_force(world: World) -> None:
    world.write(SCHEDULE, "/sluice/schedules/ml-oncall")

    world.write(CALLS_BY_SCHEDULE)

    assert world.told() == []
    assert "missing_schedules" not in json.loads(world.records.ledger["group/fraud"][0].body)


def test_the_contacts_of_a_refused_response_read_what_is_wrong_where(world: World) -> None:
    said = (
        RESPONSE.replace("sns:sms", "sns:mail").replace("Europe/Zurich", "Zurich").replace("at_most: 1", "at_most: 99")
    )

    result = world.write(STANDARD + ROLLOUT + said)

    assert result.outcome is Outcome.REFUSED
    ((channel, text),) = world.told()
    assert channel == "U0OLGA"
    assert "rollback.at_most: should be less than or equal to 10" in text
    assert "paging.routes[0].hours.time_zone: should be the name of a time zone, such as Europe/Berlin" in text


def test_the_contacts_of_the_refused_text_are_told_where_they_can_be_read(world: World) -> None:
    world.write(BROKEN.replace("U0OLGA]}\nchannel", "U0NEW]}\nchannel"))

    assert [channel for channel, _ in world.told()] == ["U0NEW"]


def test_the_contacts_of_the_policy_in_force_are_told_where_the_new_text_cannot_be_read(world: World) -> None:
    world.write(STANDARD)
    world.write("owner: [unclosed")

    assert [channel for channel, _ in world.told()] == ["U0OLGA"]


def test_the_stacks_channel_is_told_where_nobody_is_named(world: World) -> None:
    world.write("owner: [unclosed")

    assert [channel for channel, _ in world.told()] == [CHANNEL]


def test_the_text_of_a_refused_policy_is_not_kept(world: World) -> None:
    world.write("password: hunter2")

    assert "hunter2" not in str(world.records.ledger) + str(world.records.outbox)


@pytest.mark.parametrize("text", [STANDARD, BROKEN], ids=["valid", "invalid"])
def test_an_event_delivered_again_changes_nothing(world: World, text: str) -> None:
    world.write(text)
    commits, labellings = len(world.records.commits), world.parameters.labellings

    results = [world.look().outcome for _ in range(5)]

    assert results == [Outcome.UNCHANGED] * 5
    assert (len(world.records.commits), world.parameters.labellings) == (commits, labellings)


def test_of_several_writes_before_the_first_event_only_the_newest_is_judged(world: World) -> None:
    for minimum in ("0.8", "0.81", "0.82"):
        world.parameters.put(NAME, STANDARD.replace("0.85", minimum))

    world.look()
    world.look()

    assert world.in_force().parameter_version == 3
    assert world.entries() == ["PolicyAccepted"]


def test_a_deleted_parameter_is_reported_once_and_its_policy_stays_in_force(world: World) -> None:
    world.write(STANDARD)
    world.parameters.delete(NAME)

    results = [world.look().outcome for _ in range(2)]

    assert results == [Outcome.DELETED, Outcome.UNCHANGED]
    assert world.in_force().parameter_version == 1
    assert world.entries() == ["PolicyAccepted", "PolicyParameterDeleted"]
    assert [channel for channel, _ in world.told()] == ["U0OLGA"]


def test_a_parameter_made_anew_with_the_same_text_is_accepted_and_recorded_again(world: World) -> None:
    world.write(STANDARD)
    world.parameters.delete(NAME)
    world.look()

    result = world.write(STANDARD)

    assert result.outcome is Outcome.ACCEPTED
    assert world.entries() == ["PolicyAccepted", "PolicyParameterDeleted", "PolicyAccepted"]
    assert world.parameters.labelled(NAME, "live") == 1


def test_a_parameter_made_anew_with_another_text_is_judged_although_its_version_fell(world: World) -> None:
    world.write(STANDARD)
    world.write(STANDARD.replace("0.85", "0.9"))
    world.parameters.delete(NAME)

    result = world.write(STANDARD.replace("0.85", "0.7"))

    assert result.outcome is Outcome.ACCEPTED
    assert world.in_force().gates.metrics[0].minimum == 0.7


def test_a_read_that_lags_behind_brings_no_old_text_back(world: World) -> None:
    world.write(STANDARD)
    old = world.parameters.read(NAME)
    world.write(STANDARD.replace("0.85", "0.9"))
    assert old is not None
    world.parameters._texts[NAME] = [old]

    result = world.look()

    assert result.outcome is Outcome.STALE
    assert world.in_force().gates.metrics[0].minimum == 0.9


def test_our_own_label_event_changes_nothing(world: World) -> None:
    world.write(STANDARD)
    commits = len(world.records.commits)

    world.look()

    assert len(world.records.commits) == commits


def test_a_label_moved_by_somebody_else_is_reported_once_and_put_back(world: World) -> None:
    world.write(STANDARD)
    world.write(BROKEN)
    world.parameters.label(NAME, 2, "live")

    world.look()
    world.look()

    assert world.parameters.labelled(NAME, "live") == 1
    assert world.entries() == ["PolicyAccepted", "PolicyRefused", "LiveLabelMoved"]
    assert world.told()[-1][1].startswith("Somebody labelled version 2 of /sluice/policies/fraud as live.")


def test_a_label_moved_a_second_time_is_reported_a_second_time(world: World) -> None:
    world.write(STANDARD)
    world.write(BROKEN)
    for _ in range(2):
        world.parameters.label(NAME, 2, "live")
        world.look()

    assert world.entries().count("LiveLabelMoved") == 2


def test_a_live_label_on_a_refused_text_is_reported_even_if_nothing_was_ever_accepted(world: World) -> None:
    world.write(BROKEN)
    world.parameters.label(NAME, 1, "live")

    world.look()
    world.look()

    assert world.entries() == ["PolicyRefused", "LiveLabelMoved"]


def test_a_version_with_ten_labels_is_in_force_and_its_owner_learns_why_it_is_not_labelled(world: World) -> None:
    world.parameters.put(NAME, STANDARD)
    for n in range(10):
        world.parameters.label(NAME, 1, f"mine-{n}")

    world.look()
    world.look()

    assert world.in_force().parameter_version == 1
    assert world.entries() == ["PolicyAccepted", "LiveLabelNotSet"]


def test_a_death_between_the_record_and_the_label_is_mended_by_the_next_event(world: World) -> None:
    world.parameters.put(NAME, STANDARD)
    world.records.before_commit = _then_labelling_fails(world)

    with pytest.raises(TransientFailure):
        world.look()
    died = world.parameters.labelled(NAME, "live")
    world.look()

    assert died is None
    assert world.parameters.labelled(NAME, "live") == 1
    assert world.entries() == ["PolicyAccepted"]


def _then_labelling_fails(world: World) -> Callable[[Commit], None]:
    def hook(_commit: Commit) -> None:
        world.parameters.fail_next = TransientFailure("LabelParameterVersion: ThrottlingException")

    return hook


def test_a_text_written_while_another_is_judged_wins(world: World) -> None:
    world.parameters.put(NAME, STANDARD)

    def someone_is_faster(_commit: Commit) -> None:
        world.write(STANDARD.replace("0.85", "0.9"))

    world.records.before_commit = someone_is_faster

    result = world.look()

    assert result.outcome is Outcome.UNCHANGED
    assert world.in_force().gates.metrics[0].minimum == 0.9


def test_people_and_schedules_are_taken_into_force_on_the_platforms_chain(world: World) -> None:
    world.write(PEOPLE, "/sluice/people")
    world.write(SCHEDULE, "/sluice/schedules/ml-oncall")

    schedule = schedule_in_force(world.records, "ml-oncall")
    assert [p.slack for p in people_in_force(world.records).people] == ["U0ANNA"]
    assert schedule is not None
    assert schedule.people == ("U0CHEN", "U0DANA")
    assert world.entries("platform") == ["PeopleAccepted", "ScheduleAccepted"]


def test_refused_people_are_reported_to_the_stacks_channel_and_the_last_ones_stay(world: World) -> None:
    world.write(PEOPLE, "/sluice/people")
    world.write("people: [{slack: nobody, name: X}]", "/sluice/people")

    assert [p.slack for p in people_in_force(world.records).people] == ["U0ANNA"]
    assert [channel for channel, _ in world.told()] == [CHANNEL]


@pytest.mark.parametrize(
    "name",
    ["/sluice/other", "/sluice/policies/a/b", "/sluice/policies/-a", "/sluice/policies/", "/other", "/sluice/people/x"],
)
def test_other_parameters_are_ignored_with_a_reason(world: World, name: str) -> None:
    result = world.write(STANDARD, name)

    assert result.outcome is Outcome.IGNORED
    assert result.reason
    assert world.records.commits == []


def test_a_secure_string_is_refused(world: World) -> None:
    world.parameters.put(NAME, STANDARD, type="SecureString")

    result = world.look()

    assert result.outcome is Outcome.REFUSED
    assert "type String" in result.reason


def test_two_spellings_of_one_group_do_not_govern_it_in_turns(world: World) -> None:
    world.write(STANDARD)

    result = world.write(PILOT, "/sluice/policies/Fraud")

    assert result.outcome is Outcome.REFUSED
    assert "/sluice/policies/fraud governs this group" in result.reason
    assert world.in_force("Fraud").parameter_version == 1


def test_another_spelling_takes_over_once_the_first_is_deleted(world: World) -> None:
    world.write(STANDARD)
    world.parameters.delete(NAME)
    world.look()

    result = world.write(PILOT, "/sluice/policies/Fraud")

    assert result.outcome is Outcome.ACCEPTED
    assert world.in_force().team == "search"


def test_a_look_at_everything_finds_what_no_event_told(world: World) -> None:
    world.write(STANDARD)
    world.parameters.put("/sluice/policies/credit", CRITICAL)
    world.parameters.put("/sluice/people", PEOPLE)
    world.parameters.delete(NAME)

    outcomes = {v.parameter: v.outcome for v in validate_all(world.validating)}

    assert outcomes == {
        "/sluice/people": Outcome.ACCEPTED,
        "/sluice/policies/credit": Outcome.ACCEPTED,
        NAME: Outcome.DELETED,
    }


def test_a_look_at_everything_writes_nothing_when_nothing_changed(world: World) -> None:
    world.write(STANDARD)
    world.write(PEOPLE, "/sluice/people")
    commits = len(world.records.commits)

    outcomes = {v.outcome for v in validate_all(world.validating)}

    assert outcomes == {Outcome.UNCHANGED}
    assert len(world.records.commits) == commits


def test_in_a_look_at_everything_one_failure_stops_no_other(world: World) -> None:
    world.parameters.put("/sluice/policies/a", PILOT)
    world.parameters.put("/sluice/policies/b", PILOT)
    world.records.fail(PermanentFailure("TransactWriteItems: AccessDeniedException"))

    outcomes = [v.outcome for v in validate_all(world.validating)]

    assert outcomes == [Outcome.FAILED, Outcome.ACCEPTED]


def test_the_endpoint_that_a_policy_names_is_gone_through_by_reconcile_from_then_on(world: World) -> None:
    """Only an event led to it: what no event told of was never seen."""
    text = f"{PILOT.rstrip()}\nrollout: {{target: {{endpoint: Fraud-Scoring}}}}\n"
    world.write(text)
    world.write(f"{text}# the same endpoint\n")

    due = [decode(EndpointOwner, stored.body) for stored in world.records.due(EndpointOwner.KIND, before=Micros(2**62))]

    assert [owner.group for owner in due] == ["fraud"]
