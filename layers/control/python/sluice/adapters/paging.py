"""Pages of an answer that are linked by NextToken."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sluice.adapters.aws_errors import translated


def pages(operation: str, call: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every page of an answer; `call` gets what a page is asked for by, which is nothing for the first.

    For what people wait for: botocore's paginator does the same, after reading a model of its own, which costs about
    as much as the client of a small service.
    """
    token: dict[str, Any] = {}
    while True:
        with translated(operation):
            page = call(token)
        yield page
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
