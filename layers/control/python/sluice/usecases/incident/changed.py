"""What changed production last before an incident: the version, who approved it, and what its canary found."""

from sluice.model.approval import Approval, Choice
from sluice.model.endpoint import endpoint_id
from sluice.model.incident import Changed
from sluice.model.production import ProductionRecord, Served
from sluice.model.records import PackageRecord
from sluice.model.rollout import Rollout
from sluice.ports import Records
from sluice.usecases.remembering import recall


def last_change(records: Records, region: str, endpoint: str) -> Changed:
    """What is on record of the newest configuration that served; empty where nothing is."""
    known = recall(records, ProductionRecord, endpoint_id(region, endpoint))
    if known is None or not known.value.served:
        return Changed()
    served = known.value.served[-1]
    return Changed(
        version=served.version,
        package_arn=served.package_arn,
        config=served.config,
        release_id=served.release_id,
        rollout_id=served.rollout_id,
        at=served.since,
        approved_by=_approvers(served, records),
        canary=_canary(served, records),
    )


def _approvers(served: Served, records: Records) -> tuple[str, ...]:
    """Names of those who approved the version, as far as their approval is the package's last."""
    package = recall(records, PackageRecord, served.package_arn.lower()) if served.package_arn else None
    if package is None or package.value.approval is None:
        return ()
    approval = recall(records, Approval, package.value.approval)
    if approval is None or served.release_id not in ("", approval.value.release_id):
        return ()
    return tuple(vote.name or vote.person for vote in approval.value.votes if vote.choice is Choice.APPROVE)


def _canary(served: Served, records: Records) -> str:
    rollout = recall(records, Rollout, served.rollout_id) if served.rollout_id else None
    return "" if rollout is None or rollout.value.look is None else rollout.value.look.sentence
