"""Engines that keep the protocol and do next to nothing: for tests of all that stands above the engines.

They pass the same contract tests as the real ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sonique_daemon.domain.audio import BLOCK_SAMPLES, Block, RawAudioWriter
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.options import Option
from sonique_daemon.domain.tags import Key, Origin, Tags, Tempo
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.engine import DescribeRequest, Descriptor, GenerateRequest, Report, TagRequest
from sonique_daemon.engines.registry import Offer, Registry, Shelf

_UNSEEING = Descriptor("unseeing", Stage.DESCRIBE, "Looks at nothing.", "GPL-3.0-or-later", "1")
_LITERAL = Descriptor("literal", Stage.TAG, "Takes a tempo.", "GPL-3.0-or-later", "1")
_TONE = Descriptor(
    name="tone",
    stage=Stage.GENERATE,
    summary="Plays a tone.",
    licence="GPL-3.0-or-later",
    version="1",
    shortest=0.1,
    longest=36_000.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
    stems=("tone",),
    tempo_control=True,  # a tone has no beat that could miss the grid
)
_MIMIC = Descriptor(
    name="mimic",
    stage=Stage.GENERATE,
    summary="Plays a tone over what it is given.",
    licence="GPL-3.0-or-later",
    version="1",
    shortest=0.1,
    longest=36_000.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
    melody=True,
    inpainting=True,
    batch=4,
    options=(Option.STEPS, Option.GUIDANCE),
)
_MIMIC_STEPS = 8

_DRUMMER = Descriptor(
    name="drummer",
    stage=Stage.GENERATE,
    summary="Plays drums 2 % too fast, and begins where it likes.",
    licence="GPL-3.0-or-later",
    version="1",
    shortest=0.1,
    longest=36_000.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
    melody=True,
    inpainting=True,
    batch=4,
)


@dataclass(frozen=True, slots=True)
class UnseeingDescriber:
    """Describes every shot of the picture without a look at its media."""

    descriptor: Descriptor = _UNSEEING

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """The picture's shots, each with the same sentence."""
        picture = request.picture
        shots = tuple(
            ShotDescription(shot.record, "A shot.", Look(), shot.join, 0.5 if index else 0.0)
            for index, shot in enumerate(picture.shots)
        )
        for index, shot in enumerate(shots):
            report.shot(index, shot)
            report.progress(float(shot.record.end), float(picture.duration), "s of picture")
        summary = f"{len(shots)} shots."
        return Description(
            picture.duration, summary, shots, markers=picture.markers, rate=picture.rate, drop_frame=picture.drop_frame
        )


@dataclass(frozen=True, slots=True)
class LiteralTagger:
    """Takes the tempo of the brief and nothing else."""

    descriptor: Descriptor = _LITERAL

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Ambient in C at the brief's tempo, or 60."""
        report.check()
        bpm = request.brief.bpm
        tempo = Tempo(60.0, 55.0, 70.0) if bpm is None else Tempo(bpm, bpm * 0.98, bpm * 1.02, Origin.USER)
        strength = request.brief.hit_strength
        return Tags("ambient", (), tempo, Key(0, "ionian"), hit_strength=strength)


@dataclass(frozen=True, slots=True)
class ToneGenerator:
    """Plays a quiet tone, as one stem, whose pitch is the seed's."""

    descriptor: Descriptor = _TONE

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """``request.samples`` samples of a sine."""
        frequency = 220.0 + request.seed % 220
        mix = RawAudioWriter(request.workspace / "mix.raw", 2)
        stem = RawAudioWriter(request.workspace / "tone.raw", 2)
        with mix, stem:
            for start in range(0, request.samples, BLOCK_SAMPLES):
                block = _tone(frequency, start, min(BLOCK_SAMPLES, request.samples - start))
                mix.write(block)
                stem.write(block)
                done = Fraction(start + block.shape[1], SAMPLE_RATE)
                report.progress(float(done), float(Fraction(request.samples, SAMPLE_RATE)), "s of audio")
        return Rendering(mix.result, (("tone", stem.result),))


@dataclass(frozen=True, slots=True)
class MimicGenerator:
    """Does all that a model engine may do, step by step: starts from audio, makes spans of it anew, takes batches.

    It plays the seed's tone, as loud as ``options.guidance`` says (1 is a tenth of full scale). Where there is audio to
    start from, that is mixed in by its noise; where there are spans to make anew, the tone stands in them, alone.
    """

    descriptor: Descriptor = _MIMIC

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """One take."""
        return self.run_batch((request,), report)[0]

    def run_batch(self, requests: Sequence[GenerateRequest], report: Report) -> tuple[Rendering, ...]:
        """All of ``requests``, in as many steps as the first one asks for."""
        assert 0 < len(requests) <= self.descriptor.batch
        steps = requests[0].options.steps or _MIMIC_STEPS
        for step in range(steps):
            report.progress(step + 1, steps, "steps")
        return tuple(_mimicked(request) for request in requests)


def _mimicked(request: GenerateRequest) -> Rendering:
    import numpy as np

    guidance = 1.0 if request.options.guidance is None else request.options.guidance
    tone = np.float32(guidance) * _tone(330.0 + request.seed % 220, 0, request.samples)
    with RawAudioWriter(request.workspace / "mix.raw", 2) as mix:
        mix.write(tone if request.init is None else _over(tone, request))
    return Rendering(mix.result)


def _over(tone: Block, request: GenerateRequest) -> Block:
    """``tone`` over the audio to start from: by its noise, or within the spans that are made anew, alone."""
    import numpy as np

    assert request.init is not None
    below, noise = np.zeros_like(tone), np.full(tone.shape[1], request.init.noise, np.float32)
    audio = request.init.audio.whole()[:, : tone.shape[1]]
    below[:, : audio.shape[1]] = audio
    if request.inpaint:
        noise[:] = 0.0
    for start, end in request.inpaint:
        noise[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] = 1.0
    return np.asarray(below * (1 - noise) + tone * noise, np.float32)


@dataclass(frozen=True, slots=True)
class DrummerGenerator:
    """A known rhythm at a wrong tempo and phase: what stands above models is tried on it.

    It plays even strokes, 2 % faster than the map and up to half a beat late, as the seed says. Over a draft it plays
    that, less as the noise is more. In spans that are made anew it strikes at the hit points and nowhere else.
    """

    descriptor: Descriptor = _DRUMMER

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """One take."""
        return self.run_batch((request,), report)[0]

    def run_batch(self, requests: Sequence[GenerateRequest], report: Report) -> tuple[Rendering, ...]:
        """All of ``requests``."""
        assert 0 < len(requests) <= self.descriptor.batch
        report.progress(1, 1, "steps")
        return tuple(_drummed(request) for request in requests)


def _drummed(request: GenerateRequest) -> Rendering:
    import numpy as np

    period = 60.0 / request.tempo_map.bpm / 1.02
    seconds = request.samples / SAMPLE_RATE
    beats = [float(beat) for beat in np.arange((0.1 + 0.13 * (request.seed % 4)) * period, seconds, period)]
    if request.inpaint:
        spans = request.inpaint
        hits = [float(met.hit.time) for met in request.tempo_map.hits]
        beats = [time for time in hits if any(start <= time <= end for start, end in spans)]
    audio = _strokes(beats, request.samples)
    with RawAudioWriter(request.workspace / "mix.raw", 2) as mix:
        mix.write(audio if request.init is None else _over(audio, request))
    return Rendering(mix.result)


def _strokes(times: Sequence[float], samples: int) -> Block:
    """Short noises that die away."""
    import numpy as np

    noise = np.random.Generator(np.random.PCG64(1)).normal(size=SAMPLE_RATE // 8)
    stroke = (0.2 * noise * np.exp(-np.arange(noise.size) / 1200)).astype(np.float32)
    mono = np.zeros(samples + stroke.size, np.float32)
    for time in times:
        start = round(time * SAMPLE_RATE)
        mono[start : start + stroke.size] += stroke[: max(0, mono.size - start)]
    return np.stack((mono[:samples], mono[:samples]))


def _tone(frequency: float, start: int, count: int) -> "Block":
    import numpy as np

    times = np.arange(start, start + count, dtype=np.float64) / SAMPLE_RATE
    mono = (0.1 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)
    return np.stack((mono, mono))


def fakes() -> Registry:
    """A registry of the engines of this module."""
    return Registry(
        Shelf(Stage.DESCRIBE, {"unseeing": Offer(_UNSEEING, UnseeingDescriber)}),
        Shelf(Stage.TAG, {"literal": Offer(_LITERAL, LiteralTagger)}),
        Shelf(
            Stage.GENERATE,
            {
                "tone": Offer(_TONE, ToneGenerator),
                "mimic": Offer(_MIMIC, MimicGenerator),
                "drummer": Offer(_DRUMMER, DrummerGenerator),
            },
        ),
    )


FAKES = "sonique_daemon.engines.fake:fakes"
"""Names ``fakes`` for ``registry.registry_named``."""
