"""`Chat` over Slack's Web API."""

import re
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from sluice.errors import ChannelUnavailable, PermanentFailure, TransientFailure
from sluice.model.posted import Posted

if TYPE_CHECKING:
    from slack_sdk import WebClient

_TRANSIENT = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
# What is wrong with the one channel: a message may be shown in another meanwhile.
_UNAVAILABLE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
# What people put right in Slack or in the secret, and what must not lose a message meanwhile.
_MENDABLE = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_authed",
        "restricted_action",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
_CODE = re.compile(r"[a-z0-9_]{1,80}")


class _MessageGoneError(PermanentFailure):
    """The message that was to be replaced is not there."""


class SlackChat:
    """Speaks as the bot whose token it is given; `slack_sdk` is imported when it first speaks, not before."""

    def __init__(self, api_url: str, token: Callable[[], str], *, timeout_s: int) -> None:
        self._api_url = api_url
        self._token = token
        self._timeout_s = timeout_s

    def post(self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> Posted:
        """Post a message; a person's id as channel opens the direct message with them."""
        answer = self._call("chat.postMessage", channel=channel, text=text, blocks=list(blocks), unfurl_links=False)
        return Posted(str(answer["channel"]), str(answer["ts"]))

    def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Replace one of our own messages; False when somebody deleted it."""
        try:
            self._call("chat.update", channel=channel, ts=ts, text=text, blocks=list(blocks))
        except _MessageGoneError:
            return False
        return True

    def whisper(self, channel: str, user: str, *, text: str) -> None:
        """Show a text to one person."""
        self._call("chat.postEphemeral", channel=channel, user=user, text=text)

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message."""
        return str(self._ask("chat.getPermalink", channel=channel, message_ts=ts)["permalink"])

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal."""
        self._call("views.open", trigger_id=trigger_id, view=dict(view))

    def group_members(self, user_group: str) -> frozenset[str]:
        """Ids of the people of a user group."""
        return frozenset(self._ask("usergroups.users.list", usergroup=user_group)["users"])

    def _call(self, method: str, **arguments: Any) -> Any:
        return self._send(method, json=arguments)

    def _ask(self, method: str, **arguments: str) -> Any:
        """Slack's reading methods do not see a JSON body: they answer as if nothing had been said in it."""
        return self._send(method, http_verb="GET", params=arguments)

    def _send(self, method: str, **request: Any) -> Any:
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            return self._client().api_call(method, **request)
        except SlackApiError as error:
            raise _failure(method, str(error.response.get("error", "")), error.response.status_code) from error
        except (SlackClientError, HTTPException, OSError) as error:
            raise TransientFailure(f"{method}: {type(error).__name__}") from error

    def _client(self) -> "WebClient":
        from slack_sdk import WebClient

        # Whoever calls has patience of their own (the outbox, the queue) or none (a modal's trigger lives 3 seconds).
        return WebClient(self._token(), base_url=self._api_url, timeout=self._timeout_s, retry_handlers=[])


def _failure(method: str, code: str, status: int) -> TransientFailure | PermanentFailure:
    """An answer without a code of Slack's is not Slack's own: a page of whoever stands before it while it is away."""
    if code == "message_not_found":
        return _MessageGoneError(f"{method}: {code}")
    if code in _UNAVAILABLE:
        return ChannelUnavailable(f"{method}: {code}")
    own = _CODE.fullmatch(code) is not None
    passes = code in _TRANSIENT or code in _MENDABLE or not own or status == 429 or status >= 500
    kind = TransientFailure if passes else PermanentFailure
    return kind(f"{method}: {code if own else status}")
