"""How the command behaves on every occasion: codes at the end, what is refused where, and what is never shown."""

import builtins
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sonique.v1 import engines_pb2, tags_pb2, take_pb2
from sonique_cli import start
from sonique_cli.display import Plain, open_display
from sonique_cli.doctor import service
from sonique_cli.doctor.finding import Level
from sonique_cli.exits import CommandError, Exit
from sonique_cli.following import Result
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input
from sonique_cli.main import app
from sonique_cli.manner import Manner
from sonique_cli.named_files import readable
from sonique_cli.outputs import Outputs
from sonique_cli.results import finish_takes, naming_what_is_there
from typer.testing import CliRunner

Sonique = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = str(Path(sys.executable).parent / "sonique")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_leaves_is_no_failed_job(environment: dict[str, str], unbuffered: str) -> None:
    variables = {**environment, "PYTHONUNBUFFERED": unbuffered}
    for arguments in (["--help"], ["doctor"], ["models", "list"]):
        process = subprocess.Popen([COMMAND, *arguments], env=variables, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == Exit.UNREAD


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_control_c_at_a_question_ends_as_anywhere_else(environment: dict[str, str], sonique: Sonique) -> None:
    import pty

    sonique("tag", "--prompt", "calm")
    here, there = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, "prune"], env=environment, stdin=there, stdout=there, stderr=there, start_new_session=True
    )
    shown = b""
    while b"Clear it?" not in shown:
        shown += os.read(here, 4096)
    while process.poll() is None:  # one that comes between the question and the wait for its answer is not seen
        process.send_signal(2)
        with suppress(subprocess.TimeoutExpired):  # another one while it ends would kill it
            process.wait(timeout=10)
    assert process.returncode == Exit.CANCELLED
    os.close(here)
    os.close(there)


def test_control_c_in_the_first_moment_shows_no_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = builtins.__import__

    def interrupted(name: str, *more: Any) -> Any:
        if name == "sonique_cli.main":
            raise KeyboardInterrupt
        return given(name, *more)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == Exit.CANCELLED
    assert capsys.readouterr().err == "sonique: cancelled.\n"


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_control_c_is_answered_wherever_it_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sonique_cli.display.open_display", interrupted)
    monkeypatch.setattr(sys, "argv", ["sonique", "styles"])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == Exit.CANCELLED
    assert capsys.readouterr().err == "sonique: cancelled.\n"


def test_control_c_ends_the_following_of_a_log_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sonique_cli.logs.find_log", Path)
    monkeypatch.setattr("sonique_cli.logs.additions", interrupted)
    monkeypatch.setattr(sys, "argv", ["sonique", "logs", "-f"])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == Exit.CANCELLED
    assert capsys.readouterr().err == ""


def test_control_c_while_takes_are_written_names_those_that_are_there(tmp_path: Path) -> None:
    named = [Outputs(tmp_path / "cue.wav"), Outputs(tmp_path / "cue.take2.wav")]
    with pytest.raises(CommandError, match="nothing was written") as told, naming_what_is_there(named):
        raise KeyboardInterrupt
    named[0].wav.touch()
    with pytest.raises(CommandError, match=r"written already: “[^“]*cue\.wav”\.$"), naming_what_is_there(named):
        raise KeyboardInterrupt
    assert told.value.exit_code is Exit.CANCELLED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [("--help",), ("jobs",), ("styles", "--json"), ("tag", "--json")])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_standard_output_is_told(
    environment: dict[str, str], arguments: tuple[str, ...], unbuffered: str
) -> None:
    variables = {**environment, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, *arguments], env=variables, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == Exit.OUTPUT
    (told,) = done.stderr.splitlines()
    assert told.startswith("sonique: no room is left for what was to be written")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_a_closed_standard_output_is_no_failure(environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{COMMAND}' styles >&-"], env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("score", "a" * 300), Exit.INPUT), (("score", __file__, "-o", "a" * 300 + ".wav"), Exit.OUTPUT)],
)
def test_a_path_that_the_system_does_not_follow_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: Exit
) -> None:
    monkeypatch.setattr(sys, "argv", ["sonique", *arguments])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == code
    assert "name too long" in capsys.readouterr().err


def test_a_name_in_an_error_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sonique", "score", "a\x1b[2J\nb.mov"])
    with pytest.raises(SystemExit):
        start.run()
    assert capsys.readouterr().err == "sonique: “a\ufffd[2J b.mov” is not there.\n"


def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("SONIQUE_RUNTIME_DIR", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as it is for a user whom the system does not know
    monkeypatch.setattr(sys, "argv", ["sonique", "daemon", "status"])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == Exit.USAGE
    assert capsys.readouterr().err.startswith("sonique: nobody knows the home folder of this user; set HOME")


@pytest.mark.parametrize(
    "option",
    [
        ("--hit-strength", "2"),
        ("--loudness", "5"),
        ("--guidance-rescale", "-1"),
        ("--melody-noise", "2"),
        ("--seed", str(2**63)),
    ],
)
def test_a_number_out_of_bounds_is_told_by_its_option(option: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["score", "film.mp4", *option])
    assert done.exit_code == Exit.USAGE
    assert option[0] in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["tag", "-d"], ["generate", "-o", "x.wav", "--duration", "4s", "-t"], ["again"], ["cuesheet"], ["score"]],
)
def test_a_file_that_may_not_be_read_is_an_input_and_no_usage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    closed = tmp_path / "closed.edl"
    closed.write_bytes(b"\xff")
    monkeypatch.setattr(os, "access", lambda *_: False)
    done = CliRunner().invoke(app, [*arguments, str(closed)])
    assert isinstance(done.exception, CommandError)
    assert done.exception.exit_code == Exit.INPUT


def test_a_cue_that_cannot_be_read_is_not_said_to_carry_no_recipe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    cue = tmp_path / "cue.wav"
    cue.touch()
    monkeypatch.setattr(Path, "open", refused)
    done = CliRunner().invoke(app, ["cuesheet", str(cue)])
    assert isinstance(done.exception, CommandError)
    assert "cue.wav” cannot be read (Permission denied)" in done.exception.sentence


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that no name ends in there")
def test_brackets_in_a_name_are_shown_and_steer_nothing(sonique: Sonique, tmp_path: Path) -> None:
    tags, folder = tmp_path / "t.json", tmp_path / "x["
    tags.write_text(sonique("tag", "--prompt", "calm").stdout, encoding="utf-8")
    folder.mkdir()
    for name in ("x[/final].wav", "cue [bold].wav"):
        done = sonique("generate", "--tags", tags, "--duration", "2s", "-o", name)
        assert (done.returncode, name in done.stderr, (tmp_path / name).exists()) == (0, True, True)
    assert sonique("report", "cue [bold].wav").returncode == 0
    taken = sonique("again", "cue [bold].wav", "-o", "take [a].wav", "--midi")
    assert ("take [a].mid" in taken.stderr, taken.returncode) == (True, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="a disk whose names are any bytes")
def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    from sonique.v1 import scoring_pb2

    film = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    film.touch()
    asked: tuple[Callable[[], object], ...] = (
        lambda: read_input(film, Timeline()),
        lambda: readable(scoring_pb2.ScoreRequest(), film),
    )
    for ask in asked:
        with pytest.raises(CommandError, match=r"caf\ufffd\.mp4” has a name that is not UTF-8") as told:
            ask()
        assert told.value.exit_code == Exit.INPUT


@pytest.mark.parametrize("terminal", ["dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(monkeypatch: pytest.MonkeyPatch, terminal: str) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", terminal)
    with open_display(json_lines=False, quiet=False) as display:
        assert isinstance(display, Plain)


def test_the_doctor_does_not_propose_to_start_a_daemon_that_is_elsewhere(sonique: Sonique) -> None:
    done = sonique("doctor", SONIQUE_DAEMON="nowhere")
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("wrong Daemon"))
    assert (done.returncode, line.endswith("write HOST:PORT, as studio.lan:7543.")) == (1, True)


def _listing(engines: Mapping[str, bool]) -> Any:
    listed = [engines_pb2.Engine(name=name, version="1", weights_present=here) for name, here in engines.items()]
    return cast("Any", SimpleNamespace(engines=lambda: engines_pb2.ListEnginesResponse(engines=listed)))


def test_the_doctor_names_the_engines_that_can_run_and_counts_the_others() -> None:
    (found,) = service.engines(_listing({"signal": True, "composer": True, "vlm:a@nf4": False, "vlm:a@bf16": False}))
    assert found.level is Level.WELL
    assert found.text == "signal 1, composer 1; 2 more without weights here (sonique models list)"
    (found,) = service.engines(_listing({"signal": True}))
    assert found.text == "signal 1"


def test_what_a_daemon_elsewhere_calls_a_style_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tags = tags_pb2.Tags(style="jazz\x1b]0;mine\x07", key=tags_pb2.Key(mode="\x1b[2J"))
    result = Result(tags=tags, takes=[take_pb2.Take(samples=48_000)])
    finish_takes(result, [Outputs(tmp_path / "cue.wav")], None, Manner(), force=False)
    told = capsys.readouterr().err
    assert "jazz" in told
    assert "\x1b" not in told
