"""The groups of options that several commands take, each as one parameter (``command_line``)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sonique_cli import options

if TYPE_CHECKING:
    from sonique.v1 import scoring_pb2


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a film or a timeline file is read.

    Attributes:
        range_text: the range as it was typed; empty for all of it.
        media_roots: folders whose media may be read.
        cuts: where cuts come from.
        rate: frames per second of an EDL.
    """

    range_text: options.Range = ""
    media_roots: options.MediaRoot = field(default_factory=list)
    cuts: options.Cuts = options.CutsChoice.AUTO
    rate: options.Rate = None


@dataclass(frozen=True, slots=True)
class Brief:
    """The music that is wanted; the daemon checks it.

    Attributes:
        prompt: in the user's own words.
        genres: styles, the first weighs most.
        moods: moods.
        instruments: that must play.
        negatives: what must not be there.
        bpm: beats per minute, or None.
        key: "D minor", or empty.
        hit_strength: 0 to 1, or None for the daemon's own.
    """

    prompt: options.Prompt = ""
    genres: options.Genre = field(default_factory=list)
    moods: options.Mood = field(default_factory=list)
    instruments: options.InstrumentOption = field(default_factory=list)
    negatives: options.Without = field(default_factory=list)
    bpm: options.Bpm = None
    key: options.KeyOption = ""
    hit_strength: options.HitStrength = None


@dataclass(frozen=True, slots=True)
class Cue:
    """Which takes are made, and out of what.

    Attributes:
        guide: noise over the draft that a model starts from, 0 to 1; None for no draft.
        candidates: how many a model makes to keep one; 0: four on a card, one else.
        seed: of the first take.
        soundfont: what the parts are played through, or None.
        takes: how many.
    """

    guide: options.Guide = None
    candidates: options.Candidates = 0
    seed: options.Seed = 0
    soundfont: options.SoundFont = None
    takes: options.Takes = 1

    def put(self, request: "scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest") -> None:
        """Puts it into ``request``; the SoundFont may be read wherever it lies, for the user named it.

        Raises:
            CommandError: there is no such SoundFont.
        """
        from sonique_cli.named_files import readable

        request.seed, request.takes, request.candidates = self.seed, self.takes, self.candidates
        if self.guide is not None:
            request.guide.noise = self.guide
        if self.soundfont is not None:
            request.soundfont = readable(request, self.soundfont)


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """Which of a take's files are written beside its mix.

    Attributes:
        stems: every stem, into a folder.
        midi: the score.
    """

    stems: options.Stems = False
    midi: options.Midi = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the sound is delivered.

    Attributes:
        loudness: LUFS.
        pad_to_frames: the frame rate to whose whole frames it is padded, or None.
    """

    loudness: options.Loudness = -20.0
    pad_to_frames: options.PadToFrames = None


@dataclass(frozen=True, slots=True)
class Engines:
    """Which engines may run.

    Attributes:
        profile: the name of a profile; empty for the daemon's.
        fallback: whether embedded engines step in for models that cannot run.
        commercial_only: whether models are refused whose music may not be used commercially.
    """

    profile: options.Profile = ""
    fallback: options.Fallback = False
    commercial_only: options.CommercialOnly = False

    def put(
        self,
        request: "scoring_pb2.DescribeRequest | scoring_pb2.TagRequest | scoring_pb2.GenerateRequest "
        "| scoring_pb2.ScoreRequest",
    ) -> None:
        """Puts it into ``request``."""
        request.profile = self.profile
        request.fallback = self.fallback
        request.commercial_only = self.commercial_only
