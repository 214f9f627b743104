"""Tiny music models of the real classes with random weights, saved in the real formats, and a home that knows them."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from sonique_daemon.catalogue.catalogue import Catalogue
from sonique_daemon.catalogue.entries import read_entries
from sonique_daemon.catalogue.places import MODELS, WEIGHTS
from sonique_daemon.catalogue.weights import HeldFile, Record, Weights, sha256_of
from sonique_daemon.domain.tags import Key, Tag, TagKind, Tags, Tempo
from sonique_daemon.engines.engine import GenerateRequest
from sonique_daemon.engines.environments import interpreter_of
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.sync.plan import plan

from bench.card.sitecustomize import FOLDER

collect_ignore_glob = [] if find_spec("torch") and find_spec("diffusers") else ["test_*.py"]
if FOLDER not in os.environ:
    collect_ignore_glob.append("test_on_card.py")  # tests/models/test_card.py runs it, with a card

_REPOSITORY = Path(__file__).resolve().parents[3]
_TOOLS = "stable-audio-tools"

Ask = Callable[..., GenerateRequest]

TAGS = Tags(
    "ambient",
    (Tag(TagKind.MOOD, "calm"), Tag(TagKind.INSTRUMENT, "piano"), Tag(TagKind.NEGATIVE, "drums")),
    Tempo(90.0, 85.0, 95.0),
    Key(2, "aeolian"),
)


@dataclass(frozen=True)
class Home:
    """Where tiny models stand, and the environment in which a daemon finds them."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Names the places, for a daemon, a worker or this process."""
        return {MODELS: str(self.folder / "models.toml"), WEIGHTS: str(self.folder / "weights")}

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue.of(read_entries(self.folder / "models.toml"))

    @property
    def weights(self) -> Weights:
        return Weights(self.folder / "weights")

    def record(self, name: str) -> None:
        """Writes down what stands in the model's folder, as a pull does at its end."""
        model = self.catalogue.model(name)
        home = self.weights.home(model)
        files = tuple(_held(home, path) for path in sorted(home.rglob("*")) if path.is_file())
        self.weights.record_path(model).write_bytes(msgspec.json.encode(Record(name, "tests", {}, files)))


def _held(home: Path, path: Path) -> HeldFile:
    found = path.stat()
    return HeldFile(path.relative_to(home).as_posix(), found.st_size, sha256_of(path), found.st_mtime_ns)


_ENTRY = """
[[model]]
name = "{name}"
family = "{family}"
stages = ["generate"]
summary = "Tiny."
parameters = 100_000
checked = "It is random."
terms = {{ licence = "MIT" }}
[model.memory]
fp32 = [1_000_000, 100_000_000]
bf16 = [1_000_000, 100_000_000]
[model.music]
window_seconds = {window}
text_tokens = {tokens}
prompt_form = "{form}"
batch = 4
{facts}
"""

_SHORT = "steps = 3\nsample_rate = 44_100\nchannels = 2\nmelody = true\n"
_FREE = "inpainting = true\nvariable_length = true\n"
_GUIDED = "guidance = 4.0\nnegatives = true\n"
_CODEC = "steps = 0\nsample_rate = 32_000\nchannels = 1\nguidance = 3.0\nvariable_length = true\n"
_ACE = "steps = 3\nsample_rate = 48_000\nchannels = 2\nmelody = true\n"
_SONIQUE = "steps = 3\nsample_rate = 44_100\nchannels = 1\nmelody = true\n"
MUSIC = {
    "tiny-sa3": ("diffusers", 12.0, 300, "labelled", f"{_SHORT}{_FREE}"),
    "tiny-sa3-base": ("diffusers", 12.0, 300, "labelled", f"{_SHORT}{_FREE}{_GUIDED}"),
    "tiny-sao": ("diffusers", 5.9, 300, "caption", f"{_SHORT}{_GUIDED}variable_length = true"),
    "tiny-ace": ("diffusers", 12.0, 500, "fields", f"{_ACE}{_FREE}"),
    "tiny-musicgen": ("musicgen", 6.0, 300, "caption", _CODEC),
    "tiny-musicgen-melody": ("musicgen", 6.0, 300, "caption", f"{_CODEC}melody = true"),
    "tiny-open-small": (_TOOLS, 5.9, 300, "caption", _SHORT),
    "tiny-sonique": (_TOOLS, 5.9, 300, "sonique", f"{_SONIQUE}{_GUIDED}"),
}
"""By name: family, window, tokens, form of the prompt, and the rest of what is known of it."""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The tiny music models that can be built here."""
    make_ready()
    folder = tmp_path_factory.mktemp("models")
    entries = (
        _ENTRY.format(name=name, family=family, window=window, tokens=tokens, form=form, facts=facts)
        for name, (family, window, tokens, form, facts) in MUSIC.items()
    )
    (folder / "models.toml").write_text("".join(entries), encoding="utf-8")
    made = Home(folder)
    for name in MUSIC:
        if _build(name, folder / "weights" / name):
            made.record(name)
    return made


def _build(name: str, folder: Path) -> bool:
    """Writes the model of that name into ``folder``; False where that cannot be done here."""
    from bench.tiny import diffusion, musicgen

    builders: dict[str, Callable[[Path], None]] = {
        "tiny-sa3": diffusion.stable_audio_3,
        "tiny-sa3-base": lambda path: diffusion.stable_audio_3(path, base=True),
        "tiny-sao": diffusion.stable_audio_open,
        "tiny-ace": diffusion.ace_step,
        "tiny-musicgen": musicgen.musicgen,
        "tiny-musicgen-melody": musicgen.musicgen_melody,
    }
    folder.mkdir(parents=True)
    if name in builders:
        builders[name](folder)
        return True
    python = tools_python()
    if python is None:
        return False
    design = {"tiny-open-small": "open_small", "tiny-sonique": "sonique"}[name]
    command = (str(python), "-m", "bench.tiny.stableaudio", design, str(folder))
    path = os.pathsep.join((str(_REPOSITORY), str(_REPOSITORY / "daemon")))
    subprocess.run(command, check=True, capture_output=True, cwd=_REPOSITORY, env={**os.environ, "PYTHONPATH": path})
    return True


def tools_python() -> Path | None:
    """The Python of the environment of stable-audio-tools; None where that is not installed."""
    own = interpreter_of(_TOOLS)
    return Path(own) if own else None


@pytest.fixture
def models(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same, known to this process and to the workers that it starts."""
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """What an engine is asked: ``ask(seconds, seed=…, …)``."""
    count = iter(range(1000))

    def make(seconds: int = 3, tags: Tags = TAGS, **changes: object) -> GenerateRequest:
        workspace = tmp_path / f"work-{next(count)}"
        workspace.mkdir()
        grid = plan(tags, Fraction(seconds), None, 3)
        request = GenerateRequest(tags, grid, seconds * 48_000, 7, workspace)
        return replace(request, **changes)  # type: ignore[arg-type]

    return make
