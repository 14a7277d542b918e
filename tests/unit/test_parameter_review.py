from dataclasses import replace

import pytest

from sluice.core.parameter_review import LabelCare, Review, label_care, review, text_digest
from sluice.model.ids import Micros
from sluice.model.parameter import Parameter, ParameterRecord

READ = Parameter("/sluice/people", "text", 3, Micros(1000))
JUDGED = ParameterRecord("/sluice/people", 3, text_digest("text"), Micros(1000))
DELETED = replace(JUDGED, deleted=True)


@pytest.mark.parametrize(
    "parameter, record, expected",
    [
        (None, None, Review.NOTHING),
        (None, JUDGED, Review.DELETED),
        (None, DELETED, Review.NOTHING),
        (READ, None, Review.NEW_TEXT),
        (READ, JUDGED, Review.SAME),
        (replace(READ, version=4, modified_at=Micros(1001)), JUDGED, Review.NEW_TEXT),
        (replace(READ, version=4), JUDGED, Review.NEW_TEXT),
        (replace(READ, value="other"), JUDGED, Review.NEW_TEXT),
        (replace(READ, version=2, modified_at=Micros(999)), JUDGED, Review.STALE),
        (replace(READ, version=1, modified_at=Micros(1001)), JUDGED, Review.NEW_TEXT),
        (READ, DELETED, Review.STALE),
        (replace(READ, modified_at=Micros(1001)), DELETED, Review.NEW_TEXT),
        (replace(READ, version=1, value="other"), DELETED, Review.NEW_TEXT),
        (replace(READ, version=2, modified_at=Micros(999)), DELETED, Review.STALE),
    ],
)
def test_what_was_read_is_held_against_what_is_remembered(
    parameter: Parameter | None, record: ParameterRecord | None, expected: Review
) -> None:
    assert review(parameter, record) is expected


@pytest.mark.parametrize(
    "live, ours, found, expected",
    [
        (None, None, None, LabelCare.NONE),
        (3, None, None, LabelCare.SET),
        (3, None, 3, LabelCare.NONE),
        (3, 2, 2, LabelCare.SET),
        (3, 2, 3, LabelCare.NONE),
        (3, 3, 3, LabelCare.NONE),
        (3, 3, None, LabelCare.SET),
        (3, 3, 2, LabelCare.REPORT),
        (3, 2, 4, LabelCare.REPORT),
        (3, None, 2, LabelCare.REPORT),
        (None, None, 1, LabelCare.REPORT),
    ],
)
def test_a_label_that_neither_is_right_nor_was_ours_is_reported(
    live: int | None, ours: int | None, found: int | None, expected: LabelCare
) -> None:
    assert label_care(replace(JUDGED, live_version=live, labelled_version=ours), found) is expected
