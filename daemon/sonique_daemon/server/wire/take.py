"""Takes, and how they are to be delivered, on the wire."""

from fractions import Fraction

from sonique.v1 import take_pb2

from sonique_daemon.domain.request import Delivery
from sonique_daemon.domain.take import FileKind, Take, TakeFile
from sonique_daemon.server.wire.ducking import read_ducking, write_ducking, write_speech_gain
from sonique_daemon.server.wire.fields import chosen, sendable, within
from sonique_daemon.server.wire.measures import write_alignment, write_measures
from sonique_daemon.server.wire.tempo import write_tempo_map
from sonique_daemon.server.wire.terms import write_licensed
from sonique_daemon.server.wire.time import read_rate, read_time, write_rate, write_time

QUIETEST_LUFS, LOUDEST_LUFS = -50.0, -8.0

_FORMATS = {
    take_pb2.FILE_FORMAT_UNSPECIFIED: FileKind.WAV,
    take_pb2.FILE_FORMAT_WAV: FileKind.WAV,
    take_pb2.FILE_FORMAT_MIDI: FileKind.MIDI,
}
_FORMAT_NUMBERS = {FileKind.WAV: take_pb2.FILE_FORMAT_WAV, FileKind.MIDI: take_pb2.FILE_FORMAT_MIDI}


def read_format(number: int) -> FileKind:
    """What a wanted file holds; raises ``InvalidRequest``."""
    return chosen(_FORMATS, number, "format")


def read_delivery(message: take_pb2.Delivery) -> Delivery:
    """How to deliver; raises ``InvalidRequest``."""
    loudness = message.loudness_lufs if message.HasField("loudness_lufs") else Delivery().loudness_lufs
    return Delivery(
        loudness_lufs=within(loudness, "delivery.loudness_lufs", QUIETEST_LUFS, LOUDEST_LUFS),
        pad_to_frames=_read_padding(message),
        stems=message.stems,
        record_start=_read_start(message),
        ducking=read_ducking(message.ducking) if message.HasField("ducking") else None,
    )


def write_delivery(delivery: Delivery) -> take_pb2.Delivery:
    """How to deliver."""
    padding = None if delivery.pad_to_frames is None else write_rate(delivery.pad_to_frames)
    return take_pb2.Delivery(
        loudness_lufs=delivery.loudness_lufs,
        pad_to_frames=padding,
        stems=delivery.stems,
        record_start=None if delivery.record_start is None else write_time(delivery.record_start),
        ducking=None if delivery.ducking is None else write_ducking(delivery.ducking),
    )


def write_take(take: Take) -> take_pb2.Take:
    """A finished take; where its files stand in the store is not told."""
    return take_pb2.Take(
        id=take.id,
        seed=take.seed,
        engine=take.engine,
        samples=take.samples,
        files=[_write_file(file) for file in take.files],
        tempo_map=write_tempo_map(take.tempo_map),
        licences=[write_licensed(each) for each in take.licences],
        measures=write_measures(take.measures),
        speech_gain=None if take.speech_gain is None else write_speech_gain(take.speech_gain),
        alignment=write_alignment(take.alignment),
    )


def _read_padding(message: take_pb2.Delivery) -> Fraction | None:
    return read_rate(message.pad_to_frames, "delivery.pad_to_frames") if message.HasField("pad_to_frames") else None


def _read_start(message: take_pb2.Delivery) -> Fraction | None:
    return read_time(message.record_start, "delivery.record_start") if message.HasField("record_start") else None


def _write_file(file: TakeFile) -> take_pb2.TakeFile:
    number = _FORMAT_NUMBERS[file.kind]
    return take_pb2.TakeFile(name=sendable(file.name), format=number, size=file.size, sha256=file.sha256)
