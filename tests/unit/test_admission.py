"""Which state of a package is news, and what it leads to."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.admission import Action, Admission, Enrolment, admit, elsewhere, set_back
from sluice.core.modes import Effect
from sluice.model.approval import Mode
from sluice.model.ids import ApprovalId, Micros, RolloutId
from sluice.model.package import ModelPackage, PackageStatus, RegistryStatus
from sluice.model.records import PackageRecord, StatusIntent
from tests.approvals import NOW
from tests.packages import ARN, a_package

LATER = Micros(NOW + 5_000_000)
ENFORCED = Enrolment(Mode.ENFORCE, Micros(NOW - 1))


def a_record(**changes: Any) -> PackageRecord:
    """A package whose first release is under way."""
    ordinary: dict[str, Any] = {
        "arn": ARN.key,
        "group": ARN.group,
        "version": 7,
        "status": RegistryStatus.PENDING.value,
        "last_modified": NOW,
        "mode": Mode.ENFORCE,
        "generation": 1,
        "started": True,
        "approval": ApprovalId("apr"),
    }
    return PackageRecord(**(ordinary | changes))


def admitted(
    record: PackageRecord | None, *, enrolment: Enrolment = ENFORCED, status_changed: bool = False, **package: Any
) -> Admission:
    """What comes of a package as it is now."""
    return admit(a_package(**package), record, enrolment, status_changed=status_changed)


def kept(admission: Admission) -> PackageRecord:
    """The record that is to be written."""
    assert admission.record is not None
    return admission.record


def test_a_new_pending_package_starts_its_first_release() -> None:
    admission = admitted(None)

    assert admission.action is Action.START
    assert (kept(admission).generation, kept(admission).started) == (1, False)


@pytest.mark.parametrize("status", [s for s in PackageStatus if s is not PackageStatus.COMPLETED])
def test_a_package_whose_registration_is_not_complete_is_left_alone(status: PackageStatus) -> None:
    admission = admitted(None, package_status=status)

    assert (admission.action, admission.record) == (Action.IGNORE, None)


def test_a_repeat_changes_nothing() -> None:
    admission = admitted(a_record())

    assert (admission.action, admission.record) == (Action.IGNORE, None)


def test_a_state_older_than_the_one_known_changes_nothing() -> None:
    record = a_record(status=RegistryStatus.APPROVED.value, last_modified=LATER)

    admission = admitted(record, last_modified=NOW)

    assert (admission.action, admission.record) == (Action.IGNORE, None)


def test_an_edit_while_people_decide_raises_the_epoch_and_not_the_generation() -> None:
    admission = admitted(a_record(evidence_epoch=2), last_modified=LATER)

    assert admission.action is Action.REFRESH
    assert (kept(admission).evidence_epoch, kept(admission).generation) == (3, 1)


def test_an_edit_after_the_release_has_ended_starts_nothing() -> None:
    admission = admitted(a_record(concluded=True, outcome="expired"), last_modified=LATER, status_changed=True)

    assert admission.action is Action.IGNORE
    assert (kept(admission).last_modified, kept(admission).generation) == (LATER, 1)


@pytest.mark.parametrize("status", [RegistryStatus.APPROVED, RegistryStatus.REJECTED])
def test_a_return_to_pending_by_somebody_else_starts_the_next_generation(status: RegistryStatus) -> None:
    record = a_record(status=status.value, concluded=True, outcome="approved", intent=StatusIntent("x", "y", NOW))

    admission = admitted(record, last_modified=LATER)

    assert admission.action is Action.START
    next_one = kept(admission)
    assert (next_one.generation, next_one.started, next_one.concluded, next_one.outcome) == (2, False, False, "")
    assert (next_one.approval, next_one.intent, next_one.undo) == (None, None, None)


def test_a_release_that_is_recorded_but_not_known_to_run_is_started_by_a_repeat() -> None:
    admission = admitted(a_record(started=False))

    assert (admission.action, kept(admission).generation) == (Action.RESUME_START, 1)


def test_a_change_that_sluice_noted_before_is_its_own() -> None:
    record = a_record(intent=StatusIntent("Approved", "Approved by Ben.", NOW))

    admission = admitted(
        record, status=RegistryStatus.APPROVED, approval_description="Approved by Ben.", last_modified=LATER
    )

    assert (admission.action, kept(admission).status) == (Action.OWN, "Approved")


@pytest.mark.parametrize(
    "status,description", [("Rejected", "Approved by Ben."), ("Approved", "looks fine"), ("Approved", "")]
)
def test_another_status_or_another_description_is_somebody_elses_doing(status: str, description: str) -> None:
    record = a_record(intent=StatusIntent("Approved", "Approved by Ben.", NOW))

    admission = admitted(record, status=RegistryStatus(status), approval_description=description, last_modified=LATER)

    assert admission.action is Action.ELSEWHERE


def test_an_intent_of_an_ended_release_does_not_excuse_a_later_change_to_the_same_status() -> None:
    """Studio keeps the description: Rejected and Approved again without a word would pass for Sluice's own."""
    own = "Approved by Ben."
    record = a_record(status="Approved", concluded=True, intent=StatusIntent("Approved", own, NOW))

    away = admitted(record, status=RegistryStatus.REJECTED, approval_description=own, last_modified=LATER)
    back = admitted(
        kept(away), status=RegistryStatus.APPROVED, approval_description=own, last_modified=Micros(LATER + 1)
    )

    assert (away.action, back.action) == (Action.ELSEWHERE, Action.ELSEWHERE)


def test_an_edit_of_a_decided_package_is_remembered_and_leads_to_nothing() -> None:
    admission = admitted(
        a_record(status="Approved", concluded=True), status=RegistryStatus.APPROVED, last_modified=LATER
    )

    assert (admission.action, kept(admission).last_modified) == (Action.IGNORE, LATER)


def test_a_package_decided_before_its_group_was_enrolled_is_left_alone() -> None:
    enrolment = Enrolment(Mode.ENFORCE, LATER)

    admission = admitted(None, enrolment=enrolment, status=RegistryStatus.APPROVED)

    assert (admission.action, kept(admission).generation) == (Action.IGNORE, 0)


def test_a_package_decided_before_enrolment_and_edited_after_is_left_alone() -> None:
    enrolment = Enrolment(Mode.ENFORCE, LATER)
    first = admitted(None, enrolment=enrolment, status=RegistryStatus.APPROVED)

    edited = admitted(kept(first), enrolment=enrolment, status=RegistryStatus.APPROVED, last_modified=Micros(LATER + 1))

    assert edited.action is Action.IGNORE


@pytest.mark.parametrize("word,action", [(True, Action.ELSEWHERE), (False, Action.IGNORE)])
def test_an_old_package_decided_after_enrolment_is_known_by_the_word_of_the_event(word: bool, action: Action) -> None:  # noqa: FBT001  # a parameter of the table
    enrolment = Enrolment(Mode.ENFORCE, LATER)

    admission = admitted(None, enrolment=enrolment, status=RegistryStatus.APPROVED, status_changed=word)

    assert admission.action is action


def test_a_package_registered_as_approved_under_a_policy_was_decided_around_sluice() -> None:
    assert admitted(None, status=RegistryStatus.APPROVED).action is Action.ELSEWHERE


def test_only_enforce_undoes() -> None:
    decided = {mode: elsewhere(a_record(mode=mode, status="Approved")) for mode in Mode}

    assert [mode for mode, effect in decided.items() if effect is Effect.SET_BACK_TO_PENDING] == [Mode.ENFORCE]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("on_its_way", [{"rollout": RolloutId("a" * 32)}, {"outcome": "withdrawn"}], ids=str)
def test_an_approval_taken_back_on_the_way_to_production_is_never_undone(mode: Mode, on_its_way: Any) -> None:
    """Set back to pending, people would be asked at once to bring it into production again."""
    withdrawn = a_record(mode=mode, status="Rejected", concluded=True, **on_its_way)

    assert elsewhere(withdrawn) is (Effect.RECORD if mode is Mode.OBSERVE else Effect.TAKE_BACK)


def test_an_approval_given_elsewhere_on_the_way_to_production_is_undone_as_ever() -> None:
    approved = a_record(mode=Mode.ENFORCE, status="Approved", concluded=True, rollout=RolloutId("a" * 32))

    assert elsewhere(approved) is Effect.SET_BACK_TO_PENDING


def test_a_set_back_already_says_pending_so_that_the_same_decision_is_found_again() -> None:
    """The function died between the record and UpdateModelPackage, and the decision passed for known."""
    found = admitted(a_record(), status=RegistryStatus.APPROVED, last_modified=LATER)
    resolved = set_back(kept(found), at=LATER)

    again = admitted(resolved, status=RegistryStatus.APPROVED, last_modified=LATER)

    assert (found.action, again.action) == (Action.ELSEWHERE, Action.ELSEWHERE)
    assert (resolved.generation, resolved.approval) == (1, ApprovalId("apr"))


def test_the_event_of_a_set_back_starts_nothing_and_has_the_evidence_read_again() -> None:
    resolved = set_back(a_record(status="Approved", last_modified=LATER), at=LATER)
    assert resolved.undo is not None

    back = admitted(resolved, approval_description=resolved.undo.description, last_modified=Micros(LATER + 1))

    assert (back.action, kept(back).generation, kept(back).undo) == (Action.REFRESH, 1, None)


def test_an_edit_after_a_set_back_is_not_mistaken_for_it() -> None:
    resolved = set_back(a_record(status="Approved", last_modified=LATER), at=LATER)
    assert resolved.undo is not None
    words = resolved.undo.description
    back = admitted(resolved, approval_description=words, last_modified=Micros(LATER + 1))

    edited = admitted(kept(back), approval_description=words, last_modified=Micros(LATER + 2))

    assert (edited.action, kept(edited).evidence_epoch) == (Action.REFRESH, kept(back).evidence_epoch + 1)


def test_a_set_back_after_the_release_ended_asks_anew() -> None:
    resolved = set_back(a_record(status="Approved", concluded=True, outcome="rejected"), at=LATER)

    assert (resolved.generation, resolved.started, resolved.concluded, resolved.outcome) == (2, False, False, "")


def test_a_set_back_leaves_the_intent_of_a_decision_that_is_on_its_way() -> None:
    intent = StatusIntent("Approved", "Approved by Ben.", NOW)

    resolved = set_back(a_record(status="Rejected", intent=intent), at=LATER)
    own = admitted(
        resolved, status=RegistryStatus.APPROVED, approval_description="Approved by Ben.", last_modified=LATER
    )

    assert own.action is Action.OWN


def test_a_new_release_after_a_set_back_is_started_even_when_the_first_try_died() -> None:
    resolved = set_back(a_record(status="Approved", concluded=True), at=LATER)
    assert resolved.undo is not None
    words = resolved.undo.description

    first = admitted(resolved, approval_description=words, last_modified=LATER)
    second = admitted(kept(first), approval_description=words, last_modified=LATER)

    assert (first.action, second.action) == (Action.RESUME_START, Action.RESUME_START)


_EDITS = st.lists(
    st.tuples(st.sampled_from(list(RegistryStatus)), st.sampled_from(["", "fine", "no"])), min_size=1, max_size=12
)


def _history(edits: list[tuple[RegistryStatus, str]]) -> list[ModelPackage]:
    first = a_package()
    later = [
        replace(first, status=status, approval_description=words, last_modified=Micros(NOW + n))
        for n, (status, words) in enumerate(edits, start=1)
    ]
    return [first, *later]


@given(edits=_EDITS, seen=st.lists(st.integers(0, 12), max_size=30))
def test_whatever_is_seen_of_a_history_generations_count_at_most_the_returns_to_pending(
    edits: list[tuple[RegistryStatus, str]], seen: list[int]
) -> None:
    history = _history(edits)
    record: PackageRecord | None = None
    enrolment = Enrolment(Mode.RECOMMEND, Micros(NOW - 1))

    for position in seen:
        admission = admit(history[min(position, len(history) - 1)], record, enrolment, status_changed=False)
        record = admission.record or record

    pending = [package.status is RegistryStatus.PENDING for package in history]
    returns = sum(now and not before for before, now in zip([False, *pending], pending, strict=False))
    assert record is None or record.generation <= returns


@given(edits=_EDITS, seen=st.lists(st.integers(0, 12), max_size=30))
def test_whatever_was_seen_before_seeing_the_newest_state_again_is_no_news(
    edits: list[tuple[RegistryStatus, str]], seen: list[int]
) -> None:
    history = _history(edits)
    enrolment = Enrolment(Mode.RECOMMEND, Micros(NOW - 1))
    record: PackageRecord | None = None
    for position in [*seen, len(history)]:
        admission = admit(history[min(position, len(history) - 1)], record, enrolment, status_changed=False)
        record = admission.record or record
    assert record is not None
    record = replace(record, started=True)

    again = [admit(package, record, enrolment, status_changed=True) for package in history]

    assert {(admission.action, admission.record) for admission in again} == {(Action.IGNORE, None)}
