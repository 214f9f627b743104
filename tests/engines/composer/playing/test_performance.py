"""Performances: stems, lengths, blocks, repeatability, the room and the edges."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Part, Room, Stem
from sonique_daemon.engines.composer.playing import perform
from sonique_daemon.engines.composer.playing.cache import CAPACITY, SOUNDS
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.errors import Cancelled

RATE = 48_000
Play = Callable[..., Rendering]
Song = Callable[..., Composition]


def _bytes(rendering: Rendering) -> list[bytes]:
    return [audio.path.read_bytes() for audio in (rendering.mix, *(stem for _, stem in rendering.stems))]


def _rms(audio: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(audio))))


def test_stems_add_up_to_the_mix(play: Play, song: Song) -> None:
    rendering = play(song(12.0, pump_db=4.0, glue=1.0))
    assert [name for name, _ in rendering.stems] == ["drums", "bass", "harmony", "lead", "texture"]
    total = sum(stem.whole().astype(np.float64) for _, stem in rendering.stems)
    assert np.abs(total - rendering.mix.whole()).max() < 1e-5
    assert all(np.abs(stem.whole()).max() > 0.01 for _, stem in rendering.stems)


def test_only_layers_with_parts_become_stems(play: Play) -> None:
    piece = Composition(1.0, (Part("a", Stem.LEAD, Instrument.FLUTE),), (Note(0, 0, 0.5, 72, 0.7),), Room(1.0))
    assert [name for name, _ in play(piece).stems] == ["lead"]


def test_a_piece_without_parts_is_silence(play: Play) -> None:
    rendering = play(Composition(0.5, (), (), Room(1.0)))
    assert rendering.stems == ()
    assert not rendering.mix.whole().any()


@pytest.mark.parametrize("samples", [1, 999, 48_001, 150_000])
def test_the_length_is_exact(samples: int, play: Play, song: Song) -> None:
    rendering = play(song(4.0), samples=samples)
    assert rendering.mix.samples == samples
    assert rendering.mix.path.stat().st_size == samples * 8
    assert {stem.samples for _, stem in rendering.stems} == {samples}
    assert {stem.channels for _, stem in rendering.stems} == {2}


def test_the_same_piece_gives_the_same_bytes_with_a_cold_and_a_warm_cache(play: Play, song: Song) -> None:
    SOUNDS.clear()
    cold = _bytes(play(song(6.0)))
    assert _bytes(play(song(6.0))) == cold
    other = song(6.0)
    SOUNDS.clear()
    play(replace(other, notes=tuple(replace(note, velocity=note.velocity * 0.8) for note in other.notes)))
    assert _bytes(play(song(6.0))) == cold


def test_another_seed_gives_other_bytes(play: Play, song: Song) -> None:
    assert _bytes(play(song(4.0), seed=1)) != _bytes(play(song(4.0), seed=2))


def test_a_note_has_the_same_sound_whatever_else_is_played(play: Play) -> None:
    part = Part("a", Stem.HARMONY, Instrument.PIANO)
    lone = Composition(2.0, (part,), (Note(0, 0.1, 0.5, 60, 0.7),), Room(1.0, glue=0))
    followed = replace(lone, notes=(*lone.notes, Note(0, 1.5, 0.4, 64, 0.7)))
    first, second = play(lone).mix.whole(), play(followed).mix.whole()
    assert np.abs(first - second)[:, : round(1.5 * RATE)].max() < 1e-7


def test_blocks_leave_no_seam(play: Play, song: Song) -> None:
    piece = song(8.0, pump_db=3.0)
    whole = play(piece, block=8 * RATE)
    for size in (1, 2 * 2**17):
        blocks = play(piece, block=size)
        assert np.abs(blocks.mix.whole() - whole.mix.whole()).max() < 2e-5


def test_progress_reaches_the_whole_length(tmp_path: Path, song: Song) -> None:
    report = RecordedReport()
    perform(song(4.0), 4 * RATE, 1, tmp_path, report, block=1)
    done = [step[0] for step in report.steps]
    assert done == sorted(done)
    assert len(done) > 1
    assert report.steps[-1] == (4.0, 4.0, "s of audio")


class _Impatient(RecordedReport):
    """Counts checks and cancels at one of them."""

    def __init__(self, patience: int) -> None:
        super().__init__()
        self.left = patience

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_a_cancelled_performance_stops_between_two_notes(tmp_path: Path, song: Song) -> None:
    with pytest.raises(Cancelled):
        perform(song(30.0), 30 * RATE, 1, tmp_path, _Impatient(20))
    assert (tmp_path / "mix.f32").stat().st_size == 0


@pytest.fixture(params=[1, 2], ids=["one core", "two cores"])
def cores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process may use so many cores, as far as it knows."""
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not tell which cores a process may use")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(request.param)))


def test_one_core_plays_the_same_bytes_as_two(play: Play, song: Song, monkeypatch: pytest.MonkeyPatch) -> None:
    played = []
    for cores in (1, 2):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        played.append(_bytes(play(song(14.0, glue=1.0))))
    assert played[0] == played[1]


@pytest.mark.usefixtures("cores")
def test_a_disk_that_takes_no_more_ends_the_performance(tmp_path: Path, song: Song) -> None:
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            perform(song(12.0), 12 * RATE, 1, tmp_path, RecordedReport())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("cores")
def test_a_cancelled_performance_leaves_no_thread(tmp_path: Path, song: Song) -> None:
    before = threading.active_count()
    with pytest.raises(Cancelled):
        perform(song(20.0), 20 * RATE, 1, tmp_path, _Impatient(180))
    assert 0 < (tmp_path / "mix.f32").stat().st_size < 20 * RATE * 8
    assert threading.active_count() == before


def test_a_dead_stop_cuts_everything_and_a_fade_ends_in_silence(play: Play, song: Song) -> None:
    stopped = play(replace(song(4.0, decay=4.0), stop=2.5)).mix.whole()
    assert not stopped[:, round(2.5 * RATE) :].any()
    assert _rms(stopped[:, round(2.3 * RATE) : round(2.45 * RATE)]) > 0.01
    faded, plain = play(replace(song(4.0), fade=2.0)).mix.whole(), play(song(4.0)).mix.whole()
    assert _rms(faded[:, -4800:]) < 0.02 * _rms(plain[:, -9600:-4800])
    assert np.array_equal(faded[:, : 2 * RATE - 2400], plain[:, : 2 * RATE - 2400])


def test_first_and_last_samples_make_no_click(play: Play, song: Song) -> None:
    piece = song(4.0)
    early = replace(piece, notes=(Note(3, -0.05, 1.0, 60, 0.9), *piece.notes))
    audio = play(early).mix.whole()
    assert np.abs(audio[:, 0]).max() < 1e-4
    assert np.abs(audio[:, -1]).max() < 1e-4


def test_what_still_rings_at_the_end_is_let_down(play: Play) -> None:
    part = Part("a", Stem.HARMONY, Instrument.WARM_PAD, send_db=-6)
    audio = play(Composition(10.0, (part,), (Note(0, 0.0, 12.0, 60, 0.8),), Room(5.0))).mix.whole()
    end, before = audio[:, -round(0.05 * RATE) :], audio[:, 8 * RATE : 9 * RATE]
    assert 20 * np.log10(_rms(end) / _rms(before)) < -28


def test_the_hall_rings_as_long_as_it_is_told_to(play: Play) -> None:
    for decay in (0.8, 2.5):
        part = Part("a", Stem.DRUMS, Instrument.DRUM_KIT, send_db=0)
        audio = play(Composition(4.0, (part,), (Note(0, 0.0, 0.1, 37, 0.9),), Room(decay, glue=0))).mix.whole()
        energy = np.cumsum(np.sum(np.square(audio, dtype=np.float64), axis=0)[::-1])[::-1]
        level = 10 * np.log10(energy[round(0.06 * RATE) :] / energy[round(0.06 * RATE)] + 1e-12)
        slope = (np.argmax(level < -25) - np.argmax(level < -5)) / RATE * 3
        assert slope == pytest.approx(decay, rel=0.25)


def test_bass_is_mono_and_width_widens(play: Play, song: Song) -> None:
    rms = {}
    for width in (0.0, 0.9):
        audio = play(song(6.0, width=width, glue=0)).mix.whole()
        side = audio[0] - audio[1]
        rms[width] = _rms(side)
        spectrum = np.abs(np.fft.rfft(side)) ** 2
        middle = np.abs(np.fft.rfft(audio.sum(axis=0))) ** 2
        low = round(80 * audio.shape[1] / RATE)
        assert spectrum[:low].sum() < 0.01 * middle[:low].sum()
    assert rms[0.0] < 1e-6
    assert rms[0.9] > 0.01


def test_pan_moves_a_part_and_keeps_its_power(play: Play) -> None:
    powers = []
    for pan in (-1.0, 0.0, 1.0):
        part = Part("a", Stem.LEAD, Instrument.CELESTA, pan=pan, send_db=-60)
        audio = play(Composition(1.0, (part,), (Note(0, 0.1, 0.5, 84, 0.8),), Room(1.0, width=1.0, glue=0))).mix.whole()
        powers.append(np.sum(np.square(audio), axis=1))
    assert powers[0][0] > 100 * powers[0][1]
    assert powers[2][1] > 100 * powers[2][0]
    assert powers[1].sum() == pytest.approx(powers[0].sum(), rel=0.05)


def test_the_pump_ducks_bass_and_pads_under_the_kick_alone(play: Play) -> None:
    parts = (
        Part("kit", Stem.DRUMS, Instrument.MACHINE_KIT, send_db=-60),
        Part("pad", Stem.TEXTURE, Instrument.WARM_PAD, send_db=-60),
        Part("lead", Stem.LEAD, Instrument.LEAD_SYNTH, send_db=-60),
    )
    notes = (Note(1, 0.0, 4.0, 60, 0.7), Note(2, 0.0, 4.0, 72, 0.7), Note(0, 2.0, 0.1, 36, 0.9))
    piece = Composition(4.0, parts, notes, Room(1.0, glue=0))
    plain, pumped = (dict(play(replace(piece, room=replace(piece.room, pump_db=db))).stems) for db in (0.0, 6.0))
    here = slice(round(2.001 * RATE), round(2.010 * RATE))
    ducked = _rms(pumped["texture"].whole()[:, here]) / _rms(plain["texture"].whole()[:, here])
    assert 20 * np.log10(ducked) == pytest.approx(-6, abs=0.7)
    assert np.array_equal(pumped["lead"].whole(), plain["lead"].whole())


def test_a_parts_filters_and_the_rooms_brightness_shape_it(play: Play) -> None:
    def high_share(brightness: float = 1.0, **part: float) -> float:
        player = Part("a", Stem.HARMONY, Instrument.PIANO, send_db=-60, **part)
        room = Room(1.0, brightness=brightness, glue=0)
        audio = play(Composition(1.5, (player,), (Note(0, 0.05, 1.0, 60, 0.8),), room)).mix.whole()
        power = np.abs(np.fft.rfft(audio[0])) ** 2
        return float(power[round(1500 * 1.5) :].sum() / power.sum())

    plain = high_share()
    assert high_share(high_cut_hz=1200) < 0.5 * plain
    assert high_share(low_cut_hz=800) > 1.3 * plain
    assert high_share(brightness=0.5) < plain < high_share(brightness=2.0)


def test_gain_and_chords_keep_the_balance(play: Play) -> None:
    def loudness(gain_db: float, pitches: tuple[int, ...]) -> float:
        part = Part("a", Stem.TEXTURE, Instrument.ELECTRIC_PIANO, gain_db=gain_db, send_db=-60)
        notes = tuple(Note(0, 0.1, 1.5, pitch, 0.7) for pitch in pitches)
        return float(20 * np.log10(_rms(play(Composition(2.0, (part,), notes, Room(1.0, glue=0))).mix.whole())))

    assert loudness(-6, (60,)) - loudness(0, (60,)) == pytest.approx(-6, abs=0.05)
    assert loudness(0, (57, 60, 64, 67)) == pytest.approx(loudness(0, (60,)), abs=2)


def test_a_full_mix_has_headroom_and_every_layer_can_be_heard(play: Play, song: Song) -> None:
    rendering = play(song(16.0))
    peak = 20 * np.log10(np.abs(rendering.mix.whole()).max())
    assert -12 < peak < -1
    whole = _rms(rendering.mix.whole())
    shares = {name: 20 * np.log10(_rms(stem.whole()) / whole) for name, stem in rendering.stems}
    assert all(-22 < share < -1 for share in shares.values()), shares


def test_the_cache_stays_within_its_bound(play: Play) -> None:
    parts = (Part("a", Stem.HARMONY, Instrument.STRINGS, send_db=-60),)
    for step in range(16):
        notes = tuple(Note(0, 0.0, 0.05, pitch, 0.5) for pitch in range(50, 60))
        play(Composition(0.05, parts, notes, Room(0.4, brightness=1 + step / 64)))
        assert SOUNDS.size <= CAPACITY
    assert SOUNDS.size > CAPACITY // 2
