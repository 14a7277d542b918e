"""What serves after a promotion is remembered with all that it takes to make it serve again."""

from collections.abc import Mapping
from typing import Any

from sluice.core.rollback.promoting import Serving, promoted
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointSeen, endpoint_id
from sluice.model.ids import Micros, RolloutId
from sluice.model.production import ProductionRecord
from sluice.model.rollout import Rollout
from sluice.ports import Endpoints, Records
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollback.serving_changed import serving_changed


def promotion(rollout: Rollout, records: Records, endpoints: Endpoints, now: Micros) -> Commit:
    """What is written beside the end of a rollout, now that its version serves alone: the history of its endpoint.

    The end of the rollout does not wait for an AWS that does not answer: what cannot be read is not remembered.
    """
    request = rollout.request
    known = recall(records, ProductionRecord, endpoint_id(request.region, rollout.endpoint))
    before = ProductionRecord(request.region, rollout.endpoint, request.group) if known is None else known.value
    after = promoted(before, rollout, _serving(rollout, endpoints, now))
    newest = next((each.rollout_id for each in reversed(before.served) if each.rollout_id), "")
    told = serving_changed(RolloutId(newest), records, now, replaced=True)
    return Commit((keep(known, after, after.id), *told.saves), messages=told.messages)


def _serving(rollout: Rollout, endpoints: Endpoints, now: Micros) -> Serving:
    seen = _seen(rollout, endpoints)
    settings = _settings(rollout.model, endpoints)
    if seen is None or seen.config != rollout.final_config or not seen.settled or rollout.rules is None:
        return Serving(now, settings=settings)
    variant = seen.variant(rollout.rules.target.variant)
    return Serving(seen.modified_at, () if variant is None else variant.images, settings)


def _seen(rollout: Rollout, endpoints: Endpoints) -> EndpointSeen | None:
    try:
        return endpoints.describe(rollout.endpoint)
    except (TransientFailure, PermanentFailure):
        return None


def _settings(model: str, endpoints: Endpoints) -> Mapping[str, Any]:
    try:
        return endpoints.model_settings(model)
    except (TransientFailure, PermanentFailure):
        return {}
