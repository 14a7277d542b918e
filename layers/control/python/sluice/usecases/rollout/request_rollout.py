"""State RequestRollout of `release`: keep its task token, record the rollout, announce that it is wanted."""

from dataclasses import dataclass, replace

from sluice.core.patience import EXECUTION_LIFE
from sluice.core.rollout.naming import release_token, rollout_id_of
from sluice.core.rollout.pledge import images_of
from sluice.errors import PermanentFailure
from sluice.model.approval import Approval
from sluice.model.codec import encode
from sluice.model.commit import Commit, Message
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Digest, Micros, PackageArn, RolloutId
from sluice.model.records import PackageRecord
from sluice.model.release import Release
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, RolloutRequest
from sluice.model.rollout_commands import FinishRollout
from sluice.ports import Clock, EvidenceArchive, Records, Tokens
from sluice.usecases.messages import command, domain_event
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.remembered import save


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the machine hands over: the approved release, and the token to answer with."""

    release: Release
    task_token: str


@dataclass(frozen=True, slots=True)
class Requesting:
    """What requesting works with."""

    records: Records
    tokens: Tokens
    archive: EvidenceArchive
    default_policy: DefaultPolicy
    clock: Clock
    channel: str


def request_rollout(wanted: Wanted, world: Requesting) -> RolloutId:
    """Ask for the rollout of a release in its region, once; a repeat only brings the token that counts now.

    The token is kept before anybody can hear of the rollout, so that every end of it can be answered.
    """
    return settling_races(lambda: _attempt(wanted, world))


def _attempt(wanted: Wanted, world: Requesting) -> RolloutId:
    release, now = wanted.release, world.clock.now()
    rollout_id = rollout_id_of(release.release_id, release.region)
    known = recall(world.records, Rollout, rollout_id)
    commit = Commit() if known is not None else _first(wanted, rollout_id, world)
    if known is not None and known.value.is_over:
        # It has ended before anybody waited, or whoever waited died: this token is owed the answer.
        commit = Commit(messages=(_owed(rollout_id, now),))
    world.tokens.put(release_token(rollout_id), wanted.task_token, expires=Micros(now + EXECUTION_LIFE))
    if commit != Commit():
        world.records.commit(commit, at=now)
    return rollout_id


def _first(wanted: Wanted, rollout_id: RolloutId, world: Requesting) -> Commit:
    release, now = wanted.release, world.clock.now()
    package = recall(world.records, PackageRecord, PackageArn.parse(release.package_arn).key)
    if package is None:
        raise PermanentFailure(f"{release.release_id} has no package record")
    if package.value.generation > release.generation:
        return _too_late(_asked(release, rollout_id, None, world), now)
    approval = recall(world.records, Approval, package.value.approval) if package.value.approval else None
    if approval is None:
        raise PermanentFailure(f"{release.release_id} has no approval on record")
    rollout = _asked(release, rollout_id, approval.value, world)
    entry = rollout_entry(rollout, EntryKind.ROLLOUT_REQUESTED, "", {"images": list(rollout.request.images)})
    event = domain_event(rollout_id, "RolloutRequested", encode(rollout.request))
    return Commit(saves=(save(rollout, None, now),), entries=(entry,), messages=(event,))


def _asked(release: Release, rollout_id: RolloutId, approval: Approval | None, world: Requesting) -> Rollout:
    """The rollout as it is asked for, bound to the evidence that people approved."""
    policy = policy_held(world.records, release.group, world.default_policy).policy
    request = RolloutRequest(
        rollout_id=rollout_id,
        release_id=release.release_id,
        package_arn=release.package_arn,
        group=release.group,
        version=release.version,
        generation=release.generation,
        region=release.region,
        digest=approval.digest if approval else Digest(""),
        images=images_of(world.archive.load(approval.digest)) if approval else (),
    )
    return Rollout(
        request=request,
        mode=policy.mode,
        tier=policy.tier,
        channel=policy.channel or world.channel,
        requested_at=world.clock.now(),
    )


def _too_late(rollout: Rollout, now: Micros) -> Commit:
    """The package came back to pending since: it is asked about anew, and goes nowhere before that."""
    because = "The package came back to pending since; a later release asks about it."
    ended = replace(rollout, phase=Phase.DONE, outcome=RolloutOutcome.WITHDRAWN, because=because)
    entry = rollout_entry(ended, EntryKind.ROLLOUT_FINISHED, RolloutOutcome.WITHDRAWN.value, {"because": because})
    return Commit(saves=(save(ended, None, now),), entries=(entry,), messages=(_owed(rollout.id, now),))


def _owed(rollout_id: RolloutId, now: Micros) -> Message:
    return command(f"{rollout_id}|{now}", FinishRollout(rollout_id))
