"""SVG as text: elements with escaped content, and colours by class only, so that the page's style sheet rules them."""

from collections.abc import Iterable

from markupsafe import Markup, escape

type Point = tuple[float, float]


def element(tag: str, content: str = "", **attributes: object) -> Markup:
    """One element; `class_` and `stroke_width` become `class` and `stroke-width`, numbers have one decimal."""
    told = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _value(value))
        for name, value in attributes.items()
    )
    return Markup("<{tag}{told}>{content}</{tag}>").format(tag=tag, told=told, content=escape(content))


def group(parts: Iterable[Markup], **attributes: object) -> Markup:
    """Elements that belong together."""
    return element("g", Markup("").join(parts), **attributes)


def text(words: str, x: float, y: float, *, class_: str = "tick", anchor: str = "start") -> Markup:
    """Words at a place."""
    return element("text", words, x=x, y=y, class_=class_, text_anchor=anchor)


def line(start: Point, end: Point, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def polyline(points: Iterable[Point], class_: str) -> Markup:
    """A line through points; nothing when there are none."""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=told, class_=class_) if told else Markup("")


def polygon(points: Iterable[Point], class_: str) -> Markup:
    """A filled shape; nothing when there are no points."""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polygon", points=told, class_=class_) if told else Markup("")


def picture(parts: Iterable[Markup], *, width: float, height: float, label: str) -> Markup:
    """A whole drawing with what a screen reader says of it; it grows with its place on the page."""
    return element(
        "svg",
        Markup("").join(parts),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=label,
        class_="chart",
    )


def _value(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
