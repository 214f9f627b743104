"""The real command against a real daemon."""

import json
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import av
import opentimelineio as otio
import pytest

from tests.cli.conftest import COMMAND

Sonique = Callable[..., "subprocess.CompletedProcess[str]"]


def samples(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 2, 3)
        return file.getnframes()


def audio_bytes(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


def timeline_of(film: Path, folder: Path) -> Path:
    """An edit at 25 fps that begins at 01:00:00:00: seconds 4 to 7 of the film, then 0 to 3."""
    track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
    for start in (100, 0):
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), otio.opentime.RationalTime(75, 25))
        reference = otio.schema.ExternalReference(target_url=film.name)
        track.append(otio.schema.Clip(name=f"from {start}", source_range=span, media_reference=reference))
    timeline = otio.schema.Timeline("edit", global_start_time=otio.opentime.RationalTime(90_000, 25))
    timeline.tracks.append(track)
    path = folder / "edit.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def test_a_timeline_has_no_film_to_put_music_under(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    done = sonique("score", timeline_of(film, tmp_path), "--film")
    assert done.returncode == 2
    assert "is a timeline" in done.stderr
    both = sonique("score", film, "--film", "-o", "scored.otio")
    assert (both.returncode, "name a .wav" in both.stderr) == (2, True)


def test_a_film_gets_music_exactly_as_long_and_a_scored_copy(sonique: Sonique, film: Path) -> None:
    done = sonique("score", film)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Writing trip.scored.mp4 …" in done.stderr
    assert samples(film.with_suffix(".wav")) == 8 * 48_000
    with av.open(str(film)) as before, av.open(str(film.with_name("trip.scored.mp4"))) as after:
        assert after.streams.audio
        old = [bytes(packet) for packet in before.demux(video=0)]
        new = [bytes(packet) for packet in after.demux(video=0)]
    assert new == old


def test_a_film_that_is_exported_again_while_it_is_scored_is_told(
    environment: dict[str, str], film: Path, tmp_path: Path
) -> None:
    command = [COMMAND, "score", str(film), "--seed", "41"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        copy = film.with_name("again.mp4")
        shutil.copy(film, copy)
        copy.replace(film)
        rest = running.stderr.read()
    assert (running.returncode, first) == (0, "Reading the timeline …\n")
    assert "trip.mp4” has changed since its music was begun" in rest


def test_a_range_of_a_timeline_is_scored_by_its_record_timecode(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    edit = timeline_of(film, tmp_path)
    done = sonique("score", edit, "--range", "01:00:01:00-01:00:05:12", "--seed", "3", "-o", "cue.wav")
    assert done.returncode == 0, done.stderr
    assert samples(tmp_path / "cue.wav") == 112 * 48_000 // 25
    data = (tmp_path / "cue.wav").read_bytes()
    start = data.index(b"bext") + 8 + 338
    assert int.from_bytes(data[start : start + 8], "little") == 3601 * 48_000


def test_every_stage_can_be_edited_before_the_next(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(sonique("describe", film, "--json").stdout, encoding="utf-8")
    tagged = sonique("tag", "--description", "d.json")
    tags = json.loads(tagged.stdout)
    tags["style"], tags["tempo"]["bpm"] = "electronic", 137.0
    (tmp_path / "t.json").write_text(json.dumps(tags), encoding="utf-8")
    done = sonique("generate", "--tags", "t.json", "--duration", "7s", "-o", "cue.wav")
    assert done.returncode == 0, done.stderr
    assert samples(tmp_path / "cue.wav") == 7 * 48_000
    assert "137.0 bpm" in done.stderr


def test_a_description_document_reads_like_an_event_log(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(sonique("describe", film, "--json").stdout, encoding="utf-8")
    assert sonique("describe", film, "-o", "d.json").returncode == 0
    from_log = sonique("tag", "--description", "log.json").stdout
    from_document = sonique("tag", "--description", "d.json").stdout
    assert json.loads(from_log) == json.loads(from_document)


def test_a_cue_can_be_made_again_from_its_file_alone(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    sonique("score", film, "-o", "cue.wav")
    assert sonique("again", "cue.wav").returncode == 0
    assert sonique("again", "cue.wav", "--seed", "7").returncode == 0
    first = (tmp_path / "cue.wav").read_bytes()
    assert (tmp_path / "cue.again.wav").read_bytes() == first
    assert audio_bytes(tmp_path / "cue.seed7.wav") != audio_bytes(tmp_path / "cue.wav")


def test_stems_and_score_are_written_where_they_are_wanted(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    done = sonique("score", film, "-o", "cue.wav", "--genre", "lofi", "--stems", "--midi", "--takes", "2")
    assert done.returncode == 0, done.stderr
    for name in ("cue", "cue.take2"):
        assert (tmp_path / f"{name}.mid").read_bytes().startswith(b"MThd")
        assert {path.suffix for path in (tmp_path / f"{name}.stems").iterdir()} == {".wav"}


def test_an_output_that_exists_is_kept_without_force(sonique: Sonique, film: Path) -> None:
    existing = film.with_suffix(".wav")
    existing.write_text("mine", encoding="utf-8")
    done = sonique("score", film)
    assert (done.returncode, existing.read_text(encoding="utf-8")) == (4, "mine")
    assert "exists already" in done.stderr
    assert not film.with_name("trip.scored.mp4").exists()
    assert sonique("score", film, "--force").returncode == 0
    assert samples(existing) == 8 * 48_000


def test_json_prints_every_event_of_the_job_in_order(sonique: Sonique, film: Path) -> None:
    lines = [json.loads(line) for line in sonique("score", film, "-o", "cue.wav", "--json").stdout.splitlines()]
    assert [int(line["seq"]) for line in lines] == list(range(1, len(lines) + 1))
    assert "done" in lines[-1]
    assert sum("take_ready" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--range", "4-4"], 2, "range"),
        (["--range", "6-4"], 2, "range"),
        (["--range", "01:00:00:00-01:00:10:00"], 2, "00:00:00:00"),
        (["--range", "0-1"], 2, "at least 2 s"),
        (["--range", "soon"], 2, "“soon”"),
        (["--bpm", "0"], 2, "bpm"),
        (["--bpm", "10000"], 2, "bpm"),
        (["--genre", "glorpcore"], 2, "“glorpcore”"),
        (["--instrument", "hurdy-gurdy"], 2, "“hurdy-gurdy”"),
        (["--key", "H minor"], 2, "“H minor”"),
        (["-o", "cue.mp3"], 2, ".wav"),
        (["-o", "nowhere/cue.wav"], 4, "nowhere"),
    ],
)
def test_a_wish_that_makes_no_sense_gets_one_sentence(
    sonique: Sonique, film: Path, arguments: list[str], code: int, sentence: str
) -> None:
    before = set(film.parent.iterdir())
    done = sonique("score", film, *arguments)
    assert done.returncode == code, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("sonique: ")]
    assert sentence in line
    assert "Traceback" not in done.stderr
    assert set(film.parent.iterdir()) == before


@pytest.mark.parametrize("option", ["--hit-strength", "--loudness"])
def test_a_number_out_of_bounds_is_told_with_its_option(sonique: Sonique, film: Path, option: str) -> None:
    before = set(film.parent.iterdir())
    done = sonique("score", film, option, "3")
    assert done.returncode == 2, done.stderr
    assert f"Invalid value for '{option}'" in done.stderr
    assert "Traceback" not in done.stderr
    assert set(film.parent.iterdir()) == before


def test_a_file_that_is_not_there_is_named(sonique: Sonique, tmp_path: Path) -> None:
    done = sonique("score", "missing.mp4")
    assert done.returncode == 3
    assert "“missing.mp4” is not there" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_film_is_told(sonique: Sonique, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("dear diary " * 100, encoding="utf-8")
    done = sonique("score", "notes.mp4")
    assert done.returncode == 3
    assert "“notes.mp4”" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.mp4"]


def test_sound_without_picture_is_told(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    sonique("score", film, "-o", "cue.wav")
    done = sonique("score", "cue.wav", "-o", "other.wav")
    assert done.returncode == 3
    assert "picture" in done.stderr
    assert not (tmp_path / "other.wav").exists()


def test_a_broken_timeline_is_told(sonique: Sonique, tmp_path: Path) -> None:
    (tmp_path / "edit.otio").write_text('{"OTIO_SCHEMA": "Poem.1"}', encoding="utf-8")
    done = sonique("score", "edit.otio")
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2


def test_a_file_without_a_recipe_cannot_be_made_again(sonique: Sonique, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "mine.wav"), "wb") as file:
        file.setparams((2, 3, 48_000, 0, "NONE", ""))
        file.writeframes(b"\0" * 600)
    done = sonique("again", "mine.wav")
    assert done.returncode == 3
    assert "recipe" in done.stderr


def test_control_c_cancels_the_job_and_says_so(environment: dict[str, str], sonique: Sonique, tmp_path: Path) -> None:
    process = _long_job(environment, sonique, tmp_path)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Cancelled" in told
    assert not (tmp_path / "long.wav").exists()


def _long_job(environment: dict[str, str], sonique: Sonique, folder: Path) -> "subprocess.Popen[str]":
    """A command that makes half an hour of music, as far as the making."""
    (folder / "t.json").write_text(sonique("tag", "--genre", "orchestral").stdout, encoding="utf-8")
    sonique_command = str(Path(sys.executable).parent / "sonique")
    command = [sonique_command, "generate", "--tags", "t.json", "--duration", "30min", "-o", "long.wav"]
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "Making the music" in line:
            break
    return process


def test_styles_lists_the_words_of_a_brief(sonique: Sonique) -> None:
    words = sonique("styles").stdout
    assert "lofi" in words
    assert "felt piano" in words
