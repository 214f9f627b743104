"""``sonique models`` and ``sonique profiles`` against a real daemon, with a hub on loopback."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.catalogue.hub_server import FakeHub, Repository, hub_running
from tests.cli.conftest import COMMAND

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SMALL = "smollm2-135m"
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": bytes(3_000_000)}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    gated = Repository({"config.json": b"{}", "model-1.safetensors": b"1"}, gated=True)
    with hub_running(
        FakeHub({"HuggingFaceTB/SmolLM2-135M-Instruct": Repository(dict(FILES)), "google/gemma-7b-it": gated})
    ) as running:
        yield running


@pytest.fixture
def run(fresh: dict[str, str], hub: FakeHub, tmp_path: Path) -> Run:
    """Runs ``sonique`` with a daemon of the test's own that knows the hub of loopback alone."""
    environment = {**fresh, "HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path)}
    (tmp_path / "d" / "profiles.toml").write_text(f'[mine]\ntag = "llm:{SMALL}"\n')

    def sonique(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [COMMAND, *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )

    return sonique


def test_weights_are_listed_pulled_checked_and_removed(run: Run) -> None:
    listed = [json.loads(line) for line in run("models", "list", "--json").stdout.splitlines()]
    assert {model["name"] for model in listed} >= {SMALL, "qwen3-vl-4b", "stable-audio-3-medium"}
    assert run("models", "list", "--here").stdout.splitlines()[1] == ""
    pulled = run("models", "pull", SMALL)
    assert (pulled.returncode, "Licence: Apache-2.0; commercial use: yes." in pulled.stdout) == (0, True)
    assert f"Pulling {SMALL}" in pulled.stderr
    for name in (SMALL, f"llm:{SMALL}", f"llm:{SMALL}@bf16"):
        assert run("models", "verify", name).returncode == 0
    assert f"llm:{SMALL}" in run("models", "list", "--here").stdout
    assert "3.0 MB freed" in run("models", "rm", SMALL).stdout
    assert run("models", "rm", SMALL).stdout == f"{SMALL}: there were no weights of it here.\n"


def test_of_a_folder_of_the_users_removing_says_that_it_is_left_alone(run: Run, tmp_path: Path) -> None:
    assert run("models", "pull", SMALL).returncode == 0
    home = next(tmp_path.rglob("model.safetensors")).parent
    shutil.copytree(home, tmp_path / "mine")
    assert "freed" in run("models", "rm", SMALL).stdout
    assert run("models", "add", SMALL, str(tmp_path / "mine")).returncode == 0
    assert run("models", "rm", SMALL).stdout == f"{SMALL}: your folder is left alone.\n"
    assert (tmp_path / "mine" / "model.safetensors").is_file()


def test_what_stands_in_the_way_is_one_sentence_with_its_exit_code(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.ckpt", "w") as archive:
        archive.writestr("a/data.pkl", b"cos\nsystem\n(S'true'\ntR.")
    for arguments, code, told in (
        (("models", "pull", "gemma-7b-it"), 3, "HF_TOKEN"),
        (("models", "pull", "gemma-7b"), 2, "did you mean “gemma-7b-it”?"),
        (("models", "pull", "sonique"), 3, "sonique models add sonique"),
        (("models", "verify", SMALL), 3, f"sonique models pull {SMALL}"),
        (("models", "add", "sonique", "evil.ckpt"), 3, "carries code"),
        (("tag", "--prompt", "calm", "--profile", "8bg"), 2, "did you mean “8gb”"),
        (("tag", "--prompt", "calm", "--profile", "mine"), 3, f"sonique models pull {SMALL}"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), done
        assert told in done.stderr.splitlines()[-1]


def test_with_fallback_the_embedded_engine_goes_on(run: Run) -> None:
    done = run("tag", "--prompt", "calm piano", "--profile", "mine", "--fallback")
    assert json.loads(done.stdout)["style"]
    assert "The embedded engine “lexicon” goes on in its place." in done.stderr


def test_profiles_say_what_they_hold_and_lack(run: Run) -> None:
    told = run("profiles", "--plan").stdout
    assert [line.split()[0].rstrip(":") for line in told.splitlines() if not line.startswith(" ")] == [
        "embedded",
        "8gb",
        "14gb",
        "24gb",
        "mine",
    ]
    assert "embedded (the daemon's)" in told
    assert f"lacks: The weights of “{SMALL}” are not on this machine" in told
    assert "stay free for the editor" in told
