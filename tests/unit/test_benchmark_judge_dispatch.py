"""`python -m benchmarks NAME` finds the benchmark."""

from importlib import import_module

import pytest

from benchmarks.__main__ import benchmarks, main


def test_every_benchmark_is_found_by_its_name() -> None:
    assert {"cold_start", "embedded_cloud", "judge", "ledger_verify"} <= set(benchmarks())


def test_the_judges_benchmark_is_a_folder_with_a_command() -> None:
    assert callable(import_module(benchmarks()["judge"]).main)


@pytest.mark.parametrize("arguments", [[], ["judges"]])
def test_a_name_that_there_is_not_is_answered_with_those_that_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "judge" in capsys.readouterr().err
