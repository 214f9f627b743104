"""Scoring from inside Blender, by a real daemon that Blender starts."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.blender.conftest import ROOT, Blender

Painted = Callable[[str, Fraction, int], Path]
pytestmark = pytest.mark.usefixtures("daemon")


@pytest.fixture
def film(painted: Painted) -> str:
    return str(painted("bars24.mp4", Fraction(24), 240))


def test_score_save_open_vary_edit_swap_redo_and_undo(blender: Blender, film: str) -> None:
    found = blender.run("panel_score", film)
    assert found["loaded"] == []
    (scored,) = found["scored"]
    assert (scored["start"], scored["end"], scored["seeds"]) == (1, 97, [3, 4])
    assert found["way"].startswith(("The daemon reads", "Blender renders"))
    (varied,) = found["varied"]
    assert (varied["start"], varied["end"], varied["seeds"]) == (11, 61, [77, 3, 4])
    assert varied["file"] != scored["file"]
    (edited,) = found["edited"]
    tags = json.loads(edited["tags"][0])
    assert tags["tempo"]["bpm"] == 111
    assert [tag["text"] for tag in tags["tags"] if tag["kind"] == "TAG_KIND_MOOD"] == ["calm", "dark"]
    assert edited["seeds"] == [77, 77, 3, 4]
    assert [strip["file"] for strip in found["swapped"]] == [scored["file"]]
    (redone,) = found["redone"]
    assert (redone["start"], redone["end"]) == (11, 61)
    assert redone["file"] not in {scored["file"], varied["file"], edited["file"]}
    assert found["prompt"] == "calm"
    assert {strip["stem"] for strip in found["stems"]} >= {"", "bass"}
    before, after = (
        {strip["stem"]: strip for strip in found[when] if strip["stem"]} for when in ("stems", "other stems")
    )
    assert before.keys() == after.keys()
    for stem, strip in after.items():
        assert (strip["seeds"][0], strip["start"], strip["end"]) == (21, before[stem]["start"], before[stem]["end"])
        assert strip["file"] != before[stem]["file"]
        assert strip["file"].endswith(f" {stem}.wav")
    assert found["undone"] == found["redone"]
    assert sorted((strip["start"], strip["end"]) for strip in found["cues"]) == [(1, 61), (61, 121)]


def test_presets_come_along_and_can_be_kept(blender: Blender, film: str) -> None:
    found = blender.run("panel_presets", film)
    assert found["brought"] == ["Action", "Comedy", "Documentary", "Under_Speech"]
    assert found["action"] == ["driving, tense, hits on the cuts", 1.0]
    assert found["kept"] == ["my own words", 0.25]
    assert found["rows"] == 0
    assert found["menus"] == [True, True]


def test_what_is_wrong_is_said_with_the_way_out_and_the_timeline_stays(
    blender: Blender, film: str, tmp_path: Path
) -> None:
    found = blender.run("panel_faults", film)
    said = {
        "no daemon installed": "not installed here",
        "no daemon runs": "No Sonique daemon runs; start it",
        "output in a file": "choose another one in the preferences",
        "output nowhere": "no whole path",
        "preview range off": "The preview range of “Scene” is off",
        "unknown style": "zzqx",
        "no music selected": "Select a strip that Sonique placed",
        "no sequence": "This scene has no sequence yet",
        "relative media, unsaved": "save",
        "relative output, unsaved": "was never saved",
        "an open quote": "A quote is not closed in the preferences' Daemon Command",
        "nothing to cancel": "nothing is cancelled",
        "nothing to place": "no such music to be placed",
        "linked scene": "linked from another file",
    }
    assert {name: found[name] for name in said if said[name] not in found[name]} == {}
    assert found["still without music"] == []
    assert found["scene deleted"][0] == "KEPT"
    assert "is gone; the music lies in" in found["scene deleted"][1]
    assert found["placed here"] == ["PLACED", 1]
    assert found["address"] == [str(tmp_path / "elsewhere"), str(tmp_path / "run")]
    assert found["scenes"] == [["Scene"], True]
    assert not found["told"].startswith("Sonique:")  # which is how the terminal is told where there is no window
    assert found["live"] == 0
    assert found["online"] is False  # loopback is no internet: all of this worked without


def test_ten_jobs_five_cancelled_and_the_file_reloaded_in_the_middle(blender: Blender, film: str) -> None:
    found = blender.run("panel_crowd", film)
    assert found["phases"] == ["CANCELLED", "PLACED"] * 5
    assert [name.startswith("Sonique: first") for name in found["first"]] == [True] * 2
    assert [name.startswith("Sonique: second") for name in found["second"]] == [True] * 3
    assert set(found["said"]) == {"Ends"}
    assert len(found["rows"]) == 10
    assert found["threads"] == ["MainThread"]


def test_the_process_that_speaks_to_the_daemon_is_killed_and_start_goes_on_with_another(
    blender: Blender, film: str
) -> None:
    found = blender.run("panel_courier", film)
    assert "process that speaks to the daemon for Blender stopped" in found["said"]
    assert found["live"]
    assert (found["started"], found["phase"], found["music"]) == (["FINISHED"], "PLACED", 1)
    assert found["loaded"] == []  # gRPC is never loaded in Blender itself


def test_a_daemon_of_another_version_is_named(blender: Blender, film: str, tmp_path: Path) -> None:
    other = tmp_path / "bin" / "soniqued"
    newer = (
        "import sys, sonique.runtime_file as r; r.CONTRACT = 99; import sonique_daemon.server.daemon as d; "
        "d.CONTRACT = 99; from sonique_daemon.app.main import main; main(sys.argv[1:])"
    )
    other.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec "{sys.executable}" -c "{newer}" --no-warm "$@"\n')
    assert "update this client" in blender.run("panel_version", film)["said"]


def test_a_file_of_the_oldest_release_opens_in_the_others_with_its_music(
    blender: Blender, film: str, tmp_path: Path
) -> None:
    oldest = os.environ.get("SONIQUE_BPY_45", "")
    if not oldest:
        pytest.skip("SONIQUE_BPY_45 names no interpreter; python .ci/blenders.py makes it")
    path = Blender(Path(oldest), tmp_path).run("panel_saved", film)
    found = blender.run("panel_open", path)
    assert [strip["seeds"] for strip in found["before"]] == [[0]]
    assert [strip["seeds"] for strip in found["after"]] == [[5, 0]]
    assert found["prompt"] == "kept"


def test_blender_ends_though_jobs_run_and_leaves_none_behind(blender: Blender, film: str) -> None:
    script = Path(__file__).parent / "inside" / "leaving.py"
    done = subprocess.run(
        [str(blender.python), str(script), str(ROOT), film],
        env=blender.environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "leaving" in done.stdout, done.stderr[-3000:]


def test_music_that_was_cut_packed_and_whose_file_is_gone_can_be_made_again(blender: Blender, film: str) -> None:
    found = blender.run("panel_cut", film)
    assert found["seeds"] == [[5], [9, 5]]
    assert found["count"] == 2
    assert found["begins"] == [1, 41]
    assert found["redone"] == {"span": [41, 97], "begins": 41, "kept": [41, 1, 1]}
    assert "plays no file any more; use Redo" in found["soundless"]
    assert found["without a sound"] == [["FINISHED"], True]
    assert found["packed"] == ["FINISHED"]
    assert "is retimed, and new music would be too" in found["retimed"]
    assert found["chosen"] == [0, "second", "second", "third"]
