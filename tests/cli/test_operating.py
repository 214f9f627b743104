"""The real command over the daemon's own life: jobs of other processes, kills, stops, and looking after it."""

import json
import os
import re
import signal
import subprocess
import sys
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique.runtime_file import RuntimeFile

Done = subprocess.CompletedProcess[str]
Sonique = Callable[..., Done]

COMMAND = str(Path(sys.executable).parent / "sonique")


@pytest.fixture
def tags(sonique: Sonique, tmp_path: Path) -> Path:
    """Tags to make music from."""
    path = tmp_path / "t.json"
    path.write_text(sonique("tag", "--genre", "lofi").stdout, encoding="utf-8")
    return path


def daemon_of(environment: dict[str, str]) -> RuntimeFile:
    path = Path(environment["SONIQUE_RUNTIME_DIR"]) / "daemon.json"
    return RuntimeFile.from_json(path.read_text(encoding="utf-8"))


def making(environment: dict[str, str], tags: Path, length: str, *more: str) -> "subprocess.Popen[str]":
    """A command that makes music, as far as the making."""
    command = [COMMAND, "generate", "--tags", str(tags), "--duration", length, "-o", "long.wav", *more]
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=tags.parent,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    wait_for(process, "Making the music")
    return process


def wait_for(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    pytest.fail(f"“{words}” was never told")


def kill(environment: dict[str, str]) -> None:
    os.kill(daemon_of(environment).pid, signal.SIGKILL)


def samples(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        return file.getnframes()


def rows(done: Done) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_daemon_that_is_killed_is_started_again_and_the_job_goes_on(fresh: dict[str, str], tags: Path) -> None:
    process = making(fresh, tags, "40s")
    kill(fresh)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert told.count("was started again") == 1
    assert samples(tags.with_name("long.wav")) == 40 * 48_000


def test_a_daemon_that_is_killed_twice_leaves_the_job_to_be_watched_later(
    fresh: dict[str, str], tags: Path, sonique: Sonique
) -> None:
    process = making(fresh, tags, "30min")
    kill(fresh)
    wait_for(process, "Making the music")
    kill(fresh)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 5
    found = re.search(r"sonique watch ([0-9a-f]+)", told)
    assert found is not None
    assert not tags.with_name("long.wav").exists()
    (job,) = rows(sonique("jobs", "--json", "--state", "running", "--state", "queued", **fresh))
    assert job["id"] == found[1]
    assert sonique("cancel", found[1], **fresh).stdout.strip() == f"{found[1]}: cancelled"


def test_a_daemon_that_is_stopped_while_it_works_loses_nothing(
    fresh: dict[str, str], tags: Path, sonique: Sonique
) -> None:
    process = making(fresh, tags, "40s")
    stopped = sonique("daemon", "stop", "--now", **fresh)
    assert "1 running" in stopped.stdout
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert samples(tags.with_name("long.wav")) == 40 * 48_000


def test_a_job_that_was_left_to_itself_is_watched_and_fetched_later(sonique: Sonique, tags: Path) -> None:
    left = sonique("generate", "-t", tags, "--duration", "5s", "-o", "later.wav", "--detach")
    job = left.stdout.strip()
    assert (left.returncode, tags.with_name("later.wav").exists()) == (0, False)
    watched = sonique("watch", job[:10], "--json")
    lines = rows(watched)
    assert [int(line["seq"]) for line in lines] == list(range(1, len(lines) + 1))
    assert sonique("watch", job, "--json", "--after", "2").stdout.splitlines() == watched.stdout.splitlines()[2:]
    fetched = sonique("fetch", job[:10], "-o", "later.wav", "--midi")
    assert fetched.returncode == 0, fetched.stderr
    assert "Making the music" not in fetched.stderr
    assert samples(tags.with_name("later.wav")) == 5 * 48_000
    assert tags.with_name("later.mid").read_bytes().startswith(b"MThd")
    assert sonique("fetch", job, "-o", "later.wav").returncode == 4


def test_whoever_watches_a_job_is_told_which_take_is_made(sonique: Sonique, tags: Path) -> None:
    job = sonique("generate", "-t", tags, "--duration", "4s", "-o", "x.wav", "--takes", "3", "--detach").stdout.strip()
    told = sonique("watch", job).stderr
    assert [told.count(f"Making the music, take {number} of 3") for number in (1, 2, 3)] == [1, 1, 1]
    events = rows(sonique("watch", job, "--json"))
    first = next(event["seq"] for event in events if "take_ready" in event)
    late = sonique("watch", job, "--after", first).stderr
    assert [late.count(f"Making the music, take {number} of 3") for number in (1, 2, 3)] == [0, 1, 1]


def test_stems_are_still_there_once_another_job_made_the_same_without(sonique: Sonique, tags: Path) -> None:
    asked = ("generate", "-t", tags, "--duration", "5s", "--detach")
    job = sonique(*asked, "-o", "full.wav", "--stems").stdout.strip()
    assert sonique("watch", job).returncode == 0
    assert sonique("generate", "-t", tags, "--duration", "5s", "-o", "plain.wav").returncode == 0
    fetched = sonique("fetch", job, "-o", "full.wav", "--stems")
    assert fetched.returncode == 0, fetched.stderr
    assert list(tags.with_name("full.stems").iterdir())


def test_a_take_without_stems_is_saved_and_says_how_to_get_them(sonique: Sonique, tags: Path) -> None:
    job = sonique("generate", "-t", tags, "--duration", "5s", "-o", "x.wav", "--seed", "41", "--detach").stdout.strip()
    fetched = sonique("fetch", job, "-o", "plain.wav", "--stems")
    assert (fetched.returncode, "sonique again plain.wav --stems" in fetched.stderr) == (1, True)
    assert tags.with_name("plain.wav").exists()
    assert not tags.with_name("plain.stems").exists()


def test_fetching_needs_a_job_that_makes_takes(sonique: Sonique, tags: Path, tmp_path: Path) -> None:
    assert tags.exists()
    tagged = next(job for job in rows(sonique("jobs", "--json", "--all")) if job["kind"] == "JOB_KIND_TAG")
    done = sonique("fetch", tagged["id"], "-o", "x.wav")
    assert (done.returncode, "made no takes" in done.stderr) == (1, True)
    assert not (tmp_path / "x.wav").exists()


def test_the_newest_running_job_is_watched_and_cancelled_from_another_process(
    fresh: dict[str, str], tags: Path, sonique: Sonique
) -> None:
    process = making(fresh, tags, "30min", "--priority", "high")
    (job,) = rows(sonique("jobs", "--json", "-n", "1", **fresh))
    assert (job["client"], job["priority"]) == (f"cli-{process.pid}", "PRIORITY_HIGH")
    watcher = subprocess.Popen([COMMAND, "watch"], env=fresh, stderr=subprocess.PIPE, text=True)
    wait_for(watcher, "Making the music")
    assert sonique("cancel", "--all", **fresh).stdout.strip() == f"{job['id']}: cancelled"
    for each in (watcher, process):
        _, told = each.communicate(timeout=60)
        assert (each.returncode, "cancelled" in told) == (130, True)
    (job,) = rows(sonique("jobs", "--json", "-n", "1", **fresh))
    assert job["state"] == "JOB_STATE_CANCELLED"
    assert sonique("watch", job["id"], **fresh).returncode == 130
    newest = sonique("watch", **fresh)
    assert (newest.returncode, f"the newest one, {job['id']}, went" in newest.stderr) == (130, True)


def test_a_job_that_ended_before_it_was_watched_is_shown_and_no_job_at_all_is_told(
    fresh: dict[str, str], sonique: Sonique
) -> None:
    before = sonique("watch", **fresh)
    assert (before.returncode, "no job yet" in before.stderr) == (1, True)
    job = sonique("tag", "--prompt", "calm", "--detach", **fresh).stdout.strip()
    sonique("watch", job, **fresh)
    after = sonique("watch", "--json", **fresh)
    assert (after.returncode, f"the newest one, {job}, went" in after.stderr) == (0, True)
    assert "done" in json.loads(after.stdout.splitlines()[-1])


def test_a_job_that_nobody_knows_is_told(sonique: Sonique) -> None:
    for arguments in (["watch", "nobody"], ["cancel", "nobody"], ["fetch", "nobody", "-o", "x.wav"]):
        done = sonique(*arguments)
        assert (done.returncode, "“nobody”" in done.stderr) == (1, True)
    assert sonique("watch", "../x").returncode == 2
    assert sonique("cancel").returncode == 2


def test_a_score_of_what_is_known_says_so(sonique: Sonique, film: Path) -> None:
    assert film.exists()
    assert sonique("score", film, "-o", "one.wav").returncode == 0
    again = sonique("score", film, "-o", "two.wav", "--seed", "9")
    assert "Looking at the picture: known already" in again.stderr


def test_workers_and_the_store_are_told(sonique: Sonique, tags: Path) -> None:
    assert tags.exists()
    workers = json.loads(sonique("ps", "--json").stdout)["workers"]
    assert {worker["name"] for worker in workers} >= {"desk"}
    assert "that they may hold" in sonique("ps").stdout
    assert "takes" in sonique("du").stdout
    assert json.loads(sonique("du", "--json").stdout)["budget_bytes"]


def test_pruning_is_rehearsed_asked_and_done(fresh: dict[str, str], tags: Path, sonique: Sonique) -> None:
    assert sonique("generate", "-t", tags, "--duration", "3s", "-o", "cue.wav", **fresh).returncode == 0
    rehearsed = sonique("prune", "--rehearse", **fresh)
    assert "Would go" in rehearsed.stdout
    asked = sonique("prune", **fresh)
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    assert len(rows(sonique("jobs", "--json", **fresh))) == 1
    assert sonique("prune", "--older-than", "1d", "--yes", **fresh).stdout == "Nothing to clear.\n"
    assert "Gone" in sonique("prune", "--yes", **fresh).stdout
    assert sonique("jobs", **fresh).stdout == "No jobs.\n"
    assert samples(tags.with_name("cue.wav")) == 3 * 48_000


def test_the_daemon_can_be_started_asked_restarted_and_stopped(fresh: dict[str, str], sonique: Sonique) -> None:
    assert sonique("daemon", "status", **fresh).returncode == 5
    assert sonique("ps", **fresh).returncode == 5
    assert sonique("daemon", "stop", **fresh).stdout == "No daemon runs.\n"
    assert sonique("daemon", "start", **fresh).returncode == 0
    first = daemon_of(fresh).pid
    status = sonique("daemon", "status", **fresh).stdout
    for word in (str(first), "Jobs:", "Memory:", "Store:", "Log:"):
        assert word in status
    assert json.loads(sonique("daemon", "status", "--json", **fresh).stdout)["pid"] == str(first)
    assert sonique("daemon", "restart", **fresh).returncode == 0
    assert daemon_of(fresh).pid != first
    assert "The daemon has stopped." in sonique("daemon", "stop", "--drain", "5s", **fresh).stdout
    assert sonique("daemon", "status", **fresh).returncode == 5
    assert sonique("daemon", "stop", "--drain", "5s", "--now", **fresh).returncode == 2


def test_the_log_is_there_while_the_daemon_runs_and_after(fresh: dict[str, str], sonique: Sonique) -> None:
    assert sonique("logs", **fresh).returncode == 3
    sonique("daemon", "start", **fresh)
    assert "listens on" in sonique("logs", **fresh).stdout
    sonique("daemon", "stop", **fresh)
    assert "Stopped" in sonique("logs", "-n", "1", **fresh).stdout
    sonique("daemon", "start", **fresh)
    assert "Stopped" in sonique("logs", "--previous", **fresh).stdout
    follower = subprocess.Popen([COMMAND, "logs", "-f", "-n", "1"], env=fresh, stdout=subprocess.PIPE, text=True)
    assert follower.stdout is not None
    assert follower.stdout.readline()  # it follows now
    sonique("daemon", "stop", **fresh)
    assert any("Stopped" in line for line in follower.stdout)
    follower.send_signal(signal.SIGINT)
    assert follower.wait(60) == 130


def test_a_wrong_token_is_refused_in_one_sentence(fresh: dict[str, str], sonique: Sonique) -> None:
    assert sonique("daemon", "start", **fresh).returncode == 0
    runtime = Path(fresh["SONIQUE_RUNTIME_DIR"]) / "daemon.json"
    right = runtime.read_text(encoding="utf-8")
    runtime.write_text(json.dumps({**json.loads(right), "token": "guess"}), encoding="utf-8")
    done = sonique("tag", "--prompt", "calm", **fresh)
    runtime.write_text(right, encoding="utf-8")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (5, 1)


def test_the_doctor_finds_everything_well(sonique: Sonique, tmp_path: Path) -> None:
    done = sonique("doctor")
    assert done.returncode == 0, done.stdout
    assert "composer" in done.stdout
    findings = rows(sonique("doctor", "--json", "--bundle", "b.zip"))
    assert {finding["level"] for finding in findings} <= {"well", "note"}
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "logs/soniqued.log" in archive.namelist()
    assert sonique("doctor", "--bundle", "b.zip").returncode == 4


def test_no_member_of_a_real_bundle_tells_a_secret(
    sonique: Sonique, environment: dict[str, str], film: Path, tmp_path: Path
) -> None:
    wedding = film.rename(film.with_name("Anns Wedding.mp4"))
    assert sonique("score", wedding, "--prompt", "weepy strings for the bride", "-o", "cue.wav").returncode == 0
    (tmp_path / "broken wedding.mp4").write_text("dear diary " * 100, encoding="utf-8")
    assert sonique("score", "broken wedding.mp4").returncode == 3
    sonique("doctor", "--bundle", "b.zip")
    token = daemon_of(environment).token
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(json.loads(texts["jobs.json"])) >= 2
    for name, text in texts.items():
        for secret in (token, "edding", "weepy", "bride", environment["HOME"]):
            assert secret not in text, f"{name} tells {secret}"


def test_the_doctor_says_what_is_wrong_and_ends_with_one(sonique: Sonique, tmp_path: Path) -> None:
    done = sonique("doctor", SONIQUE_CONFIG=str(tmp_path / "missing.toml"))
    assert done.returncode == 1
    assert "wrong Settings" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
