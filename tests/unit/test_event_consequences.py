"""What a model package event of the samples leads to, for a package that Sluice has never seen."""

from typing import Any

import pytest

from sluice.core.admission import Action, Enrolment, admit
from sluice.model.approval import Mode
from sluice.model.ids import GroupName, Micros
from sluice.model.package import PackageStatus, RegistryStatus
from sluice.model.package_event import PackageEvent
from tests.event_samples import from_outside, sample, takers_of
from tests.packages import a_package

CREATED, ENROLLED = Micros(1_614_186_014_000_000), Micros(1_780_000_000_000_000)
CONSEQUENCES = {
    "pending_created": Action.START,
    "pending_lower_case_arn": Action.START,
    "pending_epoch_times": Action.START,
    "approved": Action.ELSEWHERE,
    "rejected": Action.IGNORE,
    "rejected_2023": Action.IGNORE,
    "stage_changed": Action.IGNORE,
    "metadata_only_update_while_approved": Action.IGNORE,
    "registration_failed": Action.IGNORE,
}


def _name(case: str) -> str:
    return f"sagemaker_model_package_{case}.json"


def test_every_package_event_that_is_taken_has_its_consequence_here() -> None:
    taken = {file for file in from_outside() if takers_of(file) == ["functions/admit_model_package"]}

    assert {_name(case) for case in CONSEQUENCES} == taken


@pytest.mark.parametrize("case, expected", CONSEQUENCES.items(), ids=str)
def test_a_package_event_of_a_package_never_seen_leads_to(case: str, expected: Action) -> None:
    event: dict[str, Any] = sample(_name(case))
    told, detail = PackageEvent.parse(event), event["detail"]
    package = a_package(
        arn=told.arn,
        group=GroupName(detail["ModelPackageGroupName"]),
        status=RegistryStatus(detail["ModelApprovalStatus"]),
        package_status=PackageStatus(detail["ModelPackageStatus"]),
        created_at=CREATED,
        last_modified=CREATED,
    )

    admission = admit(package, None, Enrolment(Mode.ENFORCE, ENROLLED), status_changed=told.status_changed)

    assert admission.action is expected
    assert admission.reason
