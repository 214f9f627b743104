import math
import os
import sys
from pathlib import Path

import pytest
from sonique_daemon.app.options import OPTIONS
from sonique_daemon.app.settings import Settings, read_settings

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - it opens nothing


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of settings, empty."""
    for name in [name for name in os.environ if name.startswith("SONIQUE_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "config.toml"
    path.write_text("", encoding="utf-8")
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SONIQUE_CONFIG", str(path))
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of settings that make no sense."""
    with pytest.raises(SystemExit) as caught:
        read_settings(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_nothing_needs_to_be_said(tmp_path: Path) -> None:
    settings = read_settings([])
    assert (settings.host, settings.port, settings.socket, settings.media_roots) == ("127.0.0.1", 0, True, ())
    assert (settings.store, settings.runtime) == (tmp_path / "store", tmp_path / "run")
    assert (settings.at_once, settings.waiting_limit, settings.drain_seconds) == (2, 64, 10.0)
    assert (settings.store_budget_bytes, settings.memory_budget_bytes) == (20 * 10**9, 0)
    assert (settings.idle_exit_seconds, settings.metrics_port, settings.tls) == (0.0, None, None)


def test_a_daemon_with_a_runtime_folder_of_its_own_keeps_its_log_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings([]).logs == tmp_path / "run"
    monkeypatch.delenv("SONIQUE_RUNTIME_DIR")
    assert "sonique" in str(read_settings([]).logs).lower()


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('port = 1\nat_once = 3\nlog_level = "error"\n', encoding="utf-8")
    monkeypatch.setenv("SONIQUE_PORT", "2")
    monkeypatch.setenv("SONIQUE_AT_ONCE", "4")
    settings = read_settings(["--port", "7"])
    assert (settings.port, settings.at_once, settings.log_level) == (7, 4, "error")


EXAMPLES = {
    "host": ("::1", "host", "::1"),
    "port": ("4000", "port", 4000),
    "socket": ("no", "socket", False),
    "store": ("/a/store", "store", Path("/a/store")),
    "media_root": ("/a", "media_roots", (Path("/a"),)),
    "log_level": ("debug", "log_level", "debug"),
    "at_once": ("5", "at_once", 5),
    "waiting_limit": ("9", "waiting_limit", 9),
    "keep_alive": ("12.5", "keep_alive_seconds", 12.5),
    "warm": ("off", "warm", False),
    "memory_budget": ("8GB", "memory_budget_bytes", 8 * 10**9),
    "profile": ("8gb", "profile", "8gb"),
    "weights": ("/a/weights", "weights", Path("/a/weights")),
    "device": ("cuda:1", "device", "cuda:1"),
    "card_budget": ("6GB", "card_budget_bytes", 6 * 10**9),
    "store_budget": ("1.5 GiB", "store_budget_bytes", 1.5 * 2**30),
    "drain_seconds": ("0", "drain_seconds", 0.0),
    "idle_exit": ("30", "idle_exit_seconds", 1800.0),
    "metrics_port": ("0", "metrics_port", 0),
}


@pytest.mark.skipif(sys.platform == "win32", reason="absolute paths of POSIX")
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_option_is_heard_from_the_command_line_the_environment_and_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text, attribute, wanted = EXAMPLES[name]
    option = next(option for option in OPTIONS if option.name == name)
    monkeypatch.delenv(option.variable, raising=False)
    flags = [option.flag, text] if option.metavar else [option.flag.replace("--", "--no-")]
    heard: list[Settings] = [read_settings(flags)]
    config.write_text(f'{name} = "{text}"\n', encoding="utf-8")
    heard.append(read_settings([]))
    config.write_text("", encoding="utf-8")
    monkeypatch.setenv(option.variable, text)
    heard.append(read_settings([]))
    assert [getattr(settings, attribute) for settings in heard] == [wanted] * 3


def test_every_option_has_an_example_or_stands_for_tls() -> None:
    assert {option.name for option in OPTIONS} == {*EXAMPLES, "tls_cert", "tls_key", "token_file"}


def test_the_help_teaches_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--help"])
    told = capsys.readouterr().out
    assert all(option.flag in told for option in OPTIONS)
    assert "SONIQUE_CONFIG" in told
    assert "exit codes" in told
    assert "registry" not in told


def test_the_page_for_operators_names_every_option() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    for option in OPTIONS:
        assert f"`{option.flag}`" in page or f"`--no-{option.flag[2:]}`" in page, option.flag


def test_the_file_knows_numbers_lists_and_yes_and_no(config: Path, tmp_path: Path) -> None:
    config.write_text('port = 5\nsocket = false\nmedia_root = ["near", "/far"]\nkeep_alive = 1.5\n', encoding="utf-8")
    settings = read_settings([])
    assert (settings.port, settings.socket, settings.keep_alive_seconds) == (5, False, 1.5)
    assert settings.media_roots == (tmp_path / "near", Path("/far").absolute())


def test_media_roots_are_separated_like_other_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONIQUE_MEDIA_ROOT", os.pathsep.join(["/a", "/b"]))
    assert read_settings([]).media_roots == (Path("/a").absolute(), Path("/b").absolute())
    assert read_settings(["--media-root", "/c"]).media_roots == (Path("/c").absolute(),)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("port = 1\n\nstore_bugdet = 3\n", encoding="utf-8")
    said = refused(capsys)
    assert f"“{config}”, line 3" in said
    assert "“store_bugdet” is no setting" in said
    assert said.endswith("did you mean “store_budget”?")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 70000", "line 1: port: “70000”"),
        ("port = [1]", "line 1: port: the value must be"),
        ("[store]\na = 1", "line 1: store: the value must be"),
        ("port = ", "is no TOML"),
        (f"port = {'[' * 5000}{']' * 5000}", "is no TOML"),
        ('log_level = "loud"', "log_level: “loud” is no level"),
    ],
)
def test_what_the_file_says_must_make_sense(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    config.write_text(text, encoding="utf-8")
    assert words in refused(capsys)


def test_a_file_that_was_named_must_be_there(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.unlink()
    assert "SONIQUE_CONFIG" in refused(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "x"],
        ["--port", "-1"],
        ["--host", "localhost"],
        ["--host", "example.org"],
        ["--log-level", "loud"],
        ["--store-budget", "20 gallons"],
        ["--store-budget", "-1"],
        ["--drain-seconds", "4000"],
        ["--drain-seconds", "nan"],
        ["--idle-exit", "-1"],
        ["--at-once", "0"],
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_its_flag(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    said = refused(capsys, *arguments)
    assert arguments[0] in said
    assert said.endswith(".")


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--what" in refused(capsys, "--what")


def test_the_environment_is_named_where_it_makes_no_sense(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONIQUE_AT_ONCE", "many")
    assert "SONIQUE_AT_ONCE: “many”" in refused(capsys)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "2001:db8::1"])  # noqa: S104 - refused
def test_an_address_that_others_can_reach_needs_certificate_key_and_token(
    capsys: pytest.CaptureFixture[str], host: str
) -> None:
    said = refused(capsys, "--host", host)
    assert f"A daemon on {host} needs --tls-cert, --tls-key and --token-file;" in said


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, Path]:
    """Files that stand for certificate, key and token."""
    found = {"--tls-cert": tmp_path / "c", "--tls-key": tmp_path / "k", "--token-file": tmp_path / "t"}
    for path in found.values():
        path.write_text(TOKEN, encoding="ascii")
        path.chmod(0o600)
    return found


def flags(papers: dict[str, Path], without: str = "") -> list[str]:
    return [word for flag, path in papers.items() if flag != without for word in (flag, str(path))]


@pytest.mark.parametrize("missing", ["--tls-cert", "--tls-key", "--token-file"])
@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104 - refused
def test_the_one_that_is_missing_is_named(
    capsys: pytest.CaptureFixture[str], papers: dict[str, Path], missing: str, host: str
) -> None:
    said = refused(capsys, "--host", host, *flags(papers, missing))
    assert f"needs {missing} too;" in said


def test_a_token_file_that_is_meant_for_a_client_is_no_matter_on_loopback(
    papers: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONIQUE_TOKEN_FILE", str(papers["--token-file"]))
    assert read_settings([]).tls is None


def test_with_all_three_it_may_be_reached(papers: dict[str, Path]) -> None:
    settings = read_settings(["--host", "0.0.0.0", *flags(papers)])  # noqa: S104 - with TLS
    assert settings.tls is not None
    assert settings.tls.token == TOKEN


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize("flag", ["--tls-key", "--token-file"])
def test_secrets_that_others_can_read_are_refused(
    capsys: pytest.CaptureFixture[str], papers: dict[str, Path], flag: str
) -> None:
    papers[flag].chmod(0o640)
    said = refused(capsys, *flags(papers))
    assert flag in said
    assert "others may read" in said


@pytest.mark.parametrize("token", ["", "x" * 31, "x" * 5000, "two words that are long enough for it", "ä" * 40])
def test_a_token_that_is_none_is_refused_and_not_shown(
    capsys: pytest.CaptureFixture[str], papers: dict[str, Path], token: str
) -> None:
    papers["--token-file"].write_text(token, encoding="utf-8")
    said = refused(capsys, *flags(papers))
    assert "32" in said
    assert not token or token not in said


def test_no_quantity_is_infinite() -> None:
    assert math.isfinite(read_settings([]).keep_alive_seconds)


@pytest.mark.parametrize("size", ["9" * 400, "99999999TB"])
def test_no_budget_is_larger_than_a_number_on_the_wire(capsys: pytest.CaptureFixture[str], size: str) -> None:
    assert "more than any disk" in refused(capsys, "--store-budget", size)
