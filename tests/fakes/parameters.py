"""A Parameter Store in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sluice.errors import SluiceError
from sluice.model.ids import Micros
from sluice.model.parameter import PEOPLE, POLICIES, SCHEDULES, Labelling, Parameter

_LABELS_OF_A_VERSION = 10
WRITER = "arn:aws:iam::123456789012:user/writer"


@dataclass(slots=True)
class FakeParameters:
    """`Parameters` over dicts; `labellings` counts the calls, `fail_next` is raised once by the next call."""

    fail_next: SluiceError | None = None
    labellings: int = 0
    _texts: dict[str, list[Parameter]] = field(default_factory=dict)
    _labels: dict[str, dict[str, int]] = field(default_factory=dict)
    _now: int = 1_000_000

    def put(self, name: str, value: str, *, type: str = "String") -> int:  # noqa: A002  # SSM's own word
        """Write the next version, as a user would."""
        versions = self._texts.setdefault(name, [])
        self._now += 1000
        versions.append(Parameter(name, value, len(versions) + 1, Micros(self._now), type))
        return len(versions)

    def delete(self, name: str) -> None:
        self._texts.pop(name)
        self._labels.pop(name, None)

    def read(self, name: str) -> Parameter | None:
        self._fail()
        versions = self._texts.get(name)
        return versions[-1] if versions else None

    def read_all(self) -> Iterator[Parameter]:
        self._fail()
        for name in sorted(self._texts):
            if name == PEOPLE or name.startswith((f"{POLICIES}/", f"{SCHEDULES}/")):
                yield self._texts[name][-1]

    def written_by(self, name: str, version: int) -> str | None:
        self._fail()
        kept = any(known.version == version for known in self._texts.get(name, []))
        return WRITER if kept else None

    def labelled(self, name: str, label: str) -> int | None:
        self._fail()
        return self._labels.get(name, {}).get(label)

    def label(self, name: str, version: int, label: str) -> Labelling:
        self._fail()
        self.labellings += 1
        if version > len(self._texts.get(name, [])):
            return Labelling.GONE
        labels = self._labels.setdefault(name, {})
        held = [known for known, where in labels.items() if where == version and known != label]
        if len(held) >= _LABELS_OF_A_VERSION:
            return Labelling.FULL
        labels[label] = version
        return Labelling.LABELLED

    def _fail(self) -> None:
        error, self.fail_next = self.fail_next, None
        if error is not None:
            raise error
