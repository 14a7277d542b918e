"""A refused rollout is asked for once more: its release waits for it again, and the same checks decide."""

from dataclasses import replace

from sluice.core.rollout.trying_again import standing_against
from sluice.core.rollout.wishes import Heard, Hearing
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import PackageArn
from sluice.model.records import PackageRecord
from sluice.model.release import Outcome
from sluice.model.rollout import Rollout
from sluice.usecases.deciding import Deciding
from sluice.usecases.messages import domain_event
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.changing import endpoint_of


def try_again(refused: Rollout, heard: Heard, world: Deciding) -> tuple[Heard, Commit]:
    """What is written beside the rollout, or why it cannot be tried after all.

    The package is on its way to production again: should somebody withdraw it, that is seen as a withdrawal.
    """
    request = refused.request
    package = recall(world.records, PackageRecord, PackageArn.parse(request.package_arn).key)
    endpoint = endpoint_of(world.records, refused)
    against = standing_against(
        refused, None if package is None else package.value, None if endpoint is None else endpoint.value
    )
    if package is None or against:
        return Heard(Hearing.REFUSED, refused, f"{against} Nothing was changed."), Commit()
    under_way = replace(package.value, rollout=refused.id, outcome=Outcome.APPROVED.value)
    event = domain_event(f"{refused.id}|{heard.rollout.tries}", "RolloutRequested", encode(request))
    return heard, Commit(saves=(keep(package, under_way, package.id),), messages=(event,))
