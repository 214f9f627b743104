"""Entries: who plays when, for models, which know no bars: a cue is made in parts, each asked for its own players."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sonique_daemon.domain.form import Stretch, stretches
from sonique_daemon.domain.tags import TagKind, Tags
from sonique_daemon.engines.composer.writing.cast import meant

SHORTEST_PART = 4.0
"""Seconds; a model needs so many to say anything. Entries nearer to another, or to an end of the cue, fall together."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the cue in which the same players play.

    Attributes:
        end: where it ends, in seconds after the cue's start.
        tags: what is asked for in it.
        away: instruments that play elsewhere in the cue and not here.
    """

    end: float
    tags: Tags
    away: tuple[str, ...] = ()


def parts(tags: Tags, duration: float, downbeats: Sequence[float]) -> tuple[Part, ...]:
    """The parts of a cue of ``duration`` seconds; entries lie on the nearest of ``downbeats``."""
    wanted = stretches(tags)
    ends = (*_edges([stretch.at(duration) for stretch in wanted], duration, downbeats), duration)
    starts = (0.0, *ends[:-1])
    return tuple(_part(tags, wanted, duration, (start, end)) for start, end in zip(starts, ends, strict=True))


def _edges(times: Sequence[float], duration: float, downbeats: Sequence[float]) -> tuple[float, ...]:
    edges: list[float] = []
    for time in sorted(times):
        edge = min(downbeats, key=lambda beat: abs(beat - time), default=time)
        if edge - (edges[-1] if edges else 0.0) >= SHORTEST_PART and duration - edge >= SHORTEST_PART:
            edges.append(edge)
    return tuple(edges)


def _part(tags: Tags, wanted: Sequence[Stretch], duration: float, span: tuple[float, float]) -> Part:
    middle = (span[0] + span[1]) / 2
    absent = [stretch for stretch in wanted if (middle < stretch.at(duration)) is stretch.begins]
    away = tuple(text for text in tags.texts(TagKind.INSTRUMENT) if any(_called(stretch, text) for stretch in absent))
    kept = tuple(tag for tag in tags.tags if tag.kind is not TagKind.INSTRUMENT or tag.text not in away)
    return Part(span[1], replace(tags, tags=kept), away)


def _called(stretch: Stretch, text: str) -> bool:
    """Whether the instrument ``text`` is one that ``stretch`` speaks of."""
    return any(_means(name, text.strip().lower()) for name in stretch.names) is not stretch.others


def _means(name: str, own: str) -> bool:
    return own in {name, name.removesuffix("s"), f"{name}s"} or bool(meant(name)[0] & meant(own)[0])
