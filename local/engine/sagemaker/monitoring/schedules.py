"""Monitoring schedules, and the list of their runs."""

from typing import Any

from local import clock
from local.engine.sagemaker import paging, store, tags
from local.engine.sagemaker.errors import ApiError, invalid, not_found

_DATA_QUALITY = "DataQuality"


def create(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """CreateMonitoringSchedule, of a definition that stands in the schedule itself."""
    name, config = request["MonitoringScheduleName"], request["MonitoringScheduleConfig"]
    arn = store.arn("monitoring-schedule", name)
    if arn in store.monitoring_schedules:
        raise ApiError("ResourceInUse", f"Monitoring Schedule {arn} already exists")
    if "MonitoringJobDefinition" not in config:
        raise invalid("Job definitions that stand apart from their schedule are not part of the embedded SageMaker.")
    now = clock.now()
    inputs = config["MonitoringJobDefinition"]["MonitoringInputs"]
    schedule = {
        "MonitoringScheduleArn": arn,
        "MonitoringScheduleName": name,
        "MonitoringScheduleStatus": "Scheduled",
        "MonitoringType": config.get("MonitoringType", _DATA_QUALITY),
        "CreationTime": now,
        "LastModifiedTime": now,
        "MonitoringScheduleConfig": config,
        "EndpointName": next((i["EndpointInput"]["EndpointName"] for i in inputs if "EndpointInput" in i), None),
    }
    store.monitoring_schedules[arn] = {k: v for k, v in schedule.items() if v is not None}
    tags.put(arn, request.get("Tags") or [])
    return {"MonitoringScheduleArn": arn}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeMonitoringSchedule, with its last run."""
    schedule = find(request["MonitoringScheduleName"])
    last = runs_of(schedule["MonitoringScheduleArn"])[-1:]
    return schedule | ({"LastMonitoringExecutionSummary": last[0]} if last else {})


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteMonitoringSchedule; what its runs have left stays."""
    arn = find(request["MonitoringScheduleName"])["MonitoringScheduleArn"]
    del store.monitoring_schedules[arn]
    store.tags.pop(arn, None)
    return {}


def list_runs(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListMonitoringExecutions, of one schedule or of all."""
    name = request.get("MonitoringScheduleName")
    arns = [find(name)["MonitoringScheduleArn"]] if name else list(store.monitoring_runs)
    found = [run for arn in arns for run in runs_of(arn) if _asked_for(run, request)]
    field = request.get("SortBy", "CreationTime").replace("Status", "MonitoringExecutionStatus")
    found.sort(key=lambda run: run[field], reverse=request.get("SortOrder", "Descending") == "Descending")
    return paging.page(found, request, answer="MonitoringExecutionSummaries")


def find(name: str) -> dict[str, Any]:
    """A schedule by name."""
    schedule = store.monitoring_schedules.get(store.arn("monitoring-schedule", name))
    if schedule is None:
        raise not_found(f"Monitoring Schedule {name} not found")
    return dict(schedule)


def runs_of(arn: str) -> list[dict[str, Any]]:
    """The runs of a schedule, the newest last."""
    return list(store.monitoring_runs.get(arn, []))


def _asked_for(run: dict[str, Any], request: dict[str, Any]) -> bool:
    wanted = {
        "MonitoringExecutionStatus": request.get("StatusEquals"),
        "EndpointName": request.get("EndpointName"),
        "MonitoringType": request.get("MonitoringTypeEquals"),
    }
    after, before = request.get("ScheduledTimeAfter"), request.get("ScheduledTimeBefore")
    return (
        all(value is None or run.get(key) == value for key, value in wanted.items())
        and (after is None or run["ScheduledTime"] > after)
        and (before is None or run["ScheduledTime"] < before)
    )
