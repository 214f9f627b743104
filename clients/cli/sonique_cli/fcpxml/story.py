"""A storyline walked through: what is seen and heard when, whatever it is wrapped in.

Compound, multicam and synchronised clips, auditions, secondary storylines and connected clips all become pieces of
files on the one timeline, each with the place that it has in the stack of pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.etree import ElementTree as ET

from sonique_cli.fcpxml.elements import (
    CONTAINERS,
    PLACED,
    admitted,
    chosen,
    conform,
    connected,
    contained,
    covers,
    retimed,
)
from sonique_cli.fcpxml.elements import lane as lane_of
from sonique_cli.fcpxml.elements import origin as origin_of
from sonique_cli.fcpxml.hearing import NOTHING_OFF, Hearing
from sonique_cli.fcpxml.pieces import BOTH, HEARD, SEEN, Fade, Note, Piece
from sonique_cli.fcpxml.play import Play, seconds, time_of
from sonique_cli.fcpxml.resources import Resources

MAX_PIECES = 20_000
"""The most pieces of one document: compound clips in compound clips can multiply without end."""

MAX_ITEMS = 50_000
"""The most clips that are looked at, seen or not."""

MAX_DEPTH = 60
"""The deepest that clips may be wrapped in each other."""

_LONGEST_LEAD = 3600
"""Seconds that may lie before the first clip; more are some program's mistake, that counts from its film's timecode."""

_MARKERS = ("marker", "chapter-marker")
_COLORS = {None: "PURPLE", "0": "RED", "1": "GREEN"}
_PART = "export a part of it"
_ZERO = Fraction(0)
_ENDLESS = Play(_ZERO, Fraction(10**9), _ZERO)


class StoryRefusedError(Exception):
    """A document cannot be walked through; its text says why, and the way out, after the document's name."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds an element.

    Attributes:
        rate: frames per second of the timeline that it stands on.
        senses: whether it can be seen and heard there.
        hearing: what sound is switched off there.
        origin: the elements around it.
        covers: whether they hide what lies below them.
    """

    rate: Fraction
    senses: frozenset[str] = BOTH
    hearing: Hearing = NOTHING_OFF
    origin: tuple[int, ...] = ()
    covers: bool = True

    def inside(self, clip: ET.Element, source: ET.Element, rate: Fraction | None) -> "_Around":
        """The same inside ``clip``, as ``source`` (itself, or what chooses an angle) has it heard."""
        hearing = self.hearing.inside(source)
        origin, hides = (*self.origin, id(clip)), self.covers and covers(clip)
        return replace(self, rate=rate or self.rate, hearing=hearing, origin=origin, covers=hides)


class Story:
    """What a timeline shows and sounds.

    Attributes:
        pieces: what is seen and heard, in the order of the document.
        fades: transitions.
        notes: markers of the clips on the timeline itself.
        end: seconds of its main storyline.
        sounding: whether any of its files has sound, heard or not.
    """

    def __init__(self, resources: Resources) -> None:
        self.pieces: list[Piece] = []
        self.fades: list[Fade] = []
        self.notes: list[Note] = []
        self.end = _ZERO
        self.sounding = False
        self._items = 0
        self._resources = resources

    def walk(self, sequence: ET.Element, rate: Fraction) -> None:
        """Walks through a sequence, ``rate`` its frames per second.

        Raises:
            StoryRefusedError: it is wrapped too deep, or multiplies without end.
        """
        items = sequence.findall("spine/*")
        at = origin_of(items, time_of(sequence, "tcStart", _ZERO))
        first = next((offset for offset, _ in self._laid(items, at)), at)
        at = first if first - at > _LONGEST_LEAD else at
        self.end = max((offset + self._length(item) - at for offset, item in self._laid(items, at)), default=_ZERO)
        self._storyline(items, at, _ENDLESS.on(_ZERO, at), (), _Around(rate))

    def walk_clip(self, clip: ET.Element, rate: Fraction) -> None:
        """Walks through a clip that stands by itself; raises as ``walk``."""
        self.end = self._length(clip)
        self._item(clip, _ZERO, _ENDLESS, (), _Around(rate))

    def begins(self, clip: ET.Element) -> Fraction:
        """Where the clock of a clip that stands by itself begins."""
        return self._start(clip)

    # Where things stand.

    def _storyline(
        self, items: list[ET.Element], at: Fraction, play: Play, place: tuple[int, ...], around: _Around
    ) -> None:
        """Lays items one after the other, from ``at`` on where they do not say it, on the clock that ``play`` shows."""
        for offset, item in self._laid(items, at):
            if item.tag != "transition":
                self._item(item, offset, play, place, around)
            elif SEEN in around.senses:
                self._fade(item, offset, play, place)

    def _laid(self, items: list[ET.Element], at: Fraction) -> Iterator[tuple[Fraction, ET.Element]]:
        for item in items:
            offset = time_of(item, "offset", at)
            if item.tag in PLACED:
                at = offset + self._length(item)
            if item.tag in PLACED or item.tag == "transition":
                yield offset, item

    def _fade(self, transition: ET.Element, offset: Fraction, play: Play, place: tuple[int, ...]) -> None:
        filters = {child.tag for child in transition}
        if "filter-audio" in filters and "filter-video" not in filters:
            return
        length = time_of(transition, "duration", _ZERO)
        found = play.within(offset, offset + length)
        if found is not None and abs(found.last - found.local) == length > 0:  # all of it, and so its cut, is seen
            self.fades.append(Fade(found.start, found.end, (*place, 0)[0]))

    def _item(self, element: ET.Element, offset: Fraction, play: Play, place: tuple[int, ...], around: _Around) -> None:
        """Lays an element that stands at ``offset`` of the clock that ``play`` shows, with all that is connected."""
        self._items += 1
        if self._items > MAX_ITEMS:
            raise StoryRefusedError(f"holds more than {MAX_ITEMS:,} clips, those in compound clips counted; {_PART}.")
        if len(place) > MAX_DEPTH:
            raise StoryRefusedError(f"has clips wrapped more than {MAX_DEPTH} deep; break some of them apart.")
        clip = chosen(element)
        if clip is None:
            return
        if clip.tag == "spine":
            inner = replace(around, rate=self._resources.rate(clip.get("format")) or around.rate)
            self._storyline(list(clip), _ZERO, play.on(offset, _ZERO), place, inner)
            return
        start, speed = self._start(clip), conform(clip, around.rate)
        span = play.within(offset, offset + self._length(clip))
        if span is not None:
            own = span.on(offset, start, speed)
            self._note(clip, own, around)
            self._senses(clip, own, offset, play, (*place, 0), around)
        for child in connected(clip):
            there = offset + (time_of(child, "offset", start) - start) / speed
            beside = replace(around, hearing=around.hearing.of_connected())
            self._item(child, there, play, (*place, lane_of(child)), beside)

    def _note(self, clip: ET.Element, own: Play, around: _Around) -> None:
        for marker in clip if not around.origin else ():
            if marker.tag not in _MARKERS:
                continue
            at = time_of(marker, "start", own.local)
            found = own.within(at, None)
            if found is not None and own.local <= at:
                color = "ORANGE" if marker.tag != "marker" else _COLORS.get(marker.get("completed"), "PURPLE")
                self.notes.append(Note(found.start, marker.get("value") or "", color))

    def _senses(
        self, clip: ET.Element, own: Play, offset: Fraction, play: Play, place: tuple[int, ...], around: _Around
    ) -> None:
        """Lays what a clip shows, and what it sounds: elsewhere where its edit is split."""
        senses = admitted(clip) & around.senses if clip.get("enabled") != "0" else frozenset[str]()
        first, length = seconds(clip.get("audioStart")), seconds(clip.get("audioDuration"))
        if first is None and length is None:
            self._content(clip, own, place, replace(around, senses=senses))
            return
        start, speed = self._start(clip), conform(clip, around.rate)
        first = start if first is None else first
        there = offset + (first - start) / speed
        heard = play.within(there, there + (self._length(clip) if length is None else length))
        if heard is not None:
            self._content(clip, heard.on(there, first, speed), place, replace(around, senses=senses & {HEARD}))
        self._content(clip, own, place, replace(around, senses=senses - {HEARD}))

    # What clips hold.

    def _content(self, clip: ET.Element, own: Play, place: tuple[int, ...], around: _Around) -> None:
        for play in retimed(clip, own) if around.senses else ():
            if clip.tag in CONTAINERS:
                self._container(clip, play, place, around)
            elif clip.tag == "ref-clip":
                self._compound(clip, play, place, around)
            elif clip.tag == "mc-clip":
                self._multicam(clip, play, place, around)
            elif clip.tag != "gap":
                self._leaf(clip, play, place, around)

    def _container(self, clip: ET.Element, play: Play, place: tuple[int, ...], around: _Around) -> None:
        inner = around.inside(clip, clip, self._resources.rate(clip.get("format")))
        for child in contained(clip):
            if child.tag == "spine" and child.get("offset") is None:
                self._clocked(list(child), clip, play, place, inner)
            else:
                self._item(child, time_of(child, "offset", self._start(clip)), play, place, inner)

    def _compound(self, clip: ET.Element, play: Play, place: tuple[int, ...], around: _Around) -> None:
        sequence = self._resources.sequence(clip.get("ref"))
        if sequence is None:
            self._leaf(clip, play, place, around)
            return
        if id(sequence) in around.origin:
            name = clip.get("name") or ""
            raise StoryRefusedError(f"has a compound clip “{name}” that contains itself; break it apart.")
        inner = around.inside(clip, clip, self._resources.rate(sequence.get("format")))
        inner = replace(inner, origin=(*inner.origin, id(sequence)))
        self._clocked(sequence.findall("spine/*"), sequence, play, place, inner)

    def _multicam(self, clip: ET.Element, play: Play, place: tuple[int, ...], around: _Around) -> None:
        multicam = self._resources.multicam(clip.get("ref"))
        if multicam is None:
            self._leaf(clip, play, place, around)
            return
        angles = {angle.get("angleID"): angle for angle in multicam.iterfind("mc-angle")}
        first = ET.Element("mc-source", {"angleID": next(iter(angles), None) or ""})
        for source in clip.findall("mc-source") or [first]:
            angle = angles.get(source.get("angleID"))
            if angle is None or id(angle) in around.origin:
                continue
            inner = around.inside(clip, source, self._resources.rate(multicam.get("format")))
            inner = replace(inner, origin=(*inner.origin, id(angle)), senses=admitted(source) & around.senses)
            self._clocked(list(angle), multicam, play, place, inner)

    def _clocked(
        self, items: list[ET.Element], clock: ET.Element, play: Play, place: tuple[int, ...], around: _Around
    ) -> None:
        """Lays a storyline on a clock that begins at the ``tcStart`` of ``clock``, though its items count from zero."""
        start = time_of(clock, "tcStart", _ZERO)
        at = origin_of(items, start)
        self._storyline(items, at, play.on(start, at), place, around)

    def _leaf(self, clip: ET.Element, play: Play, place: tuple[int, ...], around: _Around) -> None:
        asset = self._resources.asset(clip.get("ref"))
        name = clip.get("name") or (asset.name if asset else "")
        origin = (*around.origin, id(clip))
        if SEEN in around.senses and clip.tag != "audio" and (asset is None or asset.pictured):
            kind = self._generator(clip)
            self._keep(Piece(play, place, name, SEEN, asset, kind, origin, around.covers and covers(clip)))
        if asset is None or not asset.sounding or clip.tag not in ("asset-clip", "audio"):
            return
        self.sounding = True
        if HEARD in around.senses and around.hearing.hears(clip):
            self._keep(Piece(play, place, name, HEARD, asset, "", origin))

    def _generator(self, clip: ET.Element) -> str:
        if clip.tag == "title":
            return "Title"
        if not self._resources.is_effect(clip.get("ref")):
            return ""
        return "SolidColor" if self._resources.fills(clip.get("ref")) else "Generator"

    def _keep(self, piece: Piece) -> None:
        if len(self.pieces) >= MAX_PIECES:
            raise StoryRefusedError(f"holds more than {MAX_PIECES:,} pieces of clips; {_PART}.")
        self.pieces.append(piece)

    # How long clips are, and where their clocks begin.

    def _length(self, element: ET.Element) -> Fraction:
        """Seconds that an element takes where it stands."""
        said = seconds(element.get("duration"))
        if said is not None:
            return max(said, _ZERO)
        asset = self._resources.asset(element.get("ref"))
        if asset is not None:
            return asset.duration
        if element.tag in ("ref-clip", "mc-clip"):
            return self._length_inside(element)
        held = contained(element)
        return max((self._length(each) for each in held[:1]), default=_ZERO)

    def _length_inside(self, clip: ET.Element) -> Fraction:
        sequence = self._resources.sequence(clip.get("ref"))
        if sequence is not None:
            return time_of(sequence, "duration", _ZERO)
        multicam = self._resources.multicam(clip.get("ref"))
        angles = multicam.findall("mc-angle") if multicam is not None else []
        return max((sum((self._length(each) for each in angle), _ZERO) for angle in angles), default=_ZERO)

    def _start(self, clip: ET.Element) -> Fraction:
        """The time that a clip's own clock shows at its beginning."""
        asset = self._resources.asset(clip.get("ref"))
        if asset is not None:
            return time_of(clip, "start", asset.start)
        held = self._resources.sequence(clip.get("ref")), self._resources.multicam(clip.get("ref"))
        clock = next((each for each in held if each is not None), clip)
        begins = time_of(clock, "tcStart", _ZERO)
        start = time_of(clip, "start", begins)
        return start + begins if start < begins and clock is not clip else start
