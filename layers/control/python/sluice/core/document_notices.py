"""Notices about the parameters that hold documents: deleted, or their label tampered with."""

from collections.abc import Sequence

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.slack_text import MESSAGE_TEXT, code, cut, mentions, mrkdwn, one_line
from sluice.model.ids import SlackUserId
from sluice.model.parameter import SCHEDULES


def parameter_deleted(parameter: str, owners: Sequence[SlackUserId], *, in_force: bool) -> Card:
    """To the owner: the parameter is gone, and what that means."""
    stays = "What was in force stays in force" if in_force else "Nothing from it was in force"
    return _notice(
        owners,
        f"🗑 {code(parameter, 200)} was *deleted*. {stays}.",
        "To change what is in force, make the parameter anew with a valid text.",
        f"{parameter} was deleted. {stays}.",
    )


def label_moved(parameter: str, owners: Sequence[SlackUserId], *, found: int, live: int | None) -> Card:
    """To the owner: somebody else labelled a version `live`."""
    truth = f"Version {live} is in force" if live else "No version of it is in force"
    return _notice(
        owners,
        f"🏷 Somebody labelled version {found} of {code(parameter, 200)} as *live*. {truth}, and that has not changed.",
        "Only Sluice sets this label. Put a text in force by writing it as a new version.",
        f"Somebody labelled version {found} of {parameter} as live. {truth}.",
    )


def label_not_set(parameter: str, owners: Sequence[SlackUserId], *, live: int) -> Card:
    """To the owner: the version is in force but could not be labelled, since it holds ten labels already."""
    return _notice(
        owners,
        f"🏷 Version {live} of {code(parameter, 200)} is *in force*, but could not be labelled `live`.",
        "A version holds ten labels at most. Remove one of yours.",
        f"Version {live} of {parameter} is in force but could not be labelled live.",
    )


def schedules_missing(parameter: str, owners: Sequence[SlackUserId], schedules: Sequence[str]) -> Card:
    """To the owner: the policy is in force and calls by schedules that are not."""
    named = ", ".join(f"schedule:{name}" for name in schedules)
    nobody = "but nobody can be called by"
    return _notice(
        owners,
        f"📅 {code(parameter, 200)} is *in force*, {nobody} {code(named, 600)}: there is no such schedule.",
        f"Write it as {code(f'{SCHEDULES}/{schedules[0]}', 200)}, or name somebody else in the policy.",
        f"{parameter} is in force, {nobody} {named}: there is no such schedule.",
    )


def _notice(owners: Sequence[SlackUserId], heading: str, advice: str, text: str) -> Card:
    whose = f"{mentions(owners)}: " if owners else ""
    return Card(text=cut(one_line(text), MESSAGE_TEXT), blocks=(section(whose + heading), context(mrkdwn(advice))))
