"""The commands themselves, against a real daemon."""

import csv
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import opentimelineio as otio

Sonique = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_cue_has_a_page_and_a_picture_with_the_films_own_shots(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    assert sonique("score", film, "-o", "cue.wav", "--duck", "--prompt", "calm").returncode == 0
    done = sonique("report", "cue.wav", "--against", film)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "cue.report.html").read_text(encoding="utf-8")
    assert "data:image/jpeg" in page
    assert "data:audio/webm" in page
    assert "differs from the take" not in page
    assert "calm" in page
    with av.open(str(tmp_path / "cue.report.png")) as picture:
        assert picture.streams.video[0].width == 1600
    again = sonique("report", "cue.wav")
    assert (again.returncode, "exists already" in again.stderr) == (4, True)
    (tmp_path / "cue.wav").write_bytes((tmp_path / "cue.wav").read_bytes()[:-6] + b"edited")
    edited = sonique("report", "cue.wav", "--force", "--quiet")
    assert edited.returncode == 0, edited.stderr
    assert "differs from the take" in (tmp_path / "cue.report.html").read_text(encoding="utf-8")


def test_a_report_says_where_no_picture_of_the_film_can_be_shown(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    assert sonique("score", film, "-o", "cue.wav").returncode == 0
    timeline = otio.schema.Timeline("edit")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    whole = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(200, 25))
    track.append(otio.schema.Clip("a", otio.schema.ExternalReference(target_url="file:///gone/trip.mp4"), whole))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "edit.otio"))
    told = sonique("report", "cue.wav", "--against", "edit.otio")
    assert (told.returncode, "No picture of “edit.otio” can be read" in told.stderr) == (0, True)
    found = sonique("report", "cue.wav", "--against", "edit.otio", "--media-root", film.parent, "--force")
    assert (found.returncode, "No picture" in found.stderr) == (0, False)


def test_a_jobs_take_has_a_report_too(sonique: Sonique, film: Path, tmp_path: Path) -> None:
    job = sonique("score", film, "--detach").stdout.strip()
    done = sonique("report", job[:12], "-o", "of-job.html")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "of-job.png").exists()
    refused = sonique("report", job, "--take", "2", "-o", "other.html")
    assert (refused.returncode, "made one take; there is no take 2" in refused.stderr) == (2, True)


def test_a_file_that_is_no_cue_is_told(sonique: Sonique, tmp_path: Path) -> None:
    (tmp_path / "other.wav").write_bytes(b"RIFFnothing")
    for command in ("report", "cuesheet"):
        done = sonique(command, "other.wav")
        assert (done.returncode, "carries no recipe" in done.stderr) == (3, True)


def test_a_cue_sheet_lists_cues_in_the_order_of_the_picture_without_a_formula(
    sonique: Sonique, film: Path, tmp_path: Path
) -> None:
    assert sonique("score", film, "--range", "4-8", "-o", "=later.wav").returncode == 0
    assert sonique("score", film, "--range", "0-3", "-o", "first.wav").returncode == 0
    assert sonique("cuesheet", "=later.wav", "first.wav", "-o", "sheet.csv", "--usage", "TO").returncode == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sheet.csv").read_text(encoding="utf-8"))))
    assert [row["Title"] for row in rows] == ["first", "'=later"]
    assert [row["Duration"] for row in rows] == ["00:00:03", "00:00:04"]
    assert rows[1]["In"] == "00:00:04:00"
    assert {row["Usage"] for row in rows} == {"TO"}
    assert sonique("report", "first.wav").returncode == 0
    assert f"{rows[0]['Tempo']} bpm" in (tmp_path / "first.report.html").read_text(encoding="utf-8")
    assert all(row["Engine"].startswith("composer") and "machine-made" in row["Composer"] for row in rows)
