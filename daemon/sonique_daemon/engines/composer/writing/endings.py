"""Endings: how a piece closes, and where its final chord stands, computed backwards from the out point."""

from dataclasses import dataclass

from sonique_daemon.domain import form
from sonique_daemon.domain.tags import Affect, Tags
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.composer.writing.dice import Dice

SHORTEST_TAIL = 1.2
"""Seconds that a final chord is given at least, in cues that have them."""

BRIEF = 15.0
"""Seconds below which a cue has no time for silence after a short final chord."""

MARKED = 0.4
"""Weight from which a hit point close to the end of a brief cue is where its short final chord belongs."""

_SOUNDS = {"button": 0.5, "sting": 0.8, "stop": 0.75}
"""Seconds that a short final chord is heard at least, in a dry room."""

_EARLY = {"button": 2.4, "sting": 3.2, "stop": 1.3}
"""Seconds before the end from which a short final chord would leave a hole there: a dead stop cuts its hall as well."""

_SILENCE = 0.7
"""Seconds of silence that may follow it where it has to stand late; a dead stop has a beat before it at any tempo."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The planned close.

    Attributes:
        kind: button, ring, fade, open, sting or stop.
        beat: position of the final chord in beats.
        time: its time in seconds.
        held: seconds that the final chord is held.
        fade: seconds of fade-out, 0 where the ending is played.
        stop: seconds at which all sound is cut, or None.
    """

    kind: str
    beat: float
    time: float
    held: float
    fade: float = 0.0
    stop: float | None = None


def tail(duration: float, decay: float) -> float:
    """Seconds that the final chord needs before the cue's end: by the hall's decay, at most a fifth of the cue.

    At least 1.2 s, or 0.65 of a cue that is shorter than that allows: a short cue plays on until it must end.
    """
    return min(max(SHORTEST_TAIL, min(0.45 * decay, 0.2 * duration)), 0.65 * duration)


def ending(tempo_map: TempoMap, style: Style, tags: Tags, decay: float, dice: Dice) -> Ending:
    """The kind that was asked for, or else one by style, mood and length, and the beat that leaves its tail room."""
    duration = float(tempo_map.duration)
    asked = form.ending(tags)
    kind = asked or _kind(style, tags.affect, duration, form.refused_endings(tags), dice)
    room = tail(duration, decay)
    wanted = room
    if kind in ("fade", "ring", "open") and duration > 14 and asked != "fade":
        wanted = max(room, min(2.0 + 0.02 * duration, 7.0 if kind == "fade" else 3.5))
    beat = _beat(tempo_map, duration - room, duration - wanted)
    if kind in _SOUNDS and (duration < BRIEF or duration - tempo_map.time_at(beat) > _EARLY[kind]):
        least = _SOUNDS[kind] if duration < BRIEF or kind == "stop" else room
        late = _late(tempo_map, duration - least, max(_SILENCE, 60 / tempo_map.bpm * (kind == "stop")))
        kind, beat = (kind, late) if late is not None else (asked or "ring", beat)
    time = tempo_map.time_at(beat)
    left = duration - time
    held = {"button": 0.3, "sting": 0.5, "stop": 0.4}.get(kind, max(left - 0.5, 0.6 * left))
    fade = min(max(0.75 * left, 2.0), 8.0, left) if kind == "fade" else 0.0
    if asked == "fade":  # they play on while it fades
        fade = min(max(0.15 * duration, 4.0), 10.0, 0.5 * duration)
    return Ending(kind, beat, time, held, fade, time + 0.55 if kind == "stop" else None)


def _kind(style: Style, affect: Affect, duration: float, refused: frozenset[str], dice: Dice) -> str:
    weights = {kind: weight for kind, weight in style.endings.items() if kind not in refused}
    if duration < 10:
        weights.pop("fade", None)
    if affect.tension > 0.5 and "open" not in refused:
        weights["open"] = weights.get("open", 0.0) + 2.0
    if affect.arousal > 0.5 and "button" in weights:
        weights["button"] *= 1.5
    return dice.at("ending").weigh(weights or {"ring": 1.0})


def _late(tempo_map: TempoMap, latest: float, silence: float) -> float | None:
    """The beat of a short final chord that stands late: the last weighty hit close to the end, or else a beat there.

    None where neither stands there: the chord must ring on then, lest the cue is silent well before its end.
    """
    hits = [met.beat for met in tempo_map.hits if met.beat is not None and met.hit.weight >= MARKED]
    for places in (hits[::-1], tempo_map.downbeats, range(len(tempo_map.beats))):
        for place in places:
            if latest - silence <= tempo_map.time_at(place) <= latest:
                return float(place)
    return None


def _beat(tempo_map: TempoMap, latest: float, wanted: float) -> float:
    """The final chord's beat: at or before ``latest`` seconds, as near as may be to ``wanted`` seconds.

    A downbeat is worth two seconds of distance, a half bar less; a hit point that falls there counts for it too.
    """
    downbeats = set(tempo_map.downbeats)
    choices = [index for index, time in enumerate(tempo_map.beats) if -1e-6 <= time <= latest + 1e-6]
    if not choices:
        return max(0.0, tempo_map.beat_at(0.0))
    hits = {met.beat for met in tempo_map.hits if met.beat is not None}

    def cost(index: int) -> float:
        place = 0.0 if index in downbeats else 2.0 if index - 2 in downbeats else 3.0
        return abs(tempo_map.beats[index] - wanted) + place - (1.5 if float(index) in hits else 0.0)

    return float(min(choices[-24:], key=cost))
