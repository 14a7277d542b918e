"""Reviews of incidents, where people find them."""

from __future__ import annotations

from typing import Protocol


class Reviews(Protocol):
    """The drafts of reviews, in the archive."""

    def keep(self, key: str, text: str) -> str:
        """Keep a document under its key; returns the bucket that it is in. The same again changes nothing."""
        ...
