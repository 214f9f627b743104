"""The melody's file: what is read of it, and what is refused with a sentence."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.options import Melody
from sonique_daemon.errors import Cancelled, MediaNotFound, MediaUnreadable, PathRefused
from sonique_daemon.timeline.recording import RecordingReader

Film = Callable[..., Path]


@pytest.fixture
def tune(recording: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(recording, tmp_path / "tune.wav"))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordingReader:
    monkeypatch.setenv("HOME", str(tmp_path))  # which may be the whole disk for whoever runs the tests
    return RecordingReader(tmp_path / "uploads", (tmp_path,))


def test_a_recording_comes_as_stereo_at_48_khz(reader: RecordingReader, tune: Path, tmp_path: Path) -> None:
    audio, _ = reader.read(Melody(str(tune)), 10**9, tmp_path / "out.raw")
    assert (audio.channels, audio.sample_rate) == (2, 48_000)
    assert abs(audio.samples - 96_000) < 64
    spectrum = np.abs(np.fft.rfft(audio.whole()[0, 10_000:58_000]))
    assert int(spectrum.argmax()) == 440
    np.testing.assert_array_equal(*audio.whole())


def test_no_more_is_read_than_is_wanted(reader: RecordingReader, tune: Path, tmp_path: Path) -> None:
    audio, _ = reader.read(Melody(str(tune)), 48_000, tmp_path / "out.raw")
    assert audio.samples == 48_000


def test_a_film_gives_its_sound(reader: RecordingReader, film: Film, tmp_path: Path) -> None:
    images = [np.zeros((90, 160, 3), np.uint8)] * 24
    path = film("clip.mp4", images, sound=np.full(48_000, 0.1, np.float32))
    audio, _ = reader.read(Melody(str(path)), 10**9, tmp_path / "out.raw")
    assert audio.samples > 40_000


def test_what_was_sent_is_found_by_its_digest(reader: RecordingReader, tune: Path, tmp_path: Path) -> None:
    _, digest = reader.read(Melody(str(tune)), 48_000, tmp_path / "one.raw")
    reader.uploads.mkdir()
    tune.rename(reader.uploads / digest)
    _, again = reader.read(Melody(f"sonique-upload:{digest}"), 48_000, tmp_path / "two.raw")
    assert again == digest


def test_another_file_than_the_one_that_is_meant_is_refused(
    reader: RecordingReader, tune: Path, tmp_path: Path
) -> None:
    with pytest.raises(MediaNotFound, match=r"tune\.wav” has changed"):
        reader.read(Melody(str(tune), sha256="0" * 64), 48_000, tmp_path / "out.raw")


def test_a_file_without_sound_is_refused(reader: RecordingReader, film: Film, tmp_path: Path) -> None:
    silent = film("mute.mp4", [np.zeros((90, 160, 3), np.uint8)] * 5)
    text = tmp_path / "notes.wav"
    text.write_text("la la la")
    for number, path in enumerate((silent, text)):
        with pytest.raises(MediaUnreadable, match="holds no sound"):
            reader.read(Melody(str(path)), 48_000, tmp_path / f"{number}.raw")


def test_a_file_outside_the_allowed_folders_is_refused(
    reader: RecordingReader, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "tune.wav"
    elsewhere.touch()
    with pytest.raises(PathRefused):
        reader.read(Melody(str(elsewhere)), 48_000, tmp_path / "out.raw")
    with pytest.raises(MediaNotFound):
        reader.read(Melody(str(tmp_path / "none.wav")), 48_000, tmp_path / "out.raw")


def test_reading_can_be_stopped(reader: RecordingReader, tune: Path, tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        reader.read(Melody(str(tune)), 48_000, tmp_path / "out.raw", stop)
