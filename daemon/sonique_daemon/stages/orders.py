"""Orders: how the files of a take are wanted, and what they say of themselves."""

from fractions import Fraction

from sonique_daemon import __version__
from sonique_daemon.delivery.ducking import speech_gain
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.alignment import Alignment
from sonique_daemon.domain.ducking import SpeechGain
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.domain.terms import Licensed
from sonique_daemon.domain.time import sample_count
from sonique_daemon.engines.engine import Descriptor


def gain_under_speech(job: GenerateJob) -> SpeechGain | None:
    """The gain that ``job`` wants under speech; None where it wants none."""
    speech = () if job.description is None else job.description.speech
    return speech_gain(speech, float(job.duration), job.delivery.ducking)


def order_of(job: GenerateJob, engine: Descriptor, recipe: bytes, licences: tuple[Licensed, ...]) -> Order:
    """How the files of ``job`` are wanted, which one take is made of."""
    wanted, gain = job.delivery, gain_under_speech(job)
    return Order(
        samples=sample_count(job.duration),
        provenance=_provenance(job, engine, licences),
        recipe=recipe,
        loudness_lufs=wanted.loudness_lufs,
        pad_to_frames=wanted.pad_to_frames,
        record_start=wanted.record_start or Fraction(0),
        stems=wanted.stems,
        gain=gain.points if gain is not None and gain.baked else (),
    )


def alignment_text(alignment: Alignment | None) -> str:
    """The rungs, as a file tells them; "" for an engine that needed none."""
    if alignment is None:
        return ""
    moved = f"shift {alignment.shift:+.3f} s, stretch {100 * alignment.stretch:+.2f} %"
    return f"{', '.join(alignment.rungs)}; best of {alignment.candidates}; {moved}"


def _provenance(job: GenerateJob, engine: Descriptor, licences: tuple[Licensed, ...]) -> Provenance:
    texts = tuple(tag.text for tag in job.tags.tags if tag.kind is not TagKind.NEGATIVE)
    without = tuple(f"no {text}" for text in job.tags.texts(TagKind.NEGATIVE))
    return Provenance(
        title=f"Sonique cue, {job.tags.style}, seed {job.seed}",
        engine=engine.name,
        engine_version=engine.version,
        licence=engine.licence,
        licences=licences,
        seed=job.seed,
        tags=(*texts, *without),
        software_version=__version__,
    )
