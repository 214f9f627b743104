"""Provenance on strips: where music comes from, saved with the blend file.

All of it is one registered property of Blender's strips, JSON text. Beside it stand two custom properties that anyone
can see in Blender, and that tell Sonique's strips from others where this extension is not enabled: the job's id, and
an id of the strip itself, by which it is found again under another name, after undo, and after the file was opened.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import bpy

from .core.placement import Provenance, Take

JOB_KEY = "sonique_job"
"""The custom property that holds the job's id."""

ID_KEY = "sonique_id"
"""The custom property that holds the strip's own id."""

_PROPERTY = "sonique_provenance"


def register() -> None:
    """Gives every strip the property."""
    prop = bpy.props.StringProperty(name="Sonique", description="Where this music comes from", options={"HIDDEN"})
    setattr(bpy.types.Strip, _PROPERTY, prop)


def unregister() -> None:
    """Takes it away; what the files hold stays."""
    if hasattr(bpy.types.Strip, _PROPERTY):
        delattr(bpy.types.Strip, _PROPERTY)


def job_of(strip: Any) -> str:
    """The id of the job that made the strip's music; "" where it is none of Sonique's."""
    return str(strip.get(JOB_KEY, ""))


def id_of(strip: Any) -> str:
    """The id of the strip itself; "" where it is no music of Sonique."""
    return str(strip.get(ID_KEY, ""))


def tell_apart(strips: Iterable[Any]) -> bool:
    """Gives copies ids of their own: who duplicates or cuts music has several strips of one id, and means one of them.

    Args:
        strips: all of one scene; of those that share an id, that keeps it which ``first_named`` says.

    Returns:
        Whether there were any.
    """
    held: dict[str, list[Any]] = defaultdict(list)
    for strip in strips:
        held[id_of(strip)].append(strip)
    firsts = [first_named(same) for same in held.values()]
    copies = [strip for same in held.values() for strip in same if strip not in firsts]
    for copy in copies:
        copy[ID_KEY] = secrets.token_hex(8)
    return bool(copies)


def first_named(strips: Iterable[Any]) -> Any:
    """The one of them that the others are copies of: Blender numbers the names of copies. None where there is none."""
    return min(strips, key=lambda strip: (len(strip.name), strip.name), default=None)


def write(strip: Any, playing: Take, others: tuple[Take, ...], stem: str = "") -> None:
    """Keeps on ``strip`` what it plays, and the other takes that it could play.

    Args:
        strip: music of Sonique.
        playing: the take that it plays.
        others: takes to swap in.
        stem: which stem of ``playing`` it is; "" for the mix.
    """
    strip[ID_KEY] = id_of(strip) or secrets.token_hex(8)
    strip[JOB_KEY] = playing.provenance.job
    first, *rest = _numbered((playing, *others))
    told = {"playing": _to_data(first), "others": [_to_data(take) for take in rest], "stem": stem}
    setattr(strip, _PROPERTY, json.dumps(told, ensure_ascii=False))


def takes_of(strip: Any) -> tuple[Take, ...]:
    """The takes of a strip, the one that plays first; none where it is no music of Sonique, or the text is damaged."""
    told = _told(strip)
    try:
        return tuple(_to_take(each) for each in (told["playing"], *told["others"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return ()


def stem_of(strip: Any) -> str:
    """Which stem a strip is; "" for a mix."""
    return str(_told(strip).get("stem", ""))


def _numbered(takes: tuple[Take, ...]) -> Iterator[Take]:
    """The takes, those that have no number yet counted on from the others."""
    last = max(take.number for take in takes)
    for take in takes:
        last += not take.number
        yield take if take.number else replace(take, number=last)


def _told(strip: Any) -> dict[str, Any]:
    try:
        told = json.loads(getattr(strip, _PROPERTY, "") or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _to_data(take: Take) -> dict[str, Any]:
    return {
        "mix": str(take.mix),
        "stems": [[name, str(path)] for name, path in take.stems],
        "begins": take.begins,
        "number": take.number,
        "provenance": asdict(take.provenance),
    }


def _to_take(data: dict[str, Any]) -> Take:
    stems = tuple((str(name), Path(path)) for name, path in data["stems"])
    known = {each.name for each in fields(Provenance)}  # a later release may say more
    provenance = Provenance(**{name: value for name, value in data["provenance"].items() if name in known})
    return Take(Path(data["mix"]), provenance, stems, float(data.get("begins", 0)), int(data.get("number", 0)))
