"""A rendering becomes finished files."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly
from sonique_daemon.delivery.deliver import deliver
from sonique_daemon.delivery.order import Order, whole_frames
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.take import FileKind, Rendering
from sonique_daemon.domain.time import sample_count
from sonique_daemon.errors import Cancelled, EngineFailed, LimitExceeded, StoreFull

Render = Callable[..., Rendering]
Samples = NDArray[np.float64]
Read = Callable[[Path], Samples]
Write = Callable[..., RawAudio]
Piece = Callable[..., NDArray[np.float32]]

_SECOND = 48_000
_RATES = [Fraction(rate) for rate in (24, 25, 30, 50, 60)] + [Fraction(rate * 1000, 1001) for rate in (24, 30, 60, 120)]


def _nothing() -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "take"
    place.mkdir()
    return place


def _true_peak_dbtp(sound: Samples) -> float:
    return float(20 * np.log10(np.abs(resample_poly(sound, 8, 1, axis=0)).max()))


def _loudness(sound: Samples) -> float:
    return float(pyloudnorm.Meter(_SECOND).integrated_loudness(sound))


def test_files_are_told_in_order_with_size_and_digest(rendering: Render, provenance: Provenance, folder: Path) -> None:
    files, _ = deliver(rendering(_SECOND * 2), Order(_SECOND * 2, provenance, stems=True), folder, _nothing)
    assert [file.name for file in files] == ["mix", "bass", "lead", "drums", "score"]
    assert [file.path.name for file in files] == ["mix.wav", "bass.wav", "lead.wav", "drums.wav", "score.mid"]
    assert [file.kind for file in files] == [FileKind.WAV] * 4 + [FileKind.MIDI]
    for file in files:
        assert file.size == file.path.stat().st_size
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert sorted(path.name for path in folder.iterdir()) == sorted(file.path.name for file in files)


def test_stems_are_left_out_unless_wanted(rendering: Render, provenance: Provenance, folder: Path) -> None:
    files, _ = deliver(rendering(_SECOND), Order(_SECOND, provenance), folder, _nothing)
    assert [file.name for file in files] == ["mix", "score"]


@pytest.mark.parametrize("rendered", [70_001, 96_000, 130_003])
def test_the_length_is_exact_however_long_the_rendering_is(
    rendering: Render, provenance: Provenance, folder: Path, samples_of: Read, rendered: int
) -> None:
    files, _ = deliver(rendering(rendered), Order(96_000, provenance, stems=True), folder, _nothing)
    assert {len(samples_of(file.path)) for file in files if file.kind is FileKind.WAV} == {96_000}


@given(st.sampled_from(_RATES), st.integers(1, 100_000))
def test_a_range_of_whole_frames_needs_no_padding(rate: Fraction, frames: int) -> None:
    samples = sample_count(frames / rate)
    assert whole_frames(samples, rate) == samples


@given(st.sampled_from(_RATES), st.integers(1, 10_000_000))
def test_padding_is_less_than_a_frame(rate: Fraction, samples: int) -> None:
    padded = whole_frames(samples, rate)
    assert 0 <= padded - samples < _SECOND / rate + 1


def test_padding_to_frames_is_silence(
    rendering: Render, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    order = Order(50_000, provenance, pad_to_frames=Fraction(25))
    deliver(rendering(50_000), order, folder, _nothing)
    sound = samples_of(folder / "mix.wav")
    assert len(sound) == 27 * 1920
    assert not sound[50_000:].any()
    assert sound[:50_000].any()


@pytest.mark.parametrize("target", [-30.0, -20.0, -9.0])
def test_the_target_loudness_is_met_and_no_true_peak_passes_the_ceiling(
    rendering: Render, provenance: Provenance, folder: Path, samples_of: Read, target: float
) -> None:
    _, measures = deliver(
        rendering(_SECOND * 10), Order(_SECOND * 10, provenance, loudness_lufs=target), folder, _nothing
    )
    sound = samples_of(folder / "mix.wav")
    assert _loudness(sound) == pytest.approx(target, abs=0.3)
    assert measures.loudness_lufs == pytest.approx(target, abs=0.1)
    assert _true_peak_dbtp(sound) <= -1.0
    assert measures.true_peak_dbtp == pytest.approx(_true_peak_dbtp(sound), abs=0.15)


@pytest.mark.parametrize("kind", ["clicks", "noise", "between samples", "bursts"])
def test_hostile_peaks_stay_below_the_ceiling(
    raw: Write, provenance: Provenance, folder: Path, samples_of: Read, kind: str
) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    count = _SECOND * 10
    time = np.arange(count)
    sound = {
        "clicks": 0.01 * random.standard_normal(count) + (time % 9973 == 77) * 0.9,
        "noise": random.uniform(-1, 1, count),
        "between samples": np.sin(np.pi / 2 * time + np.pi / 4) * (0.2 + 0.8 * (time // 4800 % 3 == 0)),
        "bursts": random.standard_normal(count) * (time // 2400 % 10 == 0) * 0.3 + 0.001 * np.sin(time / 20),
    }[kind]
    mix = raw("mix", np.stack([sound, -sound]).astype(np.float32))
    _, measures = deliver(Rendering(mix), Order(count, provenance, loudness_lufs=-8.0), folder, _nothing)
    finished = samples_of(folder / "mix.wav")
    assert _true_peak_dbtp(finished) <= -1.0
    assert measures.true_peak_dbtp <= -1.0


@pytest.mark.parametrize("target", [-20.0, -8.0])
def test_stems_add_up_to_the_mix(
    rendering: Render, provenance: Provenance, folder: Path, samples_of: Read, target: float
) -> None:
    order = Order(200_000, provenance, loudness_lufs=target, stems=True)
    deliver(rendering(230_000, offset=0.02), order, folder, _nothing)
    total = np.sum([samples_of(folder / f"{name}.wav") for name in ("bass", "lead", "drums")], axis=0)
    assert np.abs(total - samples_of(folder / "mix.wav")).max() <= 32 / 2**23


def test_stems_that_cancel_in_the_mix_are_not_clipped(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    count = _SECOND * 3
    wave = (0.9 * np.sin(np.arange(count) / 30) * np.ones((2, 1))).astype(np.float32)
    quiet = piece(count, level=0.05)
    stems = (("up", raw("up", wave + quiet)), ("down", raw("down", -wave)))
    deliver(
        Rendering(raw("mix", quiet), stems), Order(count, provenance, loudness_lufs=-30, stems=True), folder, _nothing
    )
    total = samples_of(folder / "up.wav") + samples_of(folder / "down.wav")
    assert np.abs(total - samples_of(folder / "mix.wav")).max() <= 32 / 2**23


def test_an_offset_is_taken_out_even_where_it_wanders(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    count = _SECOND * 12
    offset = np.where(np.arange(count) < count // 2, 0.2, -0.1).astype(np.float32)
    deliver(Rendering(raw("mix", piece(count) + offset)), Order(count, provenance), folder, _nothing)
    sound = samples_of(folder / "mix.wav")
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    assert np.abs(sound[: 5 * _SECOND].mean(axis=0)).max() < 1e-3
    assert np.abs(sound[7 * _SECOND :].mean(axis=0)).max() < 1e-3


def test_neither_end_clicks(raw: Write, provenance: Provenance, folder: Path, samples_of: Read) -> None:
    tone = np.cos(np.arange(_SECOND * 3) / 40) * np.ones((2, 1)) * 0.5
    deliver(Rendering(raw("mix", tone.astype(np.float32))), Order(_SECOND * 2, provenance), folder, _nothing)
    sound = samples_of(folder / "mix.wav")
    steps = np.abs(np.diff(np.concatenate([np.zeros((1, 2)), sound, np.zeros((1, 2))]), axis=0))
    assert steps.max() <= 1.5 * np.abs(np.diff(sound[_SECOND : _SECOND + 1000], axis=0)).max()
    assert np.abs(sound[-480:]).max() < 0.1 * np.abs(sound).max()


def test_a_rendering_that_breaks_off_is_faded_where_it_ends(
    raw: Write, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    tone = np.cos(np.arange(_SECOND) / 40) * np.ones((2, 1)) * 0.5
    deliver(Rendering(raw("mix", tone.astype(np.float32))), Order(_SECOND * 2, provenance), folder, _nothing)
    sound = samples_of(folder / "mix.wav")
    assert not sound[_SECOND:].any()
    assert np.abs(sound[_SECOND - 100 : _SECOND]).max() < 0.02 * np.abs(sound).max()


def test_the_same_rendering_gives_the_same_bytes(rendering: Render, provenance: Provenance, tmp_path: Path) -> None:
    made = rendering(_SECOND * 3)
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files, _ = deliver(made, Order(_SECOND * 3, provenance, b"recipe", -9.0, stems=True), tmp_path / name, _nothing)
        digests.append([file.sha256 for file in files])
    assert digests[0] == digests[1]


def test_mono_at_another_rate_is_brought_to_48_khz_stereo(
    raw: Write, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(44_100 * 3) / 44_100)[None, :]
    mix = raw("mix", tone.astype(np.float32), 44_100)
    deliver(Rendering(mix), Order(_SECOND * 3, provenance), folder, _nothing)
    sound = samples_of(folder / "mix.wav")
    assert len(sound) == _SECOND * 3
    assert np.array_equal(sound[:, 0], sound[:, 1])
    spectrum = np.abs(np.fft.rfft(sound[_SECOND : 2 * _SECOND, 0]))
    assert int(spectrum.argmax()) == 1000


@pytest.mark.parametrize("broken", [(np.nan, "mix"), (np.inf, "stem"), (-np.inf, "mix"), (np.nan, "stem")])
def test_samples_that_are_no_numbers_fail_the_engine(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path, broken: tuple[float, str]
) -> None:
    bad, where = broken
    sounds = {name: piece(_SECOND) for name in ("mix", "stem")}
    sounds[where][0, 100] = bad
    made = Rendering(raw("mix", sounds["mix"]), (("stem", raw("stem", sounds["stem"])),))
    with pytest.raises(EngineFailed, match="no numbers"):
        deliver(made, Order(_SECOND, provenance, stems=True), folder, _nothing)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_silence_fails_the_engine(raw: Write, piece: Piece, provenance: Provenance, folder: Path, level: float) -> None:
    with pytest.raises(EngineFailed, match="silence"):
        deliver(Rendering(raw("mix", piece(_SECOND, level=level))), Order(_SECOND, provenance), folder, _nothing)


def test_a_very_quiet_rendering_is_still_brought_to_its_target(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path, samples_of: Read
) -> None:
    mix = raw("mix", piece(_SECOND * 5, level=6e-4))
    deliver(Rendering(mix), Order(_SECOND * 5, provenance), folder, _nothing)
    assert _loudness(samples_of(folder / "mix.wav")) == pytest.approx(-20, abs=0.3)


def test_audio_that_is_shorter_than_it_says_fails_the_engine(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path
) -> None:
    mix = raw("mix", piece(_SECOND))
    with pytest.raises(EngineFailed, match="ends before"):
        deliver(Rendering(RawAudio(mix.path, 2, _SECOND * 3)), Order(_SECOND * 3, provenance), folder, _nothing)


@pytest.mark.parametrize("name", ["../up", "mix", "score", "", "Bass", "a/b", "x" * 40])
def test_a_stem_whose_name_is_no_file_name_fails_the_engine(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path, name: str
) -> None:
    mix = raw("mix", piece(_SECOND))
    with pytest.raises(EngineFailed, match="named a stem"):
        deliver(Rendering(mix, ((name, mix),)), Order(_SECOND, provenance, stems=True), folder, _nothing)


def test_more_than_a_wav_file_holds_is_refused_and_nothing_is_left(
    raw: Write, piece: Piece, provenance: Provenance, folder: Path
) -> None:
    order = Order(_SECOND, provenance, pad_to_frames=Fraction(1, 5 * 3600))
    with pytest.raises(LimitExceeded, match="four hours"):
        deliver(Rendering(raw("mix", piece(_SECOND))), order, folder, _nothing)
    assert not list(folder.iterdir())


def test_cancelling_at_any_moment_leaves_nothing(rendering: Render, provenance: Provenance, folder: Path) -> None:
    made, calls = rendering(_SECOND * 2), 0
    order = Order(_SECOND * 2, provenance, stems=True)

    def count() -> None:
        nonlocal calls
        calls += 1

    deliver(made, order, folder, count)
    for path in folder.iterdir():
        path.unlink()
    for stop in range(1, calls + 1):
        left = stop

        def check() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Cancelled

        with pytest.raises(Cancelled):
            deliver(made, order, folder, check)
        assert not list(folder.iterdir())


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited here")
def test_a_disk_that_takes_no_more_is_a_full_store_and_nothing_is_left(
    rendering: Render, provenance: Provenance, folder: Path
) -> None:
    made = rendering(_SECOND * 2)
    with _file_size_limit(300_000), pytest.raises(StoreFull, match="free some space"):
        deliver(made, Order(_SECOND * 2, provenance, stems=True), folder, _nothing)
    assert not list(folder.iterdir())


def test_a_folder_that_is_not_there_is_a_store_that_cannot_be_written(
    rendering: Render, provenance: Provenance, tmp_path: Path
) -> None:
    with pytest.raises(StoreFull, match="cannot be written"):
        deliver(rendering(_SECOND), Order(_SECOND, provenance), tmp_path / "gone", _nothing)


def test_a_file_that_stands_there_is_never_overwritten(rendering: Render, provenance: Provenance, folder: Path) -> None:
    (folder / "score.mid").write_bytes(b"mine")
    with pytest.raises(StoreFull, match="there already"):
        deliver(rendering(_SECOND), Order(_SECOND, provenance), folder, _nothing)
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("score.mid", b"mine")]
