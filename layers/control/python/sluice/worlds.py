"""Worlds of use cases that know account, region or channel, put together of what `wiring` makes."""

import os
from typing import TYPE_CHECKING

from sluice import wiring

if TYPE_CHECKING:
    from sluice.usecases.admit_model_package import Admitting
    from sluice.usecases.conclude_release import Concluding
    from sluice.usecases.incident.take_signal import TakingSignals
    from sluice.usecases.reconcile import Reconciling
    from sluice.usecases.rollout.admit_alarm import AdmittingAlarms
    from sluice.usecases.rollout.admit_endpoint_change import AdmittingEndpoints
    from sluice.usecases.rollout.admit_rollout import AdmittingRollouts
    from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals
    from sluice.usecases.signals.admit_endpoint_change import AdmittingEndpointSignals
    from sluice.usecases.signals.admit_monitoring import AdmittingMonitoring
    from sluice.usecases.signals.taking import Take
    from sluice.usecases.signals.watch_production import WatchingProduction
    from sluice.usecases.signals.watch_promotions import WatchingPromotions


def admitting(function_arn: str) -> "Admitting":
    """What admission works with; account and region are those of the function itself."""
    from sluice.usecases.admit_model_package import Admitting

    region, account = function_arn.split(":")[3:5]
    return Admitting(
        records=wiring.records(),
        registry=wiring.registry(),
        executions=wiring.executions(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        account=account,
        region=region,
        home_region=os.environ["HOME_REGION"],
        channel=os.environ["SLACK_CHANNEL"],
    )


def admitting_rollouts(function_arn: str) -> "AdmittingRollouts":
    """What admission of rollouts works with; account and region are those of the function itself."""
    from sluice.usecases.rollout.admit_rollout import AdmittingRollouts

    region, account = function_arn.split(":")[3:5]
    return AdmittingRollouts(
        records=wiring.records(),
        executions=wiring.rollout_executions(),
        releases=wiring.executions(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        account=account,
        region=region,
        home_region=os.environ["HOME_REGION"],
        channel=os.environ["SLACK_CHANNEL"],
    )


def admitting_endpoints(function_arn: str) -> "AdmittingEndpoints":
    """What admission of endpoint changes works with; account and region are those of the function itself."""
    from sluice.usecases.rollout.admit_endpoint_change import AdmittingEndpoints

    region, account = function_arn.split(":")[3:5]
    return AdmittingEndpoints(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        executions=wiring.rollout_executions(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        account=account,
        region=region,
        channel=os.environ["SLACK_CHANNEL"],
    )


def admitting_alarms(function_arn: str) -> "AdmittingAlarms":
    """What admission of alarms works with; account and region are those of the function itself."""
    from sluice.usecases.rollout.admit_alarm import AdmittingAlarms

    region, account = function_arn.split(":")[3:5]
    return AdmittingAlarms(wiring.records(), wiring.command_queue(), account, region)


def taking_signals(function_arn: str) -> "TakingSignals":
    """What taking a signal works with; the region is that of the function itself."""
    from sluice.usecases.incident.take_signal import TakingSignals

    return TakingSignals(
        records=wiring.records(),
        incidents=wiring.incident_executions(),
        rollbacks=wiring.rollback_executions(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        region=function_arn.split(":")[3],
        channel=os.environ["SLACK_CHANNEL"],
    )


def admitting_alarm_signals(function_arn: str, *, names: tuple[str, ...] = ()) -> "AdmittingAlarmSignals":
    """What hearing alarms works with; `names` are the alarms of a batch. Account and region are the function's own."""
    from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals
    from sluice.usecases.signals.seen_together import SeenTogether

    region, account = function_arn.split(":")[3:5]
    return AdmittingAlarmSignals(
        records=wiring.records(),
        alarms=SeenTogether(wiring.seen_alarms(), names),
        take=_take(function_arn),
        clock=wiring.clock(),
        account=account,
        region=region,
    )


def admitting_monitoring(function_arn: str) -> "AdmittingMonitoring":
    """What hearing monitors works with; account and region are those of the function itself."""
    from sluice.usecases.signals.admit_monitoring import AdmittingMonitoring

    region, account = function_arn.split(":")[3:5]
    return AdmittingMonitoring(
        records=wiring.records(),
        monitors=wiring.monitors(),
        documents=wiring.documents(),
        take=_take(function_arn),
        account=account,
        region=region,
    )


def admitting_endpoint_signals(function_arn: str) -> "AdmittingEndpointSignals":
    """What hearing endpoints works with; account and region are those of the function itself."""
    from sluice.usecases.signals.admit_endpoint_change import AdmittingEndpointSignals

    region, account = function_arn.split(":")[3:5]
    return AdmittingEndpointSignals(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        registry=wiring.registry(),
        default_policy=wiring.default_policy,
        take=_take(function_arn),
        clock=wiring.clock(),
        account=account,
        region=region,
        own_roles=frozenset(os.environ["OWN_ROLES"].split(",")),
    )


def watching_production(function_arn: str) -> "WatchingProduction":
    """What looking at production works with."""
    from sluice.usecases.signals.keep_watch_alarms import KeepingAlarms
    from sluice.usecases.signals.watch_production import WatchingProduction

    tags = {"sluice:stack": os.environ["STACK_NAME"]}
    return WatchingProduction(
        alarms=admitting_alarm_signals(function_arn),
        monitoring=admitting_monitoring(function_arn),
        endpoints=admitting_endpoint_signals(function_arn),
        keeping=KeepingAlarms(wiring.records(), wiring.alarms(), wiring.clock(), tags),
    )


def watching_promotions(function_arn: str) -> "WatchingPromotions":
    """What comparing works with; the region is that of the function itself."""
    from sluice.usecases.signals.watch_promotions import WatchingPromotions

    return WatchingPromotions(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        metrics=wiring.metrics(),
        default_policy=wiring.default_policy,
        take=_take(function_arn),
        clock=wiring.clock(),
        region=function_arn.split(":")[3],
    )


def _take(function_arn: str) -> "Take":
    from sluice.usecases.incident.take_signal import take_signal

    taking = taking_signals(function_arn)
    return lambda signal: take_signal(signal, taking)


def concluding() -> "Concluding":
    """What concluding a release works with."""
    from sluice.usecases.conclude_release import Concluding

    return Concluding(
        records=wiring.records(),
        registry=wiring.registry(),
        judgements=wiring.judgements(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )


def reconciling(function_arn: str) -> "Reconciling":
    """What one run over everything that may have been missed works with."""
    from sluice.usecases.reconcile import Reconciling

    return Reconciling(
        admitting=admitting(function_arn),
        concluding=concluding(),
        rollouts=admitting_rollouts(function_arn),
        endpoints=admitting_endpoints(function_arn),
        signals=taking_signals(function_arn),
        queue=wiring.command_queue(),
    )
