"""Service Quotas in memory."""

from tests.fakes.faults import Faulty


class FakeQuotas(Faulty):
    """`Quotas`: `limits` and `used` by instance type; a type that is not there cannot be told."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: dict[str, int] = {}
        self.used: dict[str, int] = {}

    def endpoint_instances(self, instance_type: str) -> int | None:
        self.check()
        return self.limits.get(instance_type)

    def instances_in_use(self, instance_type: str) -> int | None:
        self.check()
        return self.used.get(instance_type)
