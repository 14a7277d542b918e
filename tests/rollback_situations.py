"""Situations in which it is decided whether an endpoint goes back: one that is ordinary in every way, to be changed."""

from typing import Any

from sluice.core.rollback.situation import Situation
from sluice.model.endpoint import EndpointRecord, EndpointSeen, EndpointStatus, VariantSeen
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, IncidentId, Micros, PackageArn, RollbackId
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.model.production import Condemned, ProductionRecord, Served
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Demand, Rollback
from sluice.model.signal import Signal
from tests.approvals import NOW
from tests.packages import ARN, CHEN, GROUP, REGION, a_package
from tests.trouble import ENDPOINT, a_signal

HOUR = 3600 * 1_000_000
DEMAND = Demand(CHEN, "Chen", "customers complain", Micros(NOW))


def arn_of(version: int) -> PackageArn:
    """The package of a version."""
    return PackageArn.parse(ARN.text.rsplit("/", 1)[0] + f"/{version}")


def config_of(version: int) -> str:
    """The configuration of a version."""
    return f"{ENDPOINT}-v{version}"


def served(version: int, since_h: float, until_h: float = 0, **changes: Any) -> Served:
    """A version that served, in hours before now."""
    variant = {"VariantName": "AllTraffic", "ModelName": f"m{version}", "InstanceType": "ml.m5.large"}
    ordinary: dict[str, Any] = {
        "config": config_of(version),
        "package_arn": arn_of(version).text,
        "version": version,
        "since": Micros(int(NOW - since_h * HOUR)),
        "until": EPOCH if until_h == 0 else Micros(int(NOW - until_h * HOUR)),
        "document": {"EndpointConfigName": config_of(version), "ProductionVariants": [variant]},
        "model": f"m{version}",
    }
    return Served(**(ordinary | changes))


def blamed(source: str = "alarm/errors", hours_ago: float = 20) -> tuple[Condemned, ...]:
    """What a source said against a version."""
    return (Condemned(source, Micros(int(NOW - hours_ago * HOUR))),)


def history(*entries: Served, **changes: Any) -> ProductionRecord:
    """What served: versions 6, 7 and 8, the newest since five hours."""
    found = entries or (served(6, 100, 50), served(7, 50, 5), served(8, 5))
    return ProductionRecord(REGION, ENDPOINT, GROUP, found, **changes)


def seen(version: int = 8, **changes: Any) -> EndpointSeen:
    """The endpoint as it serves a version."""
    ordinary: dict[str, Any] = {
        "name": ENDPOINT,
        "arn": "",
        "config": config_of(version),
        "status": EndpointStatus.IN_SERVICE,
        "modified_at": Micros(NOW - 5 * HOUR),
        "variants": (VariantSeen("AllTraffic", 1, 1, 4, 4),),
    }
    return EndpointSeen(**(ordinary | changes))


def a_rollback(signal: Signal | None = None, **changes: Any) -> Rollback:
    """Asked for by an alarm, just now."""
    ordinary: dict[str, Any] = {
        "id": RollbackId("ab" * 16),
        "incident_id": IncidentId("cd" * 16),
        "group": GROUP,
        "region": REGION,
        "endpoint": ENDPOINT,
        "signal": signal or a_signal(),
        "requested_at": Micros(NOW),
    }
    return Rollback(**(ordinary | changes))


def packages(*versions: int, **changes: Any) -> dict[str, ModelPackage | None]:
    """Packages as the registry has them: Approved, unless told otherwise."""
    found = versions or (6, 7, 8)
    told = {"status": RegistryStatus.APPROVED} | changes
    return {arn_of(version).text: a_package(arn=arn_of(version), **told) for version in found}


def situation(**changes: Any) -> Situation:
    """An alarm is raised about version 8, in `enforce`."""
    ordinary: dict[str, Any] = {
        "rollback": a_rollback(),
        "mode": Mode.ENFORCE,
        "rules": RollbackRules(),
        "production": history(),
        "endpoint": EndpointRecord(REGION, ENDPOINT, GROUP),
        "seen": seen(),
        "now": Micros(NOW),
        "raised_at": (Micros(NOW),),
        "packages": packages(),
    }
    return Situation(**(ordinary | changes))
