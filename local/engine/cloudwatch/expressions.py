"""Metric math, the part that alarms and dashboards of a rollout need: arithmetic, comparison and a few functions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from local.engine.cloudwatch.errors import invalid

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|==|!=|&&|\|\||[-+*/^(),<>\[\]]))")
_LEVELS = (("||",), ("&&",), ("<", ">", "<=", ">=", "==", "!="), ("+", "-"), ("*", "/"), ("^",))

type Values = dict[int, float]
type Operand = float | Values | list[Values]
type Node = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can name: the answers so far, which of them are metrics, and the periods of the window."""

    found: Mapping[str, Values]
    metrics: Sequence[str]
    grid: Sequence[int]
    period: int


def parse(text: str, *, names: Sequence[str]) -> Node:
    """The tree of an expression; raises ValidationError for what cannot be read or names nothing."""
    tokens = _tokens(text)
    node, rest = _binary(tokens, 0, text)
    if rest:
        raise _unreadable(text)
    unknown = _names(node) - set(names)
    if unknown:
        raise invalid(f"Error in expression '{text}': unknown {', '.join(sorted(unknown))}.")
    return node


def names(text: str) -> set[str]:
    """The ids that an expression names."""
    return _names(_binary(_tokens(text), 0, text)[0])


def evaluated(text: str, scope: Scope) -> Values:
    """The values of an expression; it must be one series."""
    result = _value(parse(text, names=list(scope.found)), scope)
    if isinstance(result, dict):
        return result
    if isinstance(result, list):
        raise invalid(f"The expression '{text}' is not one time series.")
    raise invalid(f"The expression '{text}' is a scalar, not a time series.")


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text)
        found.append(next(part for part in match.groups() if part))
        at = match.end()
    return found


def _binary(tokens: list[str], level: int, text: str) -> tuple[Node, list[str]]:
    if level == len(_LEVELS):
        return _single(tokens, text)
    node, tokens = _binary(tokens, level + 1, text)
    while tokens and tokens[0] in _LEVELS[level]:
        right, rest = _binary(tokens[1:], level + 1, text)
        node, tokens = ("op", tokens[0], node, right), rest
    return node, tokens


def _single(tokens: list[str], text: str) -> tuple[Node, list[str]]:
    if not tokens:
        raise _unreadable(text)
    first, rest = tokens[0], tokens[1:]
    if first == "-":
        node, rest = _single(rest, text)
        return ("op", "-", ("number", 0.0), node), rest
    if first in "([":
        items, rest = _items(rest, ")" if first == "(" else "]", text)
        return (items[0] if first == "(" and len(items) == 1 else ("list", items)), rest
    if re.match(r"[\d.]", first):
        return ("number", float(first)), rest
    if not re.match(r"[A-Za-z_]", first):
        raise _unreadable(text)
    if rest and rest[0] == "(":
        items, rest = _items(rest[1:], ")", text)
        return ("call", first.upper(), items), rest
    return ("constant" if first in ("REPEAT", "LINEAR") else "name", first), rest


def _items(tokens: list[str], closing: str, text: str) -> tuple[list[Node], list[str]]:
    items: list[Node] = []
    while tokens and tokens[0] != closing:
        node, tokens = _binary(tokens, 0, text)
        items.append(node)
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    if not tokens:
        raise _unreadable(text)
    return items, tokens[1:]


def _names(node: Node) -> set[str]:
    match node:
        case ("name", name):
            return {name}
        case ("op", _, left, right):
            return _names(left) | _names(right)
        case ("call", function, items):
            if function not in _FUNCTIONS:
                raise invalid(f"Unknown function {function}.")
            return set().union(*map(_names, items))
        case ("list", items):
            return set().union(*map(_names, items))
        case _:
            return set()


def _value(node: Node, scope: Scope) -> Operand:
    match node:
        case ("number", number):
            return float(number)
        case ("name", name):
            return scope.found[name]
        case ("op", sign, left, right):
            return _both(_OPERATORS[sign], _value(left, scope), _value(right, scope))
        case ("list", items):
            return [_series(_value(item, scope)) for item in items]
        case ("call", function, items):
            return _FUNCTIONS[function](scope, *[i[1] if i[0] == "constant" else _value(i, scope) for i in items])
        case _:
            raise invalid(f"{node[1]} is no value.")


def _both(act: Callable[[float, float], float | None], left: Operand, right: Operand) -> Operand:
    """An operator over numbers and series; a period that either side lacks, or a division by zero, has no value."""
    if isinstance(left, list):
        return [_series(_both(act, part, right)) for part in left]
    if isinstance(right, list):
        return [_series(_both(act, left, part)) for part in right]
    if isinstance(left, float) and isinstance(right, float):
        return act(left, right) or 0.0
    times = set(left if isinstance(left, dict) else right)  # type: ignore[arg-type]  # one of them is a series
    if isinstance(left, dict) and isinstance(right, dict):
        times &= set(right)
    pairs = ((t, act(_at(left, t), _at(right, t))) for t in sorted(times))
    return {t: value for t, value in pairs if value is not None}


def _at(operand: Operand, second: int) -> float:
    if isinstance(operand, dict):
        return operand[second]
    if isinstance(operand, float):
        return operand
    raise invalid("A list of series cannot be used here.")


def _series(operand: Operand) -> Values:
    if not isinstance(operand, dict):
        raise invalid("A time series is needed here.")
    return operand


def _aggregated(act: Callable[[list[float]], float]) -> Callable[..., Operand]:
    """AVG, MAX, MIN, SUM: over all series of a list by period, or over all periods of one series to a number."""

    def function(_scope: Scope, operand: Operand) -> Operand:
        if isinstance(operand, list):
            times = sorted(set().union(*operand))
            return {t: act([values[t] for values in operand if t in values]) for t in times}
        return act(list(_series(operand).values()) or [0.0])

    return function


def _fill(scope: Scope, operand: Operand, filling: Any) -> Operand:
    if isinstance(operand, list):
        return [_series(_fill(scope, part, filling)) for part in operand]
    values = dict(_series(operand))
    last: float | None = None
    for second in scope.grid:
        if second in values:
            last = values[second]
        elif isinstance(filling, float):
            values[second] = filling
        elif last is not None:
            values[second] = last
    return dict(sorted(values.items()))


def _if(_scope: Scope, condition: Operand, yes: Operand, no: Operand | None = None) -> Operand:
    if isinstance(condition, float):
        return yes if condition else (no if no is not None else {})
    result: Values = {}
    for second, value in _series(condition).items():
        chosen = yes if value else no
        if isinstance(chosen, dict):
            if second in chosen:
                result[second] = chosen[second]
        elif chosen is not None:
            result[second] = _at(chosen, second)
    return result


def _each(act: Callable[[float], float]) -> Callable[..., Operand]:
    return lambda _scope, operand: (
        act(operand) if isinstance(operand, float) else {t: act(v) for t, v in _series(operand).items()}
    )


def _running_sum(_scope: Scope, operand: Operand) -> Operand:
    total, result = 0.0, {}
    for second, value in _series(operand).items():
        total += value
        result[second] = total
    return result


def _unreadable(text: str) -> Exception:
    return invalid(f"Error in expression '{text}': it cannot be read.")


_OPERATORS: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "^": lambda a, b: a**b,
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "&&": lambda a, b: float(bool(a) and bool(b)),
    "||": lambda a, b: float(bool(a) or bool(b)),
}
_FUNCTIONS: dict[str, Callable[..., Operand]] = {
    "ABS": _each(abs),
    "AVG": _aggregated(lambda values: sum(values) / len(values)),
    "CEIL": _each(lambda value: float(-(-value // 1))),
    "DIFF": lambda _scope, operand: {b: _series(operand)[b] - _series(operand)[a] for a, b in pairwise(operand)},
    "FILL": _fill,
    "FLOOR": _each(lambda value: float(value // 1)),
    "IF": _if,
    "MAX": _aggregated(max),
    "METRICS": lambda scope, *_: [scope.found[name] for name in scope.metrics],
    "MIN": _aggregated(min),
    "PERIOD": lambda scope, *_: float(scope.period),
    "RUNNING_SUM": _running_sum,
    "SUM": _aggregated(sum),
}
