"""When an alarm of the embedded cloud goes off: the tables of CloudWatch's guide on missing data, and the wording."""

import json

import pytest

from local.engine.cloudwatch.alarms.evaluation import Datapoint, Rule, evaluate

RETAIN = None
_VALUES = {"0": 0.0, "X": 9.0, "-": None}


def points(text: str) -> list[Datapoint]:
    """Minutes from midnight on: `0` is fine, `X` beyond the threshold, `-` missing."""
    return [(60 * n, _VALUES[sign]) for n, sign in enumerate(text.split())]


def rule(periods: int, datapoints: int, missing: str) -> Rule:
    """More than five in so many minutes."""
    return Rule("GreaterThanThreshold", 5.0, periods, datapoints, missing, statistic="Sum")


@pytest.mark.parametrize(
    "recent, missing, ignore, breaching, not_breaching",
    [
        ("0 - X - X", "OK", "OK", "OK", "OK"),
        ("- - - - 0", "OK", "OK", "OK", "OK"),
        ("- - - - -", "INSUFFICIENT_DATA", RETAIN, "ALARM", "OK"),
        ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", "ALARM", RETAIN, "ALARM", "OK"),
    ],
)
def test_three_of_three_minutes_as_the_guide_has_it(
    recent: str, missing: str, ignore: str | None, breaching: str, not_breaching: str
) -> None:
    wanted = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}

    found = {how: evaluate(rule(3, 3, how), points(recent), at=300.0) for how in wanted}

    assert {how: finding and finding.state for how, finding in found.items()} == wanted


@pytest.mark.parametrize(
    "recent, missing, ignore, breaching, not_breaching",
    [
        ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", "OK", "OK", "ALARM", "OK"),
        ("- - - - 0", "OK", "OK", "ALARM", "OK"),
        ("- - - X -", "ALARM", RETAIN, "ALARM", "OK"),
    ],
)
def test_two_of_three_minutes_as_the_guide_has_it(
    recent: str, missing: str, ignore: str | None, breaching: str, not_breaching: str
) -> None:
    wanted = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}

    found = {how: evaluate(rule(3, 2, how), points(recent), at=300.0) for how in wanted}

    assert {how: finding and finding.state for how, finding in found.items()} == wanted


def test_a_first_breach_is_not_yet_an_alarm_over_three_minutes() -> None:
    assert evaluate(rule(3, 3, "missing"), points("- - - - X"), at=300.0) is None


@pytest.mark.parametrize(
    "operator, alarms",
    [
        ("GreaterThanThreshold", "X"),
        ("GreaterThanOrEqualToThreshold", "=X"),
        ("LessThanThreshold", "0"),
        ("LessThanOrEqualToThreshold", "0="),
    ],
)
def test_each_comparison_treats_the_threshold_itself_as_it_says(operator: str, alarms: str) -> None:
    values = {"0": 4.0, "=": 5.0, "X": 6.0}
    one = Rule(operator, 5.0, 1, 1)

    found = {sign: evaluate(one, [(0, value)], at=60.0) for sign, value in values.items()}

    assert "".join(sign for sign, finding in found.items() if finding and finding.state == "ALARM") == alarms


def test_an_alarm_gives_its_reason_in_the_words_of_cloudwatch() -> None:
    found = evaluate(rule(3, 2, "missing"), points("0 X X"), at=181.5)

    assert found is not None
    assert found.reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (01/01/70 00:02:00), 9.0 (01/01/70 00:01:00)] were "
        "greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )
    data = json.loads(found.reason_data)
    assert data["queryDate"] == "1970-01-01T00:03:01.500+0000"
    assert data["startDate"] == "1970-01-01T00:00:00.000+0000"
    assert data["recentDatapoints"] == [0.0, 9.0, 9.0]
    assert (data["statistic"], data["period"], data["threshold"]) == ("Sum", 60, 5.0)


def test_a_recovery_says_how_many_good_minutes_it_takes() -> None:
    found = evaluate(rule(3, 2, "missing"), points("X 0 0"), at=180.0)

    assert found is not None
    assert found.reason.endswith("(minimum 2 datapoints for ALARM -> OK transition).")
    assert " were not greater than " in found.reason


def test_silence_that_was_told_to_be_fine_says_so() -> None:
    found = evaluate(rule(3, 3, "notBreaching"), points("- - - - -"), at=300.0)

    assert found is not None
    assert found.reason == (
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
        "[NonBreaching]."
    )
