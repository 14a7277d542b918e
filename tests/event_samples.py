"""The samples in events/, and what its README states of each of them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EVENTS = ROOT / "events"

_ROW = re.compile(r"^\| `(?P<file>[^`]+\.json)` \|.*\| (?P<says>[^|]+) \|$", re.MULTILINE)
_FUNCTION = re.compile(r"`(functions/[a-z_]+)`")


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of the index: by which functions the sample is taken or emitted, or why it is ignored."""

    file: str
    says: str

    @property
    def ignored(self) -> bool:
        return self.says.startswith("ignored: ")

    @property
    def takers(self) -> list[str]:
        """Functions after the word `taken by`, wherever it stands: what Sluice emits it may take itself."""
        return _FUNCTION.findall(self.says.partition("taken by ")[2]) if not self.ignored else []

    @property
    def emitters(self) -> list[str]:
        emitted = self.says.partition("taken by ")[0]
        return _FUNCTION.findall(emitted) if emitted.startswith("emitted by ") else []


@cache
def statements() -> tuple[Statement, ...]:
    """Every line of the index, in its order."""
    text = (EVENTS / "README.md").read_text()
    return tuple(Statement(row["file"], row["says"]) for row in _ROW.finditer(text))


def files() -> list[str]:
    """Every sample there is, by its path in events/."""
    found = {path.relative_to(EVENTS).as_posix() for path in EVENTS.rglob("*.json")}
    return sorted(found - {"domain/schema.json", "monitor/schema.json"})


def from_outside() -> list[str]:
    """The samples of what is not Sluice's own: those at the top of events/."""
    return [file for file in files() if "/" not in file]


def sample(file: str) -> Any:
    """One sample; a fresh copy."""
    return json.loads((EVENTS / file).read_text())


def takers_of(file: str) -> list[str]:
    """The functions that the index says take a sample."""
    return next(statement.takers for statement in statements() if statement.file == file)
