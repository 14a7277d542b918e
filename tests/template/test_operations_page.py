"""docs/operations.md says of every alarm of the stack what to do when it fires."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

from local.stack import load

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/operations.md").read_text()
TOLD = re.findall(r"`([\w*]+Alarm)`", PAGE)
RESOURCES = load(ROOT / "template.yaml")["Resources"]
ALARMS = sorted(name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::CloudWatch::Alarm")


def test_every_alarm_has_a_row() -> None:
    assert [name for name in ALARMS if not any(fnmatchcase(name, told) for told in TOLD)] == []


def test_every_row_is_of_an_alarm() -> None:
    assert [told for told in TOLD if not any(fnmatchcase(name, told) for name in ALARMS)] == []


def test_only_functions_that_fail_on_purpose_have_no_alarm_on_errors() -> None:
    functions = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Serverless::Function"}
    without = {name for name in functions if f"{name.removesuffix('Function')}ErrorsAlarm" not in ALARMS}

    assert without == {"ChangeEndpointFunction", "TakeBackFunction"}
