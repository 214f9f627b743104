"""Reading: a snapshot of a sequence, and which range of it is wanted, become what the daemon is asked to score."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from sonique_client.folders import covering

from .document import Contents, Film, to_otio
from .errors import NoPicture, NoRange, Unreadable
from .layers import Layers, heard, look
from .ranges import ANYTHING, Cue, Which, Wish, choose, cues, hit_points
from .reasons import Reason
from .shots import cuts
from .strips import Snapshot, Span, Strip

__all__ = ["Cue", "Reading", "Reason", "Which", "Wish", "read", "rendered"]

_ROOTS = 64
"""Folders of media that one request may name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A range of a sequence, ready for the daemon.

    Attributes:
        scene: the scene's name.
        scene_uid: its session id.
        rate: frames per second.
        span: the range in timeline frames.
        record_start: where the range begins on the document's record clock, in frames.
        document: OTIO JSON of that range alone; where something must be rendered first, ``rendered`` makes the one to
            send.
        needs_render: why the picture must be rendered; empty where the files alone show it.
        needs_mixdown: whether the sound must be mixed down by Blender too.
        notes: sentences that the editor should read.
        cues: the cues by markers inside the range; the whole range where there is no such marker.
        media_roots: the folders of the media, which the daemon is to be let into; at most 64.
        cuts: the timeline frame on which each shot begins.
        contents: what the document holds.
    """

    scene: str
    scene_uid: int
    rate: Fraction
    span: Span
    record_start: int
    document: str
    needs_render: tuple[Reason, ...] = ()
    needs_mixdown: bool = False
    notes: tuple[str, ...] = ()
    cues: tuple[Cue, ...] = ()
    media_roots: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()
    contents: Contents | None = field(default=None, repr=False)

    @property
    def seconds(self) -> Fraction:
        """How long the range is."""
        return self.span.frames / self.rate

    @property
    def way(self) -> str:
        """A sentence that says how the daemon gets to see the range."""
        if not self.needs_render:
            return "The daemon reads the strips' files themselves."
        return f"Blender renders the range small, because it has {_listed(self.needs_render)}."


def read(snapshot: Snapshot, wish: Wish = ANYTHING) -> Reading:
    """What the daemon is to be asked about the range that is wanted.

    Raises:
        NoRange: there is no such range, or Blender would have to render frames before 0.
        NoPicture: nothing shows in it.
        Unreadable: a strip's path cannot be told, because the blend file was never saved.
    """
    span = choose(snapshot, wish)
    layers = look(snapshot, span)
    sound = heard(snapshot, span)
    _check_paths(snapshot, layers, sound.strips)
    _check_picture(snapshot, span, layers)
    _check_frames(snapshot, span, renders=bool(layers.reasons) or sound.needs_mixing)
    there = tuple((where, strip) for where, strip in sound.strips if strip.media is not None and strip.media.present)
    contents = Contents(snapshot.scene, snapshot.rate, span, layers.pieces, there, hit_points(snapshot, span))
    return Reading(
        scene=snapshot.scene,
        scene_uid=snapshot.scene_uid,
        rate=snapshot.rate,
        span=span,
        record_start=contents.record_start,
        document=to_otio(replace(contents, picture=()) if layers.reasons else contents),
        needs_render=layers.reasons,
        needs_mixdown=sound.needs_mixing,
        notes=tuple(dict.fromkeys(_notes(layers, sound.strips))),
        cues=cues(snapshot, span),
        media_roots=covering(_folders(layers, there), _ROOTS),
        cuts=cuts(snapshot, layers.pieces),
        contents=contents,
    )


def rendered(reading: Reading, film: Path | None, sound: Path | None) -> Reading:
    """``reading`` with what Blender rendered in place of what the daemon could not read.

    Args:
        reading: which needs it.
        film: where ``needs_render`` says why: the range's picture, one frame for each of its frames.
        sound: where ``needs_mixdown``: the range's sound.
    """
    contents = reading.contents
    assert contents is not None
    if film is not None:
        contents = replace(contents, picture=Film(film, reading.cuts))
    if sound is not None:
        contents = replace(contents, sound=sound)
    more = {path.parent for path in (film, sound) if path is not None}
    roots = covering({*map(Path, reading.media_roots), *more}, _ROOTS)
    return replace(reading, document=to_otio(contents), media_roots=roots, contents=contents)


def _check_paths(snapshot: Snapshot, layers: Layers, sound: tuple[tuple[Span, Strip], ...]) -> None:
    shown = (piece.strip for piece in layers.pieces if piece.strip is not None)
    for strip in (*layers.missing, *shown, *(strip for _, strip in sound)):
        if strip.media is not None and not strip.media.path and not strip.media.packed:
            raise Unreadable(
                f"The path of “{strip.name}” is relative to a file that was never saved; save “{snapshot.scene}” first."
            )


def _check_frames(snapshot: Snapshot, span: Span, *, renders: bool) -> None:
    if renders and span.start < 0:
        raise NoRange(
            f"The range of “{snapshot.scene}” begins at frame {span.start} and holds what Blender must render, "
            "which it does from frame 0 on; move its strips, or choose a range from there."
        )


def _check_picture(snapshot: Snapshot, span: Span, layers: Layers) -> None:
    if any(piece.strip is not None for piece in layers.pieces):
        return
    if layers.missing:
        raise NoPicture(f"{_gone(layers.missing[0])} Nothing else shows in the range.")
    raise NoPicture(
        f"Nothing shows in “{snapshot.scene}” from frame {span.start} to {span.end - 1}; choose a range with picture, "
        "or unmute its strips."
    )


def _notes(layers: Layers, sound: tuple[tuple[Span, Strip], ...]) -> Iterator[str]:
    for strip in layers.missing:
        yield f"{_gone(strip)} What lies below shows in its place."
    for _, strip in sound:
        if strip.media is not None and not strip.media.present and not strip.media.packed:
            yield f"{_gone(strip)} It is taken as silence."


def _gone(strip: Strip) -> str:
    assert strip.media is not None
    names = strip.media.images[:1]
    place = Path(strip.media.path, *names)
    return f"“{strip.name}” was not found at {place}; relink it by File > External Data > Find Missing Files."


def _folders(layers: Layers, sound: tuple[tuple[Span, Strip], ...]) -> set[Path]:
    shown = [piece.strip for piece in layers.pieces if piece.strip is not None and not layers.reasons]
    media = [strip.media for strip in (*shown, *(strip for _, strip in sound)) if strip.media is not None]
    return {Path(each.path) if each.images else Path(each.path).parent for each in media if each.path}


def _listed(reasons: tuple[Reason, ...]) -> str:
    words = [str(reason) for reason in reasons]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
