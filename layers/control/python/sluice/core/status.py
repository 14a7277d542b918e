"""The answer to `/sluice status`: what is under way, what stands still, and who is waited for. Mrkdwn, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sluice.core.figures import figure
from sluice.core.incident.words import ICONS, who
from sluice.core.rollout.progress import percent, state
from sluice.core.rollout.wishes import asks_to_go_on
from sluice.core.slack_text import MESSAGE_TEXT, code, cut, lines_within, moment, one_line
from sluice.model.approval import Approval, Choice
from sluice.model.endpoint import EndpointRecord
from sluice.model.incident import Incident
from sluice.model.rollout import Rollout

_SENTENCE: Final = 240
_MORE: Final = "…and {} more: name a group or an endpoint to see them."
AT_MOST: Final = 10
"""Lines of each kind: the whole stays under what Slack shows at once."""


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to tell of `about`, or of everything; `known` says whether there is such a group or endpoint.

    `links` are the addresses of messages, by the id of the record that each shows.
    """

    about: str = ""
    known: bool = True
    rollouts: Sequence[Rollout] = ()
    held: Sequence[EndpointRecord] = ()
    incidents: Sequence[Incident] = ()
    approvals: Sequence[Approval] = ()
    links: Mapping[str, str] = field(default_factory=dict)


def status_text(status: Status) -> str:
    """What is wrong and what is on hold first, since it needs somebody; then what goes on; then who is waited for."""
    incidents = [_incident(incident, status.links) for incident in status.incidents]
    held = [_held(endpoint, status.links) for endpoint in status.held]
    rollouts = [_rollout(rollout, status.links) for rollout in status.rollouts]
    approvals = [_approval(approval, status.links) for approval in status.approvals]
    lines = [
        *_part("Open incidents", incidents),
        *_part("On hold: nothing is rolled out there until a person clears it", held),
        *_part("Under way", rollouts),
        *_part("Waiting for a decision", approvals),
    ]
    return lines_within(lines or [_nothing(status)], MESSAGE_TEXT)


def _part(heading: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    more = [_MORE.format(len(lines) - AT_MOST)] if len(lines) > AT_MOST else []
    return [f"*{heading}*", *lines[:AT_MOST], *more]


def _nothing(status: Status) -> str:
    if not status.about:
        return "Nothing is under way."
    if not status.known:
        return f"No policy in force is about {code(status.about)}, neither as a model group nor as its endpoint."
    return f"Nothing is under way for {code(status.about)}."


def _rollout(rollout: Rollout, links: Mapping[str, str]) -> str:
    request, share = rollout.request, percent(rollout)
    where = f"{code(rollout.endpoint or 'its endpoint', 80)} ({request.region})"
    traffic = "" if share is None else f", {figure(share, 3)} % of the traffic"
    asks = " It waits for a person to agree." if asks_to_go_on(rollout) else ""
    said = one_line(rollout.look.sentence if rollout.look is not None else rollout.because)
    judged = f" {cut(said, _SENTENCE)}" if said else ""
    subject = f"{code(request.group, 80)} version *{request.version}* → {where}"
    icon = "⏸" if rollout.paused_at is not None else "🚚"
    return f"{icon} {subject}: {state(rollout)}{traffic}.{asks}{judged}{_link(rollout.id, links)}"


def _incident(incident: Incident, links: Mapping[str, str]) -> str:
    taken = incident.acknowledged
    has_it = "nobody has it yet" if taken is None else f"{cut(who(taken), 80)} has it"
    where = f"{code(incident.endpoint, 80)} ({incident.region})"
    said = cut(one_line(incident.summary), _SENTENCE)
    since = f"since {moment(incident.opened_at)}"
    return f"{ICONS[incident.severity]} {where}, {since}, {has_it}: {said}{_link(incident.id, links)}"


def _held(endpoint: EndpointRecord, links: Mapping[str, str]) -> str:
    rollout_id, why = endpoint.held_by
    told = cut(one_line(why), _SENTENCE)
    return f"🚨 {code(endpoint.name, 80)} ({endpoint.region}): {told}{_link(rollout_id, links)}"


def _approval(approval: Approval, links: Mapping[str, str]) -> str:
    subject = f"{code(approval.group, 80)} version *{approval.version}*"
    needs = ", ".join(f"{need.count} {one_line(need.role)}" for need in approval.needs)
    agreed = sum(vote.choice is Choice.APPROVE for vote in approval.votes)
    until = "" if approval.deadline is None else f", until {moment(approval.deadline)}"
    held = " Its evidence is being collected again." if approval.on_hold else ""
    return (
        f"🙋 {subject}: asks {cut(needs, _SENTENCE)}; {agreed} approved so far{until}.{held}{_link(approval.id, links)}"
    )


def _link(record_id: str, links: Mapping[str, str]) -> str:
    return f"  <{links[record_id]}|message>" if record_id in links else ""
