"""The panel's fields: what their raw contents ask for, whichever toolkit shows them."""

from dataclasses import dataclass

from sonique_resolve.choosing import Which
from sonique_resolve.panel_view import Phase
from sonique_resolve.session import Wishes

RANGES = {
    "In and out marks, else all": Which.AUTO,
    "In and out marks": Which.MARKS,
    "Clip under the playhead": Which.CLIP,
    "Whole timeline": Which.WHOLE,
}
"""The ranges of the list; anything else is taken for one that was typed."""

ANY = "any"
"""The style that is none."""

PHASES = {
    Phase.CONNECTING: "Reaching Resolve …",
    Phase.WORKING: "Working",
    Phase.CANCELLING: "Cancelling …",
    Phase.LOST: "Resolve is not reached.",
}
"""What a phase is called where no stage is told."""

STEMS = "Stems on tracks of their own"
RENDER = "See titles and nested timelines (renders)"


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands in the fields, as it was typed.

    Attributes:
        which: a range of the list, or one that was typed.
        prompt: the wish in words.
        style: a style, or ``ANY``.
        bpm: tempo, or empty.
        hit_strength: 0 to 1.
        takes: how many.
        seed: a number.
        stems: whether stems are placed.
        render: whether Resolve renders a proxy first.
    """

    which: str = ""
    prompt: str = ""
    style: str = ANY
    bpm: str = ""
    hit_strength: float = 0.5
    takes: str = "1"
    seed: str = "0"
    stems: bool = False
    render: bool = False


def wishes_of(fields: Fields) -> Wishes:
    """What the fields ask for; a number that is none is left out."""
    return Wishes(
        which=range_of(fields.which),
        prompt=fields.prompt.strip(),
        genres=() if fields.style in {ANY, ""} else (fields.style,),
        bpm=_number(fields.bpm),
        hit_strength=round(min(1.0, max(0.0, fields.hit_strength)), 2),
        seed=max(0, int(_number(fields.seed) or 0)),
        takes=min(8, max(1, int(_number(fields.takes) or 1))),
        stems=fields.stems,
        proxy_render=fields.render,
    )


def range_of(text: str) -> Which | str:
    """A range of the list, or what was typed over it."""
    typed = text.strip()
    return RANGES.get(typed, typed or Which.AUTO)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
