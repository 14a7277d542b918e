"""Identifiers from the system's secure random source."""

import secrets


class RandomIds:
    """`Ids` of 128 random bits."""

    def new(self) -> str:
        """32 lower-case hex digits."""
        return secrets.token_hex(16)
