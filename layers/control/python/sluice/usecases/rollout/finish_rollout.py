"""A rollout has ended: its release hears how, and goes on."""

from dataclasses import replace

from sluice.core.rollout.answering import answer_to_release
from sluice.core.rollout.naming import release_token
from sluice.errors import InvalidInput
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import PackageArn, RolloutId
from sluice.model.records import PackageRecord, StatusIntent
from sluice.model.release import Answer, Route
from sluice.model.rollout import Rollout
from sluice.usecases.deciding import Deciding
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.rollout.remembered import save


def finish_rollout(rollout_id: RolloutId, world: Deciding) -> None:
    """Resume the release that waits for a rollout; raises InvalidInput when the record does not say that it ended.

    The release says itself that it has heard (`Rollout.told`), when it concludes. Until then reconcile repeats this.
    """
    settling_races(lambda: _attempt(rollout_id, world))


def _attempt(rollout_id: RolloutId, world: Deciding) -> None:
    known = recall(world.records, Rollout, rollout_id)
    if known is not None and known.value.tries and not known.value.is_over:
        return  # a late word of the refusal before: it is tried again by now
    if known is None or not known.value.is_over:
        raise InvalidInput(f"there is no rollout {rollout_id} that has ended")
    request, now = known.value.request, world.clock.now()
    if PackageArn.parse(request.package_arn).region != request.region:
        # Its release runs elsewhere and is told by the event; nobody waits here.
        world.records.commit(Commit(saves=(save(replace(known.value, told=True), known, now),)), at=now)
        return
    token = world.tokens.get(release_token(rollout_id))
    if token is None:
        return
    answer = _noted(known.value, answer_to_release(known.value), world)
    if world.waiting.resume(token, encode(answer)):
        world.tokens.forget(release_token(rollout_id))


def _noted(rollout: Rollout, answer: Answer, world: Deciding) -> Answer:
    """The answer, once the status that it sets is noted, so that its event is recognised when it comes back.

    A package that came back to pending since is another release's: its status is not touched for this one's sake.
    """
    if not answer.status:
        return answer
    package = recall(world.records, PackageRecord, PackageArn.parse(rollout.request.package_arn).key)
    if package is None or package.value.generation != rollout.request.generation:
        return Answer(Route.CONCLUDE, answer.outcome)
    now = world.clock.now()
    noted = replace(package.value, intent=StatusIntent(answer.status, answer.description, now))
    world.records.commit(Commit(saves=(keep(package, noted, package.id),)), at=now)
    return answer
