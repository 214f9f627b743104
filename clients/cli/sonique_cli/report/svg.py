"""Marks of a drawing as SVG text. Whatever is text is escaped; whatever is a number has at most two decimals."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_SLIM, _USUAL, _BROAD = 0.27, 0.54, 0.86
_SLIM_SIGNS, _BROAD_SIGNS = frozenset("iIjltfr.,:;’'|!()[] "), frozenset("mwMW—")
_ALLOWED = {"\t", "\n"}


def clean(text: str) -> str:
    """``text`` for XML: escaped, without control characters."""
    shown = "".join(sign if sign.isprintable() or sign in _ALLOWED else "�" for sign in text)
    return escape(shown, {'"': "&quot;"})


def number(value: float) -> str:
    """A number in few characters."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def rect(x: float, y: float, width: float, height: float, fill: str, **more: object) -> str:
    """A rectangle."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(max(height, 0))}"'
    return f'<rect {place} fill="{fill}"{_more(more)}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, **more: object) -> str:
    """A straight line."""
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} stroke="{stroke}"{_more(more)}/>'


def path(points: Iterable[tuple[float, float]], **more: object) -> str:
    """A line through points; closed and filled where ``fill`` says so."""
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    style: dict[str, object] = {"fill": "none", **more}
    return f'<path d="M{steps}"{_more(style)}/>' if steps else ""


def text(x: float, y: float, words: str, fill: str, size: float = 12, **more: object) -> str:
    """Words, their base line at ``y``."""
    place = f'x="{number(x)}" y="{number(y)}" fill="{fill}" font-size="{number(size)}"'
    return f"<text {place}{_more(more)}>{clean(words)}</text>"


def image(x: float, y: float, width: float, height: float, data: str, clip: str) -> str:
    """A picture, cropped to fill its place and cut to the clip path of that id."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<image {place} preserveAspectRatio="xMidYMid slice" clip-path="url(#{clip})" href="{data}"/>'


def clip_path(identity: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle that something may be cut to."""
    return f'<clipPath id="{identity}">{rect(x, y, width, height, "#000")}</clipPath>'


def width(words: str, size: float = 12) -> float:
    """About how wide words are; no font is asked, so that the same report is the same everywhere."""
    return size * sum(_SLIM if sign in _SLIM_SIGNS else _BROAD if sign in _BROAD_SIGNS else _USUAL for sign in words)


def _more(attributes: dict[str, object]) -> str:
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return "".join(
        f' {name}="{number(value) if isinstance(value, float) else clean(str(value))}"' for name, value in named
    )
