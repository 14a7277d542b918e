"""What the use cases need from the world, one small Protocol a need; adapters/ has an implementation of each.

A port names models only in annotations, so that a function loads none that it does not use.
"""

from sluice.ports.evidence import Documents, EvidenceArchive, Judgements, LineageSource, Registry
from sluice.ports.hosting import Alarms, Endpoints, Metrics, Quotas, Scaling
from sluice.ports.memory import Clock, Ids, LedgerArchive, LedgerExport, LedgerReading, Outbox, Records, Tokens
from sluice.ports.paging import Hooks, Pager, Topics
from sluice.ports.reviews import Reviews
from sluice.ports.services import Chat, CommandQueue, EventBus, Executions, Parameters, Timers, Waiting

__all__ = [
    "Alarms",
    "Chat",
    "Clock",
    "CommandQueue",
    "Documents",
    "Endpoints",
    "EventBus",
    "EvidenceArchive",
    "Executions",
    "Hooks",
    "Ids",
    "Judgements",
    "LedgerArchive",
    "LedgerExport",
    "LedgerReading",
    "LineageSource",
    "Metrics",
    "Outbox",
    "Pager",
    "Parameters",
    "Quotas",
    "Records",
    "Registry",
    "Reviews",
    "Scaling",
    "Timers",
    "Tokens",
    "Topics",
    "Waiting",
]
