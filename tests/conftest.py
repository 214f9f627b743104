"""What several folders of tests need: the repository on the path, one thread, a clip of many shots, small films."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import signal
import sys
import wave
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the benchmarks' generated timelines serve tests too

_OF_TERMINALS = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "TTY_COMPATIBLE", "GITHUB_ACTIONS"}
_OF_HUBS = {"HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_TOKEN", "HF_TOKEN_PATH"}
_OF_TESTS = {"SONIQUE_RUNTIME_DIR", "SONIQUE_STORE", "SONIQUE_ENGINES"}
for _name in {_name for _name in os.environ if _name.startswith("SONIQUE_")} | _OF_TERMINALS | _OF_HUBS:
    if _name not in _OF_TESTS and not _name.startswith("SONIQUE_BPY_"):
        os.environ.pop(_name, None)  # what Rich, Typer and Sonique would heed of whoever runs the tests
_direct = (os.environ.get("no_proxy"), os.environ.get("NO_PROXY"), "127.0.0.1", "localhost")
os.environ["no_proxy"] = ",".join(filter(None, _direct))  # what tests serve on loopback is asked for without a proxy
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a shell's background, and whoever is started inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # a busy machine is no failure

Image = NDArray[np.uint8]
Film = Callable[..., Path]


def scenery(seed: int, width: int = 160, height: int = 90) -> Image:
    """A picture of large soft shapes, unlike that of any other seed."""
    chance = np.random.default_rng(np.random.SeedSequence([seed]))
    coarse = chance.integers(20, 235, (height // 15 + 2, width // 20 + 2, 3)).astype(np.float64)
    rows, columns = np.linspace(0, len(coarse) - 1.01, height), np.linspace(0, coarse.shape[1] - 1.01, width)
    top, left = rows.astype(int), columns.astype(int)
    down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
    upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
    lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.uint8)


def write_film(
    path: Path,
    images: Iterable[Image],
    rate: Fraction = Fraction(24),
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    ticks: Sequence[int] | None = None,
    tick: Fraction | None = None,
    rotation: int = 0,
    aspect: Fraction | None = None,
    sound: NDArray[np.float32] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Writes a film; ``ticks`` of ``tick`` seconds where frames are to be held unevenly, ``sound`` mono at 48 kHz."""
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        stream: Any = container.add_stream(codec, rate=rate, options=options or {})
        track: Any = None if sound is None else container.add_stream("aac", rate=48_000, layout="mono")
        stream.pix_fmt = pixels
        if tick is not None:
            stream.codec_context.time_base = tick
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for index, image in enumerate(images):
            if index == 0:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            if ticks is not None and tick is not None:
                frame.pts, frame.time_base = ticks[index], tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            _write_sound(container, track, sound)
    return path


def _write_sound(container: Any, track: Any, sound: NDArray[np.float32]) -> None:
    for start in range(0, len(sound), 1024):
        block = av.AudioFrame.from_ndarray(sound[None, start : start + 1024].copy(), format="fltp", layout="mono")
        block.sample_rate, block.pts = 48_000, start
        container.mux(track.encode(block))
    container.mux(track.encode())


def recorded(film: Path) -> Path:
    """The same film as browsers record it: WebM that says neither its length nor where its frames are."""
    path = film.with_suffix(".webm")
    with av.open(str(film)) as source, av.open(str(path), "w", container_options={"live": "1"}) as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    return path


def of_two_sounds(film: Path, default: int | None) -> Path:
    """The same film as Matroska, with two seconds of silence, uncompressed, as a sound track before its own.

    Args:
        film: has one sound track.
        default: the number of the sound track that is marked as default; None where none is.
    """
    path = film.with_suffix(".mkv")
    with (
        av.open(str(film)) as source,
        av.open(str(path), "w", container_options={"default_mode": "passthrough"}) as target,
    ):
        first: Any = target.add_stream("pcm_s16le", rate=48_000, layout="mono")
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for number, track in enumerate(target.streams.audio):
            track.disposition = Disposition.default if number == default else Disposition(0)
        target.start_encoding()
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 96_000), np.int16), format="s16", layout="mono")
        silence.sample_rate, silence.pts = 48_000, 0
        target.mux([*first.encode(silence), *first.encode()])
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    return path


def held_at_its_end(path: Path, seconds: int) -> Path:
    """A copy of the film whose last frame is held that long, as screen recordings and slides end."""
    copy = path.with_name("held.mp4")
    with av.open(str(path)) as source, av.open(str(copy), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.size]
        packets[-1].duration = int(seconds / (packets[-1].time_base or 1))
        for packet in packets:
            packet.stream = stream
            target.mux(packet)
    return copy


SURROUND = {6: "5.1", 8: "7.1"}


def with_surround(film: Path, levels: Sequence[float], *, own_order: bool = False) -> Path:
    """A QuickTime copy of the film's picture with a second of a tone in 5.1 or 7.1, uncompressed.

    Args:
        film: the film.
        levels: how loud the tone is in each channel.
        own_order: says of 5.1 that its channels are those of MPEG 5.1 D: centre, left, right, both surrounds, LFE.
    """
    path, layout = film.with_name(f"surround{len(levels)}.mov"), SURROUND[len(levels)]
    wave = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)[:, None] * np.array(levels) * 32767
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        picture = target.add_stream_from_template(source.streams.video[0])
        track: Any = target.add_stream("pcm_s16le", rate=48_000, layout=layout)
        target.start_encoding()
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts = 48_000, 0
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = picture
                target.mux(packet)
        target.mux([*track.encode(frame), *track.encode()])
    if own_order:
        data = path.read_bytes()
        place = data.index(b"chan") + 8
        path.write_bytes(data[:place] + (124 << 16 | 6).to_bytes(4, "big") + data[place + 4 :])
    return path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Writes a film into the test's folder: ``film("name.mp4", images, rate, …)``."""

    def make(name: str, images: Iterable[Image], rate: Fraction = Fraction(24), **more: Any) -> Path:
        return write_film(tmp_path / name, images, rate, **more)

    return make


@pytest.fixture(scope="session")
def scene() -> Callable[[int], Image]:
    """A picture for each seed, 160 × 90."""
    return scenery


@pytest.fixture(scope="session")
def demo_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip that ``sonique demo`` scores."""
    from sonique_cli.demo_clip import make_demo_clip

    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_demo_clip(path)
    return path


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of A as a sound file, mono, at 44.1 kHz."""
    path = tmp_path_factory.mktemp("recording") / "tune.wav"
    sine = np.sin(2 * np.pi * 440 * np.arange(88_200) / 44_100)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes((sine * 16_000).astype("<i2").tobytes())
    return path
