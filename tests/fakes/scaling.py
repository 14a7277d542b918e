"""Application Auto Scaling in memory."""

from sluice.model.endpoint import ScalingSeen
from tests.fakes.faults import Faulty


class FakeScaling(Faulty):
    """`Scaling`: `targets` by endpoint and variant; `effects` lists what changed something."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[tuple[str, str], ScalingSeen] = {}
        self.effects: list[tuple[str, str]] = []

    def of_variant(self, endpoint: str, variant: str) -> ScalingSeen | None:
        self.check()
        return self.targets.get((endpoint, variant))

    def register(self, seen: ScalingSeen) -> None:
        self.check()
        _, endpoint, _, variant = seen.resource_id.split("/")
        if self.targets.get((endpoint, variant)) != seen:
            self.targets[endpoint, variant] = seen
            self.effects.append(("register", seen.resource_id))

    def deregister(self, endpoint: str, variant: str) -> None:
        self.check()
        gone = self.targets.pop((endpoint, variant), None)
        if gone is not None:
            self.effects.append(("deregister", gone.resource_id))
