"""The grid: the tempo map's bars as the writers use them, cut at the final chord."""

from dataclasses import dataclass

from sonique_daemon.domain.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; positions are in beats of the tempo map.

    Attributes:
        index: counts the piece's bars from 0 (an upbeat before the first downbeat is a bar of its own).
        start: position of its first beat.
        end: position where it ends (earlier than its metre says where the final chord cuts it).
        beats: beats that its metre has, 1 or more.
        section: index of the tempo map's section that it lies in.
        energy: that section's energy.
        time: seconds at its start.
        seconds: its length.
        opens: whether it is the first bar of its section.
    """

    index: int
    start: float
    end: float
    beats: int
    section: int
    energy: float
    time: float
    seconds: float
    opens: bool


def bars(tempo_map: TempoMap, final: float) -> tuple[Bar, ...]:
    """All bars that sound before the final chord at position ``final``; an empty one where there is room for none."""
    spans = [(0, tempo_map.downbeats[0], 0)] if tempo_map.downbeats and tempo_map.downbeats[0] > 0 else []
    ends = (*tempo_map.downbeats[1:], max(len(tempo_map.beats) - 1, tempo_map.downbeats[-1] + 1))
    spans += [(start, end, number) for number, (start, end) in enumerate(zip(tempo_map.downbeats, ends, strict=True))]
    found: list[Bar] = []
    for start, end, number in spans:
        if start >= final - 1e-6 or tempo_map.time_at(end) <= 1e-6:
            continue
        found.append(_bar(tempo_map, len(found), (start, end), number, final))
    return tuple(found) or (_bar(tempo_map, 0, (int(final), int(final)), 0, final),)


def _bar(tempo_map: TempoMap, index: int, span: tuple[int, int], number: int, final: float) -> Bar:
    start, end = span
    section = _section(tempo_map, number)
    stop = min(float(end), final)
    time = tempo_map.time_at(start)
    energy = tempo_map.sections[section].energy if tempo_map.sections else 0.5
    opens = bool(tempo_map.sections) and tempo_map.sections[section].bar == number
    seconds = tempo_map.time_at(stop) - time
    return Bar(index, float(start), stop, max(1, end - start), section, energy, time, seconds, opens)


def _section(tempo_map: TempoMap, number: int) -> int:
    place = 0
    for index, section in enumerate(tempo_map.sections):
        if section.bar <= number:
            place = index
    return place
