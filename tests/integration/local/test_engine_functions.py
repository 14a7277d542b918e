"""How the engine runs Python functions."""

import time

from local import clock
from tests.integration.local.conftest import Rig


def test_an_exception_answers_with_its_class_name(rig: Rig) -> None:
    answer = rig.invoke({"do": "raise", "message": "not now"})

    assert answer["error"] == "Unhandled"
    assert answer["payload"]["errorType"] == "Transient"
    assert answer["payload"]["errorMessage"] == "not now"


def test_the_environment_survives_an_exception(rig: Rig) -> None:
    before = rig.invoke({"do": "where"})["payload"]["pid"]

    rig.invoke({"do": "raise"})

    assert rig.invoke({"do": "where"})["payload"]["pid"] == before


def test_the_layer_is_on_the_path(rig: Rig) -> None:
    answer = rig.invoke({"do": "where"})

    assert answer["payload"]["layer"] == "layer"


def test_a_function_may_do_what_its_role_allows(rig: Rig) -> None:
    answer = rig.invoke({"do": "put", "pk": "allowed"})

    assert answer["error"] is None
    assert rig.item("allowed") is not None


def test_a_function_may_not_do_what_its_role_does_not_allow(rig: Rig) -> None:
    answer = rig.invoke({"do": "put", "pk": "x", "table": rig.outputs["ForbiddenTableName"]})

    assert answer["payload"]["errorType"] == "ClientError"
    assert "AccessDeniedException" in answer["payload"]["errorMessage"]


def test_the_products_clock_is_the_simulated_one(rig: Rig) -> None:
    before_ns = time.time_ns()
    clock.advance(7200)

    answer = rig.invoke({"do": "time"})

    assert answer["payload"]["now_ns"] >= before_ns + 7200 * 10**9


def test_what_a_function_prints_is_in_its_log(rig: Rig) -> None:
    rig.invoke({"do": "log", "line": "a line to be found"})

    logs = rig.engine.state / "functions" / f"{rig.outputs['FunctionName']}.log"
    assert "a line to be found" in logs.read_text()
