"""Wording: the sentences that a person would write from measures alone; what is shown is never named."""

from collections.abc import Sequence
from dataclasses import dataclass

from sonique_daemon.domain.description import Look, ShotDescription
from sonique_daemon.domain.picture import JoinKind
from sonique_daemon.engines.signal.hue import colours_named

_BLACK_LIGHT, _BLACK_CONTRAST = 0.03, 0.06
_LIGHTS = ((0.1, "almost black"), (0.25, "dark"), (0.38, "dim"), (0.6, "evenly lit"), (0.76, "bright"))
_PACES = ((0.07, "still"), (0.22, "calm"), (0.42, "gently moving"), (0.62, "lively"), (0.82, "fast"))
_MOVES = {"left": "to the left", "right": "to the right", "up": "upwards", "down": "downwards"}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a sentence is written from.

    Attributes:
        look: the shot's measures.
        seconds: how long it lasts.
        zoom: how fast the frame grows, for each second.
        join: how it begins.
        before: the look of the shot before, or None for the first.
    """

    look: Look
    seconds: float
    zoom: float = 0.0
    join: JoinKind = JoinKind.CUT
    before: Look | None = None


def is_black(look: Look) -> bool:
    """Whether a shot with that look shows nothing but black."""
    return look.light < _BLACK_LIGHT and look.contrast < _BLACK_CONTRAST


def shot_sentence(sight: Sight, index: int) -> str:
    """One sentence on a shot; ``index`` varies its shape, so that a list of shots does not read like a table."""
    if is_black(sight.look):
        return "Black."
    noun = _noun(sight)
    colours = colours_named(sight.look.palette)
    motion = _motion(sight)
    opening = _opening(sight)
    shape = index % 3
    if shape == 1 and colours:
        body = f"{opening}{colours}, {noun}"
    else:
        body = f"{opening}{noun}" + (f" in {colours}" if colours else "")
    link = "; " if shape != 2 else ", "
    sentence = f"{body}{link}{motion}" if motion else body
    return f"{sentence[0].upper()}{sentence[1:]}{_contrast(sight)}."


def _noun(sight: Sight) -> str:
    words = [_word(_LIGHTS, sight.look.light, "very bright"), _word(_PACES, sight.look.motion, "frantic")]
    length = "brief, " if sight.seconds < 1.2 else "long, " if sight.seconds > 10 else ""
    article = "an" if not length and words[0][0] in "aeiou" else "a"
    return f"{article} {length}{words[0]}, {words[1]} shot"


def _word(scale: Sequence[tuple[float, str]], value: float, last: str) -> str:
    return next((word for limit, word in scale if value < limit), last)


def _opening(sight: Sight) -> str:
    if sight.join is JoinKind.DISSOLVE:
        return "a dissolve into "
    if sight.join is JoinKind.FADE:
        return "fading in, "
    if sight.before is None or is_black(sight.before):
        return ""
    step = sight.look.light - sight.before.light
    if abs(step) > 0.25:
        return "suddenly brighter, " if step > 0 else "suddenly darker, "
    return ""


def _motion(sight: Sight) -> str:
    """How it moves, in a clause; "" for a still."""
    look = sight.look
    if look.motion < 0.07:
        return ""
    if look.camera < 0.4:
        return "something moves within a steady frame" if look.motion < 0.6 else "much moves within the frame"
    if abs(sight.zoom) / 4 > 0.015 and abs(sight.zoom) / 4 > _sideways(look):
        return "slowly pushing in" if sight.zoom > 0 else "slowly pulling out"
    direction = _direction(look)
    verb = "slow drift" if look.motion < 0.4 else "steady movement" if look.motion < 0.65 else "quick sweep"
    if direction:
        return f"{verb} {direction}"
    return "the frame is unsteady" if look.camera > 0.6 else "both the frame and what is in it move"


def _sideways(look: Look) -> float:
    """About how fast the frame goes one way, from its measures; a share of the frame for each second."""
    return float(0.03 * (41.0**look.motion - 1) * (look.motion_x**2 + look.motion_y**2) ** 0.5 * look.camera)


def _direction(look: Look) -> str:
    """Where the frame goes, or "" where it goes nowhere in particular."""
    if max(abs(look.motion_x), abs(look.motion_y)) < 0.35:
        return ""
    if abs(look.motion_x) >= abs(look.motion_y):
        return _MOVES["right" if look.motion_x > 0 else "left"]
    return _MOVES["up" if look.motion_y > 0 else "down"]


def _contrast(sight: Sight) -> str:
    if sight.look.contrast > 0.72:
        return ", with hard contrast"
    if sight.look.contrast < 0.16 and sight.look.light > 0.15:
        return ", soft and flat"
    return ""


def summary(shots: Sequence[ShotDescription], seconds: float, speech_seconds: float) -> str:
    """One or two sentences on all of it."""
    shown = [shot for shot in shots if not is_black(shot.look)]
    if not shown:
        return f"{_length(seconds)} of black."
    count = "One shot" if len(shots) == 1 else f"{len(shots)} shots"
    first = f"{count} in {_length(seconds)}{_pace(shots, seconds)}"
    return f"{first}. {_character(shown)}{_talk(speech_seconds / seconds if seconds else 0)}."


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds" if seconds >= 9.5 else f"{seconds:.1f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{seconds / 3600:.1f} hours"


def _pace(shots: Sequence[ShotDescription], seconds: float) -> str:
    if len(shots) < 2:
        return ", without a cut"
    typical = seconds / len(shots)
    words = "cut very fast" if typical < 1 else "cut fast" if typical < 2.5 else "cut at an easy pace"
    pace = f", {words if typical < 6 else 'cut slowly'}"
    if len(shots) >= 6:
        half = sum(1 for shot in shots if float(shot.record.start) < seconds / 2) / len(shots)
        pace += " and slower towards the end" if half > 0.66 else " and faster towards the end" if half < 0.34 else ""
    return pace


def _character(shots: Sequence[ShotDescription]) -> str:
    total = sum(float(shot.record.duration) for shot in shots) or 1.0

    def mean(name: str) -> float:
        return float(sum(getattr(shot.look, name) * float(shot.record.duration) for shot in shots) / total)

    light, warmth, saturation = mean("light"), mean("warmth"), mean("saturation")
    words = ["dark" if light < 0.25 else "dim" if light < 0.38 else "bright" if light > 0.6 else "evenly lit"]
    words.append("warm" if warmth > 0.12 else "cool" if warmth < -0.12 else "neutral in colour")
    if saturation > 0.5:
        words.append("strongly coloured")
    elif saturation < 0.12:
        words.append("nearly colourless")
    pace = _word(_PACES, mean("motion"), "frantic")
    return f"Mostly {', '.join(words[:-1])} and {words[-1]}, {_PACE_CLAUSES[pace]}"


_PACE_CLAUSES = {
    "still": "with hardly any motion",
    "calm": "with little motion",
    "gently moving": "moving gently",
    "lively": "with lively motion",
    "fast": "with fast motion",
    "frantic": "with frantic motion",
}


def _talk(share: float) -> str:
    if share < 0.03:
        return ""
    words = "here and there" if share < 0.25 else "for much of it" if share < 0.6 else "for most of it"
    return f"; somebody seems to speak {words}"
