"""Model Monitor in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sluice.model.ids import Micros
from sluice.model.monitor_seen import MonitorJob, MonitorRun, MonitorSchedule, RunStatus
from tests.fakes.faults import Faulty


class FakeMonitors(Faulty):
    """`Monitors`: `jobs` and `schedules` by name, `history` the runs of a schedule, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, MonitorJob] = {}
        self.schedules: dict[str, MonitorSchedule] = {}
        self.history: dict[str, list[MonitorRun]] = {}

    def job(self, name: str) -> MonitorJob | None:
        self.check()
        return self.jobs.get(name)

    def schedule(self, name: str) -> MonitorSchedule | None:
        self.check()
        return next((s for s in self.schedules.values() if s.name.lower() == name.lower()), None)

    def runs(self, schedule: str) -> Sequence[MonitorRun]:
        self.check()
        return tuple(self.history.get(schedule, ()))

    def violated(self, *, since: Micros) -> Iterator[MonitorRun]:
        self.check()
        for name, runs in self.history.items():
            endpoint = self.schedules[name].endpoint if name in self.schedules else ""
            for run in runs:
                if run.status is RunStatus.COMPLETED_WITH_VIOLATIONS and run.scheduled_at > since:
                    yield replace(run, schedule=name, endpoint=endpoint)
