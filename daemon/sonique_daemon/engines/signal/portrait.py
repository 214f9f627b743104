"""Portrait: from what was seen of a shot to its description."""

from collections.abc import Sequence

import numpy as np

from sonique_daemon.domain.description import Look, ShotDescription
from sonique_daemon.domain.picture import JoinKind
from sonique_daemon.engines.signal.motion import Move
from sonique_daemon.engines.signal.tone import CONTRAST, LIGHT, SATURATION, WARMTH
from sonique_daemon.engines.signal.views import Views
from sonique_daemon.engines.signal.wording import Sight, shot_sentence
from sonique_daemon.timeline.joins import difference


def describe_shot(views: Views, before: ShotDescription | None, previous: Views | None, index: int) -> ShotDescription:
    """The description of one shot.

    Args:
        views: what was seen of it.
        before: the description of the shot before, or None for the first.
        previous: what was seen of the shot before, or None for the first.
        index: its place among the shots.
    """
    shot = views.shot
    look = look_of(views)
    join = shot.join if before is not None else JoinKind.CUT
    zoom = float(np.median([move.zoom for move in views.moves])) if views.moves else 0.0
    sight = Sight(look, float(shot.record.duration), zoom, join, before.look if before is not None else None)
    change = 0.0 if previous is None else _change(views, previous)
    return ShotDescription(shot.record, shot_sentence(sight, index), look, join, round(change, 4))


def look_of(views: Views) -> Look:
    """The measures of a shot; all 0 where it shows black or could not be read."""
    if not views.seen:
        return Look()
    tone = views.tones.mean(axis=0)
    x, y = _direction(views.moves)
    return Look(
        motion=_rounded(np.mean([move.amount for move in views.moves])) if views.moves else 0.0,
        motion_x=x,
        motion_y=y,
        camera=_camera(views.moves),
        light=_rounded(tone[LIGHT]),
        contrast=_rounded(tone[CONTRAST]),
        saturation=_rounded(tone[SATURATION]),
        warmth=_rounded(tone[WARMTH]),
        palette=views.palette,
    )


def _direction(moves: Sequence[Move]) -> tuple[float, float]:
    """Where the frame goes on the whole: near 1 where it keeps one way, near 0 where it goes to and fro."""
    speed = sum(move.speed for move in moves)
    if speed < 1e-6:
        return 0.0, 0.0
    return _rounded(sum(move.x for move in moves) / speed), _rounded(sum(move.y for move in moves) / speed)


def _camera(moves: Sequence[Move]) -> float:
    speed = sum(move.speed for move in moves)
    return _rounded(sum(move.camera_speed for move in moves) / speed) if speed > 1e-6 else 0.0


def _change(views: Views, previous: Views) -> float:
    """How much the picture changes at the start of a shot."""
    if views.change is not None:
        return views.change
    first, last = views.first, previous.last
    if first is None and last is None:
        return 0.0
    first = np.zeros_like(last) if first is None else first
    last = np.zeros_like(first) if last is None else last
    return difference(last, first) if first.shape == last.shape else 1.0


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
