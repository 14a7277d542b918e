"""What is to be done about a parameter, from what was read and what is remembered. Events only say where to look."""

import hashlib
from enum import StrEnum

from sluice.model.parameter import Parameter, ParameterRecord


class Review(StrEnum):
    """What a look at a parameter finds."""

    NEW_TEXT = "new_text"
    SAME = "same"
    STALE = "stale"
    DELETED = "deleted"
    NOTHING = "nothing"


class LabelCare(StrEnum):
    """What the label `live` needs."""

    NONE = "none"
    SET = "set"
    REPORT = "report"


def text_digest(text: str) -> str:
    """Digest of a text as it stands in the parameter."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def review(parameter: Parameter | None, record: ParameterRecord | None) -> Review:
    """Whether there is something new to judge.

    Version numbers start anew when a parameter is deleted and made again, so that the time of change tells what is
    older; a read that is behind what was judged already must not bring an old text back into force.
    """
    if parameter is None:
        return Review.NOTHING if record is None or record.deleted else Review.DELETED
    if record is None:
        return Review.NEW_TEXT
    if parameter.modified_at < record.modified_at:
        return Review.STALE
    known = (record.version, record.digest) == (parameter.version, text_digest(parameter.value))
    if known and record.deleted:
        return Review.NEW_TEXT if parameter.modified_at > record.modified_at else Review.STALE
    return Review.SAME if known else Review.NEW_TEXT


def label_care(record: ParameterRecord, labelled: int | None) -> LabelCare:
    """Whether the label is where it belongs, was not moved yet, or was moved by somebody else."""
    if labelled == record.live_version:
        return LabelCare.NONE
    if labelled is None or labelled == record.labelled_version:
        return LabelCare.SET
    return LabelCare.REPORT
