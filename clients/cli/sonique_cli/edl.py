"""Edit decision lists: the events of a CMX 3600 list, as the programs that write such lists write them.

OTIO's own adapter holds lists to the letter: a fade from black at the beginning, events out of order, a speed that no
note tells or a line that it does not know end its reading. Here every line that is no event is a note.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

_TIME = r"\d{1,2}[:;.,]\d\d[:;.,]\d\d[:;.,]\d{2,3}|\d{1,9}"
_EVENT = re.compile(
    r"(?P<number>\d+)\S*\s+(?P<reel>\S.*?)\s+(?P<channels>[A-Z0-9]+(?:/[A-Z0-9]+)*)"
    r"\s+(?P<effect>C|D|W\d{1,3}|K(?:\s?[BO])?)(?:\s+(?P<length>\d{1,4}))?"
    rf"\s+(?P<source_in>{_TIME})\s+(?P<source_out>{_TIME})\s+(?P<record_in>{_TIME})\s+(?P<record_out>{_TIME})\s*",
    re.IGNORECASE,
)
_EVENT_LIKE = re.compile(r"\d+\s.*\d\d[:;]\d\d[:;]\d\d[:;]\d\d")
_DROPPING = re.compile(r"\d\d[:;]\d\d[:;]\d\d;\d\d")
_NOTE = re.compile(r"\*{0,2}\s*(?P<key>[A-Z][A-Z ]*?)\s*:\s*(?P<value>.*)", re.IGNORECASE)
_MOTION = re.compile(
    r"M2\s+(?:(?P<reel>\S.*?)\s+)?(?P<speed>[+-]?\s?\d+(?:\.\d+)?)(?:\s+\d\d[:;.,]\d\d[:;.,]\d\d[:;.,]\d\d)?",
    re.IGNORECASE,
)
_LONG_REEL = re.compile(r"FINAL CUT PRO REEL:\s*(?P<long>.+?)\s+REPLACED BY:\s*(?P<short>\S+)", re.IGNORECASE)
_LONGEST = 2000
"""Characters of a line that are read; patterns take their time over endless ones."""

_NTSC = (Fraction(30_000, 1001), Fraction(60_000, 1001))


class NoEvents(ValueError):
    """A list that holds no event of a picture, or one that is none."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a list: what is recorded from where to where.

    Attributes:
        reel: the tape or file that it comes from.
        channels: what of it is recorded: V, A2, B, AA/V …
        effect: C for a cut, D for a dissolve, W for a wipe, KB and K for what lies under a key and over it.
        length: frames of the dissolve or wipe.
        source: first frame and the one after the last, of the reel.
        record: the same of the record clock.
        notes: the lines that say more of it, and of others of its number.
        alone: whether the notes are about it alone, and not about two lines that a dissolve joins.
    """

    reel: str
    channels: str
    effect: str
    length: int
    source: tuple[int, int]
    record: tuple[int, int]
    notes: tuple[str, ...]
    alone: bool

    @property
    def recorded(self) -> int:
        """Frames that it lasts."""
        return self.record[1] - self.record[0]

    def told(self, *keys: str) -> tuple[str, ...]:
        """What notes with one of these names say, in order."""
        found = (match for note in self.notes if (match := _NOTE.fullmatch(note)))
        return tuple(match["value"].strip() for match in found if match["key"].upper() in keys)

    def motion(self) -> float | None:
        """Frames per second at which the reel plays, negative for backwards; None where no note says it."""
        found = [match for note in self.notes if (match := _MOTION.fullmatch(note))]
        own = [match for match in found if self.alone or _same(match["reel"] or "", self.reel)]
        return float(own[-1]["speed"].replace(" ", "")) if own else None


@dataclass(frozen=True, slots=True)
class EditList:
    """A list.

    Attributes:
        title: its name, or "".
        rate: frames per second.
        assumed: whether nobody named that rate, and the list's timecode does not say it.
        drop_frame: whether its record timecode drops frames.
        events: in the order of the list.
    """

    title: str
    rate: Fraction
    assumed: bool
    drop_frame: bool
    events: tuple[Event, ...]

    def frames(self, time: str) -> int:
        """Frames from zero of the record clock that a timecode names.

        Raises:
            ValueError: its rate does not have them.
        """
        return _frames(time, self.rate, dropping=self.drop_frame)


@dataclass(slots=True)
class _Line:
    fields: re.Match[str]
    dropping: bool
    notes: list[str]


def read_edl(text: str, rate: Fraction | None) -> EditList:
    """The list that ``text`` holds.

    Args:
        text: a CMX 3600 list.
        rate: frames per second; None for what its timecode says, as no list names its rate.

    Raises:
        NoEvents: it holds none of a picture, or a line that should be one is none.
        ValueError: its timecode has frames that ``rate`` does not have.
    """
    title, lines = _lines(text)
    if not lines:
        raise NoEvents("it holds no event of a CMX 3600 list; export it again as one")
    if not any(_has_picture(line.fields["channels"].upper()) for line in lines):
        raise NoEvents("it lists sound alone; export the list of the video track")
    if all(any("|C:ResolveColor" in note for note in line.notes) for line in lines):
        raise NoEvents("it lists Resolve's markers and no cuts; export the timeline itself as EDL, OTIO or XML")
    said = any(_DROPPING.search(line.fields[0]) for line in lines)
    dropping = said or any(line.dropping for line in lines)
    known = _rate_of(lines, dropping=dropping) if rate is None else rate
    known = known * 1000 / 1001 if dropping and known in (30, 60) else known
    long_reels = {match["short"]: match["long"] for match in map(_LONG_REEL.search, text.splitlines()) if match}
    events = tuple(_events(lines, known, long_reels, marked=said))
    assumed = rate is None and not dropping
    return EditList(title, known, assumed, dropping and known in _NTSC, _after_midnight(events, known))


def _lines(text: str) -> tuple[str, list[_Line]]:
    """The title, and the lines that are events, each with the notes that follow it."""
    title, dropping, lines = "", False, list[_Line]()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw[:_LONGEST].strip().strip("\x00\x1a")
        match = _EVENT.fullmatch(line)
        if match:
            lines.append(_Line(match, dropping, []))
        elif _EVENT_LIKE.match(line):
            raise NoEvents(f"line {number}, “{line[:120]}”, is no event of a CMX 3600 list; export it again")
        elif line.upper().startswith("TITLE:"):
            title = title or line[6:].strip()
        elif line.upper().startswith("FCM"):
            dropping = "NON" not in line.upper()
        elif line and lines:
            lines[-1].notes.append(line)
    return title, lines


def _rate_of(lines: Iterable[_Line], *, dropping: bool) -> Fraction:
    """The rate that the timecode says: its highest frame, and whether it drops some."""
    times = (line.fields[name] for line in lines for name in ("source_in", "source_out", "record_in", "record_out"))
    highest = max((int(re.split("[:;.,]", time)[-1]) for time in times if not time.isdigit()), default=0)
    if dropping:
        return _NTSC[highest >= 30]
    if highest >= 25:
        rates = "--rate 29.97 or --rate 30" if highest < 30 else "--rate 50, --rate 59.94 or --rate 60"
        raise ValueError(f"its timecode counts up to frame {highest} and no list names its rate; say {rates}")
    return Fraction(25 if highest == 24 else 24)


def _events(lines: list[_Line], rate: Fraction, long_reels: dict[str, str], *, marked: bool) -> Iterator[Event]:
    for index, line in enumerate(lines):
        number = int(line.fields["number"])
        mates = [other for other in lines[max(0, index - 2) : index + 3] if int(other.fields["number"]) == number]
        notes = line.notes or [note for mate in mates for note in mate.notes]
        reel = line.fields["reel"]
        source = _span(line, "source", rate, marked=marked)
        record = _span(line, "record", rate, marked=marked)
        effect, length = _effect(line.fields["effect"]), int(line.fields["length"] or 0)
        channels = _channels(line.fields["channels"].upper(), notes)
        alone = len(mates) == 1
        yield Event(long_reels.get(reel, reel), channels, effect, length, source, record, tuple(notes), alone)


def _effect(text: str) -> str:
    word = re.sub(r"\s", "", text.upper())
    return "W" if word.startswith("W") else word


def _channels(channels: str, notes: Iterable[str]) -> str:
    """The channels with those that a note adds: ``AUD  3    4``."""
    more = [number for note in notes if note.upper().startswith("AUD ") for number in re.findall(r"\d+", note)]
    return "/".join([*([] if channels == "NONE" else [channels]), *(f"A{number}" for number in more)])


def _has_picture(channels: str) -> bool:
    return channels != "NONE" and not re.fullmatch(r"(?:A\d*/?)+", channels)


def _span(line: _Line, which: str, rate: Fraction, *, marked: bool) -> tuple[int, int]:
    first, last = (
        _frames(line.fields[f"{which}_{end}"], rate, dropping=line.dropping and not marked) for end in ("in", "out")
    )
    day = 86_400 * math.ceil(rate)
    return first, last + day if last < first - day // 2 else max(first, last)


def _frames(time: str, rate: Fraction, *, dropping: bool) -> int:
    """Frames from zero that a timecode names; a number of frames is one."""
    if time.isdigit():
        return int(time)
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;.,]", time))
    nominal = math.ceil(rate)
    if frames >= nominal:
        raise ValueError(
            f"“{time}” names frame {frames}, which {_said(rate)} frames per second do not have; say another --rate"
        )
    passed = hours * 60 + minutes
    whole = (passed * 60 + seconds) * nominal + frames
    drops = (dropping or ";" in time) and nominal in (30, 60)
    return whole - nominal // 15 * (passed - passed // 10) if drops else whole


def _said(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _after_midnight(events: tuple[Event, ...], rate: Fraction) -> tuple[Event, ...]:
    """The events with those that were recorded past midnight counted on, where the list begins before it."""
    day = 86_400 * math.ceil(rate)
    first = events[0].record[0]
    return tuple(
        replace(each, record=(each.record[0] + day, each.record[1] + day))
        if each.record[0] < first - day // 2
        else each
        for each in events
    )


def _same(told: str, reel: str) -> bool:
    """Whether two names are of one reel, though one may be cut short."""
    short, long = sorted((told.upper(), reel.upper()), key=len)
    return long.startswith(short)
