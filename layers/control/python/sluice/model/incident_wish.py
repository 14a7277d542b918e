"""What a person can ask of an incident: a word that also those know who are to start quickly."""

from enum import StrEnum


class IncidentWish(StrEnum):
    """What a person can ask of an incident."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    ROLL_BACK = "roll_back"
    CLEAR_HOLD = "clear_hold"
