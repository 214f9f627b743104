"""Engine options and melodies on the wire."""

import re
from pathlib import PurePosixPath, PureWindowsPath

from sonique.v1 import options_pb2, scoring_pb2

from sonique_daemon.domain.options import NO_OPTIONS, EngineOptions, Melody
from sonique_daemon.domain.upload import names_upload
from sonique_daemon.errors import InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.fields import limited, present, quoted, sha256, within
from sonique_daemon.server.wire.timeline import PATH_LIMIT

MOST_STEPS = 1000
MOST_GUIDANCE = 50.0
MOST_SIGMA = 1000.0
MOST_CANDIDATES = 8
USUAL_GUIDE = 0.6
_LEAST_SIGMA = 1e-4
_SAMPLER = re.compile(r"[a-z0-9_-]{0,40}")


def read_options(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> EngineOptions:
    """The request's options; raises ``InvalidRequest`` or ``LimitExceeded``."""
    if not message.HasField("options"):
        return NO_OPTIONS
    options = message.options
    if _SAMPLER.fullmatch(options.sampler) is None:
        raise InvalidRequest(f"The sampler {quoted(options.sampler)} is none; it is named like “dpmpp-3m-sde”.")
    low, high = _number(options, "sigma_min"), _number(options, "sigma_max")
    if low is not None and high is not None and low >= high:
        raise InvalidRequest(f"options.sigma_min is {low:g} and options.sigma_max {high:g}; the second is the larger.")
    return EngineOptions(
        steps=_steps(options) if options.HasField("steps") else None,
        guidance=_number(options, "guidance"),
        guidance_rescale=_number(options, "guidance_rescale"),
        sampler=options.sampler,
        sigma_min=low,
        sigma_max=high,
    )


def write_options(options: EngineOptions) -> options_pb2.EngineOptions | None:
    """The options; None where none is given."""
    if options == NO_OPTIONS:
        return None
    return options_pb2.EngineOptions(
        steps=options.steps,
        guidance=options.guidance,
        guidance_rescale=options.guidance_rescale,
        sampler=options.sampler,
        sigma_min=options.sigma_min,
        sigma_max=options.sigma_max,
    )


def read_melody(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> Melody | None:
    """The request's melody, or None; raises ``InvalidRequest`` or ``LimitExceeded``."""
    if not message.HasField("melody"):
        return None
    melody = message.melody
    present(bool(melody.path), "melody.path")
    path = limited(melody.path, "melody.path", PATH_LIMIT)
    require_file(path, "melody.path")
    noise = within(melody.noise, "melody.noise", 0.0, 1.0) if melody.HasField("noise") else Melody("").noise
    return Melody(path, noise, sha256(melody.sha256) if melody.sha256 else "")


def write_melody(melody: Melody | None) -> options_pb2.Melody | None:
    """The melody."""
    return None if melody is None else options_pb2.Melody(path=melody.path, noise=melody.noise, sha256=melody.sha256)


def read_guide(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> float | None:
    """The request's guide as noise over the draft, or None; raises ``InvalidRequest``."""
    if not message.HasField("guide"):
        return None
    return within(message.guide.noise, "guide.noise", 0.0, 1.0) if message.guide.HasField("noise") else USUAL_GUIDE


def write_guide(guide: float | None) -> options_pb2.Guide | None:
    """The guide."""
    return None if guide is None else options_pb2.Guide(noise=guide)


def read_candidates(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> int:
    """How many candidates to choose from, 0 for what the engine does; raises ``LimitExceeded``."""
    if not 0 <= message.candidates <= MOST_CANDIDATES:
        raise LimitExceeded(f"{message.candidates} candidates are asked for; choose 1 to {MOST_CANDIDATES}.")
    return message.candidates


_BOUNDS = {
    "guidance": (0.0, MOST_GUIDANCE),
    "guidance_rescale": (0.0, 1.0),
    "sigma_min": (_LEAST_SIGMA, MOST_SIGMA),
    "sigma_max": (_LEAST_SIGMA, MOST_SIGMA),
}


def _number(options: options_pb2.EngineOptions, field: str) -> float | None:
    if not options.HasField(field):  # type: ignore[arg-type]
        return None
    return within(getattr(options, field), f"options.{field}", *_BOUNDS[field])


def _steps(options: options_pb2.EngineOptions) -> int:
    if not 1 <= options.steps <= MOST_STEPS:
        raise LimitExceeded(f"{options.steps} steps are asked for; choose 1 to {MOST_STEPS}.")
    return options.steps


def read_soundfont(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> str:
    """The path of the SoundFont, or ""; raises ``InvalidRequest`` or ``LimitExceeded``."""
    path = limited(message.soundfont, "soundfont", PATH_LIMIT)
    if path:
        require_file(path, "soundfont")
    return path


def require_file(path: str, field: str) -> None:
    """Raises ``InvalidRequest`` where ``path`` is neither absolute, on any system, nor the name of an upload."""
    absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
    if "\0" in path or not (absolute or names_upload(path)):
        raise InvalidRequest(f"{field} {quoted(path)} is no absolute path; begin it at the root.")
