"""What a bundle for a report holds, and above all what it does not."""

import getpass
import json
import os
import re
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from sonique.runtime_file import RuntimeFile
from sonique.v1 import events_pb2, jobs_pb2
from sonique_cli import places
from sonique_cli.doctor.bundle import Contents, write_bundle
from sonique_cli.doctor.finding import note, well
from sonique_cli.doctor.redaction import Redaction
from sonique_cli.exits import CommandError

TOKEN = "kX3-secret-of-the-daemon_9"  # noqa: S105 - it opens nothing
SECRETS = ("ann", "Ann", TOKEN, "kX3", "wedding", "Wedding", "honeymoon", "“tense”", "birthday", "studio-7")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of somebody called ann, whose daemon keeps its things elsewhere."""
    home = tmp_path / "home" / "ann"
    home.mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "ann")
    monkeypatch.setattr("platform.node", lambda: "studio-7.lan")
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(home / "run"))
    monkeypatch.setenv("SONIQUE_LOG_DIR", str(home / "logs"))
    monkeypatch.setenv("SONIQUE_STORE", str(home / "store"))
    monkeypatch.setenv("SONIQUE_CONFIG", str(home / "config.toml"))
    (home / "run").mkdir()
    (home / "logs").mkdir()
    runtime = RuntimeFile("127.0.0.1:1", "", TOKEN, 1, "1.0", 1)
    (home / "run" / "daemon.json").write_text(runtime.to_json(), encoding="utf-8")
    media = f'media_root = ["{home.as_posix()}/wedding", "/mnt/honeymoon"]\nat_once = 3\n'
    (home / "config.toml").write_text(media, encoding="utf-8")
    assert getpass.getuser() == "ann"
    return home


def log_of(home: Path) -> str:
    """A log that tells more than it should."""
    return f"""12:00:00 INFO sonique: Sonique listens, token={TOKEN}
12:00:01 WARNING sonique: Clip “Our wedding.mov” was not found at {home}/films/Our wedding.mov; relink it.
12:00:02 ERROR sonique: cannot open /mnt/ann/My Birthday 2024/birthday party.mp4: no such file
12:00:03 DEBUG sonique: authorization: Bearer {TOKEN}
12:00:04 ERROR sonique: {home / "logs"} on studio-7.lan belongs to ann
Traceback (most recent call last):
  File "{home}/venv/lib/python3.11/site-packages/sonique_daemon/jobs/run.py", line 12, in run
"""


def contents(home: Path, *, with_names: bool) -> Contents:
    for name in (places.LOG, places.PREVIOUS, places.CRASH):
        (home / "logs" / name).write_text(log_of(home), encoding="utf-8")
    failure = events_pb2.Failed(code="MEDIA_NOT_FOUND", status="NOT_FOUND", sentence="Clip “Our wedding.mov” is gone.")
    job = jobs_pb2.Job(id="j1", state=jobs_pb2.JOB_STATE_FAILED, title="Ann's wedding", failure=failure, client="cli-7")
    job.created.FromJsonString("2026-11-22T20:00:00Z")
    findings = (
        well("Output", f"“{home / 'films' / 'wedding'}”, 3.1 GB free"),
        well("Store", f"“{home / 'store'}”, 3.1 GB free"),
        note("Log", "the last: Clip “Our wedding.mov” was not found"),
    )
    return Contents(findings, (job,), home / "logs", with_names)


def members_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_member_tells_who_somebody_is_or_what_they_work_on(home: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b.zip", contents(home, with_names=False))
    for name, text in members_of(tmp_path / "b.zip").items():
        if name == "packages.txt":
            continue  # names of public packages alone
        assert str(home) not in text, f"{name} tells the home folder"
        for secret in SECRETS:
            assert not re.search(rf"\b{re.escape(secret)}\b", text), f"{name} tells {secret}"


def test_what_a_reader_needs_is_there(home: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b.zip", contents(home, with_names=False))
    members = members_of(tmp_path / "b.zip")
    assert set(members) == {
        "README.txt",
        "findings.txt",
        "findings.json",
        "jobs.json",
        "settings.json",
        "packages.txt",
        "logs/soniqued.log",
        "logs/soniqued.previous.log",
        "logs/soniqued.crash.log",
    }
    assert "sonique_daemon/jobs/run.py" in members["logs/soniqued.log"]
    assert "“~/store”" in members["findings.txt"]
    (job,) = json.loads(members["jobs.json"])
    assert (job["id"], job["state"], job["failure"]["code"]) == ("j1", "failed", "MEDIA_NOT_FOUND")
    assert json.loads(members["settings.json"]) == {"media_root": ["…", "…"], "at_once": 3}
    assert "sonique==" in members["packages.txt"]


def test_names_that_are_wanted_are_kept_but_never_the_token_or_the_home(home: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b.zip", contents(home, with_names=True))
    members = members_of(tmp_path / "b.zip")
    assert "Our wedding.mov" in members["logs/soniqued.log"]
    assert json.loads(members["jobs.json"])[0]["sentence"] == "Clip “Our wedding.mov” is gone."
    for text in members.values():
        assert TOKEN not in text
        assert str(home) not in text


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
def test_a_bundle_is_its_users_alone(home: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b.zip", contents(home, with_names=False))
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_a_bundle_that_cannot_be_written_leaves_nothing(home: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        write_bundle(tmp_path / "nowhere" / "b.zip", contents(home, with_names=False))
    assert not [path for path in tmp_path.rglob("*") if "part" in path.name]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("C:\\Users\\bob\\Films\\my day.MP4 is broken", "MEDIA is broken"),
        ("day one.r3d", "day MEDIA"),
        ("reads /usr/lib/python3/os.py", "reads /usr/lib/python3/os.py"),
        ('{"token": "abc"}', '{"token": TOKEN}'),
        ("cannot open /data/Client X/strings.sf2", "cannot open MEDIA"),
        ("refused hf_AbCdEf123456 there", "refused TOKEN there"),
        ("annual planning by ann", "annual planning by user"),
    ],
)
def test_a_text_keeps_what_tells_of_nobody(home: Path, text: str, left: str) -> None:
    assert os.environ["HOME"] == str(home)
    assert Redaction.here(with_names=False)(text) == left
