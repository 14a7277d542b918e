"""What Slack refuses in Block Kit, with its kind of message: limits of slack_sdk's models, required fields, types."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 13_200
"""Measured by users of Slack: bolt-js issues 2509 and 2867."""

type Problems = Iterable[str]
type Check = Callable[[Any, str], Problems]


def message_problems(blocks: Any) -> list[str]:
    """Why Slack would answer `invalid_blocks` to a message; empty when it would not."""
    return list(_blocks(blocks, "/blocks", MESSAGE_BLOCKS, _MESSAGE_CHECKS))


def view_problems(view: Any) -> list[str]:
    """Why Slack would refuse a modal; empty when it would not."""
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return [_error("must be a modal", "/view/type")]
    inputs = any(isinstance(b, Mapping) and b.get("type") == "input" for b in view.get("blocks") or [])
    return [
        *_text(view.get("title"), "/view/title", 24, plain_only=True),
        *(_text(view["close"], "/view/close", 24, plain_only=True) if "close" in view else []),
        *(_text(view.get("submit"), "/view/submit", 24, plain_only=True) if inputs or "submit" in view else []),
        *_string(view.get("private_metadata", ""), "/view/private_metadata", 3000, least=0),
        *_string(view.get("callback_id", ""), "/view/callback_id", 255, least=0),
        *_blocks(view.get("blocks"), "/view/blocks", VIEW_BLOCKS, _VIEW_CHECKS),
    ]


def characters(value: Any) -> int:
    """Characters of all texts in blocks, as counted for `msg_blocks_too_long` (JavaScript's count: UTF-16 units)."""
    if isinstance(value, str):
        return _length(value)
    if isinstance(value, Mapping):
        return sum(characters(v) for v in value.values())
    return sum(characters(v) for v in value) if isinstance(value, list) else 0


def _blocks(blocks: Any, at: str, most: int, checks: Mapping[str, Check]) -> Problems:
    if not isinstance(blocks, list):
        yield _error("must provide an array", at)
        return
    if len(blocks) > most:
        yield _error(f"no more than {most} items allowed [{len(blocks)}]", at)
    ids = [b["block_id"] for b in blocks if isinstance(b, Mapping) and "block_id" in b]
    if len(ids) != len(set(ids)):
        yield _error("block_id is not unique", at)
    for index, block in enumerate(blocks):
        yield from _block(block, f"{at}/{index}", checks)


def _block(block: Any, at: str, checks: Mapping[str, Check]) -> Problems:
    check = checks.get(str(block.get("type"))) if isinstance(block, Mapping) else None
    if check is None:
        yield _error("unsupported type", f"{at}/type")
        return
    yield from _string(block.get("block_id", "x"), f"{at}/block_id", 255)
    yield from check(block, at)


def _section(block: Any, at: str) -> Problems:
    if "text" not in block and "fields" not in block:
        yield _error("missing required field: text or fields", at)
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    if "fields" in block:
        yield from _many(block["fields"], f"{at}/fields", 10, lambda f, where: _text(f, where, 2000))
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _header(block: Any, at: str) -> Problems:
    return _text(block.get("text"), f"{at}/text", 150, plain_only=True)


def _context(block: Any, at: str) -> Problems:
    return _many(block.get("elements"), f"{at}/elements", 10, _context_element)


def _context_element(element: Any, at: str) -> Problems:
    if isinstance(element, Mapping) and element.get("type") == "image":
        return _image(element, at)
    return _text(element, at, 3000)


def _actions(block: Any, at: str) -> Problems:
    yield from _many(block.get("elements"), f"{at}/elements", 25, _element)
    ids = [e.get("action_id") for e in block.get("elements") or [] if isinstance(e, Mapping)]
    if len(ids) != len(set(ids)):
        yield _error("action_id is not unique", f"{at}/elements")


def _input(block: Any, at: str) -> Problems:
    yield from _text(block.get("label"), f"{at}/label", 2000, plain_only=True)
    if "hint" in block:
        yield from _text(block["hint"], f"{at}/hint", 2000, plain_only=True)
    yield from _element(block.get("element"), f"{at}/element")


def _image(block: Any, at: str) -> Problems:
    yield from _string(block.get("image_url"), f"{at}/image_url", 3000)
    yield from _string(block.get("alt_text"), f"{at}/alt_text", 2000)


def _divider(_block: Any, _at: str) -> Problems:
    return ()


def _element(element: Any, at: str) -> Problems:
    check = _ELEMENTS.get(str(element.get("type"))) if isinstance(element, Mapping) else None
    if check is None:
        yield _error("unsupported type", f"{at}/type")
        return
    yield from _string(element.get("action_id", "x"), f"{at}/action_id", 255)
    yield from check(element, at)


def _button(element: Any, at: str) -> Problems:
    yield from _text(element.get("text"), f"{at}/text", 75, plain_only=True)
    yield from _string(element.get("value", ""), f"{at}/value", 2000, least=0)
    yield from _string(element.get("url", ""), f"{at}/url", 3000, least=0)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _error("failed to match any allowed values", f"{at}/style")
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}/confirm")


def _confirm(confirm: Any, at: str) -> Problems:
    if not isinstance(confirm, Mapping):
        yield _error("must provide an object", at)
        return
    for name, most in (("title", 100), ("confirm", 30), ("deny", 30)):
        yield from _text(confirm.get(name), f"{at}/{name}", most, plain_only=True)
    yield from _text(confirm.get("text"), f"{at}/text", 300)


def _text_input(element: Any, at: str) -> Problems:
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{at}/placeholder", 150, plain_only=True)
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if not (isinstance(least, int) and isinstance(most, int) and 0 <= least <= most and 1 <= most <= 3000):
        yield _error("min_length and max_length must lie within 0 and 3000", at)


def _text(text: Any, at: str, most: int, *, plain_only: bool = False) -> Problems:
    if not isinstance(text, Mapping):
        yield _error("missing required field", at)
        return
    allowed = ("plain_text",) if plain_only else ("plain_text", "mrkdwn")
    extra = {"type", "text", "emoji" if text.get("type") == "plain_text" else "verbatim"}
    if text.get("type") not in allowed:
        yield _error("failed to match any allowed types", f"{at}/type")
    if set(text) - extra:
        yield _error(f"invalid additional property: {', '.join(sorted(set(text) - extra))}", at)
    yield from _string(text.get("text"), f"{at}/text", most)


def _string(value: Any, at: str, most: int, *, least: int = 1) -> Problems:
    if not isinstance(value, str):
        yield _error("must provide a string", at)
    elif _length(value) < least:
        yield _error(f"must be more than {least - 1} characters", at)
    elif _length(value) > most:
        yield _error(f"must be less than {most + 1} characters", at)


def _many(values: Any, at: str, most: int, check: Check) -> Problems:
    if not isinstance(values, list) or not values:
        yield _error("no fewer than 1 items allowed", at)
        return
    if len(values) > most:
        yield _error(f"no more than {most} items allowed [{len(values)}]", at)
    for index, value in enumerate(values):
        yield from check(value, f"{at}/{index}")


def _length(text: str) -> int:
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)


def _error(message: str, at: str) -> str:
    return f"[ERROR] {message} [json-pointer:{at}]"


_ELEMENTS: dict[str, Check] = {"button": _button, "plain_text_input": _text_input}
_MESSAGE_CHECKS: dict[str, Check] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
}
_VIEW_CHECKS: dict[str, Check] = {**_MESSAGE_CHECKS, "input": _input}
