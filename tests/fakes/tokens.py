"""`Tokens` in memory."""

from dataclasses import dataclass, field

from sluice.model.ids import ApprovalId, Micros


@dataclass(slots=True)
class FakeTokens:
    """Keeps tokens in a dictionary; nothing expires, as DynamoDB promises no moment either."""

    tokens: dict[ApprovalId, str] = field(default_factory=dict)
    expiries: dict[ApprovalId, Micros] = field(default_factory=dict)

    def put(self, approval_id: ApprovalId, token: str, *, expires: Micros) -> None:
        """Keep the newest token."""
        self.tokens[approval_id] = token
        self.expiries[approval_id] = expires

    def get(self, approval_id: ApprovalId) -> str | None:
        """The token, or None."""
        return self.tokens.get(approval_id)

    def forget(self, approval_id: ApprovalId) -> None:
        """Delete the token if it is there."""
        self.tokens.pop(approval_id, None)
