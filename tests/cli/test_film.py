"""A scored film: the picture as it was, the music under its sound, both in time."""

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray
from sonique_cli.film import UNDER_LU, FilmError, write_scored_film
from sonique_cli.score import scored_name

from tests.conftest import with_surround

Sound = NDArray[np.float32]
Film = Callable[..., Path]

_RATE = 48_000
_FRAMES = 24


def _random() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(11))


def _clicks(seconds: float, times: tuple[float, ...], level: float = 0.5) -> Sound:
    """Short bursts in silence, ``[2, samples]``."""
    sound = np.zeros((2, int(seconds * _RATE)), np.float32)
    burst = level * np.sin(2 * np.pi * 2000 * np.arange(240) / _RATE)
    for time in times:
        sound[:, int(time * _RATE) : int(time * _RATE) + 240] = burst
    return sound


def _noise(seconds: float, level: float) -> Sound:
    return (level * _random().standard_normal((2, int(seconds * _RATE)))).astype(np.float32)


def _chord(seconds: float, level: float) -> Sound:
    """A chord whose loudness an encoder leaves as it is."""
    time = np.arange(int(seconds * _RATE)) / _RATE
    wave = np.sum([np.sin(2 * np.pi * pitch * time + pitch) for pitch in (220, 277, 330, 880)], axis=0)
    return np.asarray(level * wave / np.std(wave) * np.ones((2, 1)), np.float32)


def _write_sound(stream: AudioStream, sound: Sound, container: av.container.OutputContainer) -> None:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
    frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
    frame.sample_rate, frame.pts = _RATE, 0
    container.mux([*stream.encode(frame), *stream.encode(None)])


@pytest.fixture
def music(tmp_path: Path) -> Callable[[Sound], Path]:
    """Writes a cue as a 24-bit WAV file."""

    def write(sound: Sound) -> Path:
        path = tmp_path / "cue.wav"
        with av.open(path, "w") as container:
            stream = container.add_stream("pcm_s24le", rate=_RATE, layout="stereo")
            _write_sound(stream, sound, container)
        return path

    return write


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Writes a film of moving noise with reordered frames, and with ``sound`` where that is given."""

    def write(
        name: str = "trip.mp4",
        seconds: float = 3,
        sound: Sound | None = None,
        codecs: tuple[str, str] = ("libx264", "aac"),
        prepare: Callable[[VideoStream], None] = lambda _stream: None,
    ) -> Path:
        path = tmp_path / name
        texture = _random().integers(0, 255, (90, 160, 3), np.uint8)
        with av.open(path, "w") as container:
            picture = container.add_stream(codecs[0], rate=_FRAMES)
            assert isinstance(picture, VideoStream)
            picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
            prepare(picture)
            if sound is not None:
                layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
                track = container.add_stream(codecs[1], rate=_RATE, layout=layout)
            for index in range(int(seconds * _FRAMES)):
                frame = av.VideoFrame.from_ndarray(np.roll(texture, index * 3, 1), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, _FRAMES)
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
            if sound is not None:
                assert isinstance(track, AudioStream)
                _write_sound(track, sound, container)
        return path

    return write


def _packets(path: Path) -> list[tuple[bytes, Fraction]]:
    """The picture's packets and when each is shown."""
    with av.open(path) as container:
        found = [
            (bytes(packet), (packet.pts or 0) * (packet.time_base or Fraction(1)))
            for packet in container.demux(container.streams.video[0])
            if packet.size
        ]
    first = min(time for _, time in found)
    return [(data, time - first) for data, time in found]


def _sound(path: Path) -> Sound:
    """The sound track ``[channels, samples]``, from the moment at which the first frame shows."""
    with av.open(path) as container:
        shown = min(packet.pts * packet.time_base for packet in container.demux(video=0) if packet.pts is not None)
    with av.open(path) as container:
        frames: Iterator[av.AudioFrame] = container.decode(audio=0)
        first = next(frames)
        late = float((first.pts or 0) * (first.time_base or 1) - shown)
        sound = np.concatenate([first.to_ndarray(), *(frame.to_ndarray() for frame in frames)], axis=1)
        if not first.format.is_planar:
            sound = sound.reshape(-1, first.layout.nb_channels).T
        if sound.dtype in (np.int16, np.int32):
            sound = sound / -float(np.iinfo(sound.dtype).min)
    shift = round(late * _RATE)
    return np.asarray(np.pad(sound, ((0, 0), (shift, 0))) if shift > 0 else sound[:, -shift:], np.float32)


def _onsets(sound: Sound, expected: tuple[float, ...]) -> list[float]:
    """Where the bursts near ``expected`` begin, in seconds."""
    found = []
    for time in expected:
        begin = int((time - 0.1) * _RATE)
        near = np.abs(sound[0, begin : begin + int(0.2 * _RATE)])
        found.append((begin + int(np.flatnonzero(near > 0.4 * near.max())[0])) / _RATE)
    return found


def _loudness(sound: Sound) -> float:
    return float(pyloudnorm.Meter(_RATE).integrated_loudness(sound.T.astype(np.float64)))


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("trip.mp4", ("libx264", "aac")),
        ("trip.mov", ("libx264", "aac")),
        ("trip.mkv", ("libx264", "aac")),
        ("trip.ts", ("libx264", "aac")),
        ("trip.webm", ("libvpx", "libopus")),
        ("trip.avi", ("mpeg4", "pcm_s16le")),
    ],
)
def test_the_picture_is_copied_bit_by_bit_and_the_sound_stays_in_time(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str, codecs: tuple[str, str]
) -> None:
    times = (0.5, 1.25, 2.5)
    picture = film(name, sound=_clicks(3, times), codecs=codecs)
    out = tmp_path / f"out{picture.suffix}"
    write_scored_film(picture, music(_noise(3, 1e-5)), out)
    assert _packets(out) == _packets(picture)
    assert _onsets(_sound(out), times) == pytest.approx(times, abs=0.005)


def test_a_matroska_film_becomes_an_mp4_film_of_the_same_pictures_in_the_same_order(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture, out = film("trip.mkv"), tmp_path / "out.mp4"
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    copied, original = _packets(out), _packets(picture)
    assert [data for data, _ in copied] == [data for data, _ in original]
    assert [float(time) for _, time in copied] == pytest.approx([float(time) for _, time in original], abs=0.002)
    with av.open(out) as container:
        decoded = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert (np.diff(decoded) > 0).all()


@pytest.mark.parametrize("start", [Fraction(0), Fraction(1001, 1000), Fraction(-1, 2)])
@pytest.mark.parametrize("name", ["silent.mp4", "silent.mkv"])
def test_music_begins_at_its_start_and_keeps_its_level_in_a_silent_film(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, start: Fraction, name: str
) -> None:
    picture = film(name, seconds=4)
    out = tmp_path / f"out{picture.suffix}"
    write_scored_film(picture, music(_clicks(2.5, (0.75, 2.0))), out, start)
    sound = _sound(out)
    expected = (0.75 + float(start), 2.0 + float(start))
    assert _onsets(sound, expected) == pytest.approx(expected, abs=0.005)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.05)
    assert sound.shape[1] == pytest.approx(4 * _RATE, abs=2048)


def test_music_stays_under_the_sound_and_the_sound_keeps_its_level(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    time = np.arange(6 * _RATE) / _RATE
    speech = (0.1 * np.sin(2 * np.pi * 440 * time) * np.ones((2, 1))).astype(np.float32)
    score = (0.3 * np.sin(2 * np.pi * 1500 * time) * np.ones((2, 1))).astype(np.float32)
    out = tmp_path / "out.mp4"
    write_scored_film(film(seconds=6, sound=speech), music(score), out)
    sound = _sound(out)[0, _RATE : 5 * _RATE]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) / len(sound) * 4
    kept, under = spectrum[4 * 440 - 8 : 4 * 440 + 8].max(), spectrum[4 * 1500 - 8 : 4 * 1500 + 8].max()
    assert 20 * np.log10(kept / 0.1) == pytest.approx(0, abs=0.3)
    expected = _loudness(speech) - UNDER_LU - _loudness(score)
    assert 20 * np.log10(under / 0.3) == pytest.approx(expected, abs=0.5)


def test_sound_that_nobody_hears_does_not_push_the_music_down(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    score = _chord(3, 0.05)
    write_scored_film(film(sound=_chord(3, 1e-4)), music(score), out)
    assert _loudness(_sound(out)) == pytest.approx(_loudness(score), abs=0.5)


def test_a_full_scale_sound_with_music_does_not_clip(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    time = np.arange(4 * _RATE) / _RATE
    loud = (0.95 * np.sin(2 * np.pi * 100 * time) * np.ones((2, 1))).astype(np.float32)
    out = tmp_path / "out.mp4"
    write_scored_film(film(seconds=4, sound=loud), music(_noise(4, 0.2)), out)
    sound = _sound(out)
    assert np.abs(sound).max() <= 1.0
    assert np.abs(sound).max() > 0.85


def test_mono_keeps_its_level_on_both_sides(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    mono = _chord(3, 0.1)[:1]
    write_scored_film(film(sound=mono), music(_noise(3, 1e-5)), out)
    sound = _sound(out)
    assert sound.shape[0] == 2
    for side in sound:
        assert np.std(side[: 2 * _RATE]) == pytest.approx(0.1, rel=0.05)


def test_surround_stays_surround_with_the_music_in_front(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    surround = np.zeros((6, 3 * _RATE), np.float32)
    surround[2] = 0.1 * np.sin(2 * np.pi * 500 * np.arange(3 * _RATE) / _RATE)
    out = tmp_path / "out.mp4"
    write_scored_film(film(sound=surround), music(_noise(3, 0.1)), out)
    sound = _sound(out)
    assert sound.shape[0] == 6
    levels = np.std(sound, axis=1)
    assert levels[2] == pytest.approx(0.0707, rel=0.1)
    assert levels[0] > 0.002
    assert levels[4] < 0.0005


@pytest.mark.parametrize(
    ("levels", "own_order", "kept"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), False, (1, 2, 3, 4, 5, 6, 7, 8)),
        ((1, 2, 3, 4, 5, 6), False, (1, 2, 3, 4, 5, 6)),
        ((3, 1, 2, 5, 6, 4), True, (1, 2, 3, 4, 5, 6)),  # centre, left, right, surrounds, LFE
    ],
)
def test_channels_of_surround_stay_where_they_are_in_whatever_order_they_come(  # noqa: PLR0917 - a film, and what it becomes
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, levels: tuple[int, ...], own_order: bool, kept: object
) -> None:
    picture = with_surround(film(seconds=1), [level / 20 for level in levels], own_order=own_order)
    write_scored_film(picture, music(np.zeros((2, _RATE), np.float32)), tmp_path / "out.mov")
    loudest = np.abs(_sound(tmp_path / "out.mov")).max(axis=1)
    assert tuple(np.round(loudest * 20).astype(int)) == kept


@pytest.mark.parametrize("name", ["trip.mp4", "trip.mov"])
def test_a_scored_film_is_as_long_as_the_film_to_the_sample(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str
) -> None:
    picture, out = film(name, sound=_noise(3, 0.1)), tmp_path / f"out{Path(name).suffix}"
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    for path in (picture, out):
        with av.open(path) as container:
            assert (container.streams.audio[0].duration, container.duration) == (3 * _RATE, 3_000_000)


def test_in_matroska_it_is_longer_by_one_block_of_sound_at_the_most(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    plain, picture, out = film(sound=_noise(3, 0.1)), tmp_path / "trip.mkv", tmp_path / "out.mkv"
    with av.open(plain) as source, av.open(picture, "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream_index]
                target.mux(packet)
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    with av.open(picture) as before, av.open(out) as after:
        assert (after.duration or 0) - (before.duration or 0) < 1_000_000 * 1024 / _RATE + 2000


def test_rotation_aspect_colour_timecode_and_tags_are_carried_over(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    def prepare(stream: VideoStream) -> None:
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, 16, 9
        context.sample_aspect_ratio = Fraction(4, 3)
        stream.set_display_rotation(90)
        stream.metadata["timecode"] = "01:00:00:00"

    picture, out = film("trip.mov", prepare=prepare), tmp_path / "out.mov"
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    with av.open(out) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (9, 16, 9)
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert stream.average_rate == _FRAMES
        assert stream.metadata["timecode"] == "01:00:00:00"
        assert next(container.decode(stream)).rotation == 90


def test_a_master_keeps_its_timecode(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    def prepare(stream: VideoStream) -> None:
        stream.pix_fmt = "yuv422p10le"
        stream.metadata["timecode"] = "10:00:00:00"

    picture = film("master.mov", sound=_noise(3, 0.1), codecs=("prores_ks", "pcm_s24le"), prepare=prepare)
    write_scored_film(picture, music(_noise(3, 0.1)), tmp_path / "out.mov")
    with av.open(tmp_path / "out.mov") as container:
        assert container.streams.video[0].metadata["timecode"] == "10:00:00:00"


def test_a_film_that_is_there_is_kept(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")
    with pytest.raises(FilmError, match="there already"):
        write_scored_film(film(), music(_noise(3, 0.1)), out)
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "message"),
    [("out.gif", "cannot be written as"), ("out.webm", "cannot hold"), ("gone/out.mp4", "cannot be")],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str, message: str
) -> None:
    picture, score = film(), music(_noise(3, 0.1))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FilmError, match=message):
        write_scored_film(picture, score, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "beside", "scored"),
    [("a.MP4", "b.wav", "b.scored.MP4"), ("a.wmv", "a.wmv", "a.scored.mkv"), ("a.gif", "a.gif", "a.scored.mov")],
)
def test_a_film_keeps_its_kind_where_that_can_be_written(name: str, beside: str, scored: str) -> None:
    assert scored_name(Path(name), Path("x", beside)) == Path("x", scored)


@pytest.mark.parametrize(
    ("source", "target"), [("phone.mov", "out.mov"), ("phone.mov", "out.mp4"), ("trip.mkv", "out.mp4")]
)
def test_hevc_keeps_the_name_that_quicktime_plays(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, source: str, target: str
) -> None:
    def as_phones_do(stream: VideoStream) -> None:
        stream.options = {"x265-params": "log-level=error"}
        if source.endswith(".mov"):
            stream.codec_context.codec_tag = "hvc1"

    picture, out = film(source, codecs=("libx265", "aac"), prepare=as_phones_do), tmp_path / target
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    with av.open(out) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
    assert [data for data, _ in _packets(out)] == [data for data, _ in _packets(picture)]


@pytest.mark.parametrize(
    ("source", "sound", "target", "written"),
    [
        ("master.mov", "pcm_s24le", "out.mov", "pcm_s24le"),
        ("master.mkv", "pcm_s16le", "out.mov", "pcm_s24le"),
        ("master.mov", "pcm_s24le", "out.mp4", "aac"),
        ("phone.mov", "aac", "out.mov", "aac"),
    ],
)
def test_uncompressed_sound_stays_so_where_masters_are_kept(  # noqa: PLR0917 - a film, and all that it becomes
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, source: str, sound: str, target: str, written: str
) -> None:
    picture, out = film(source, sound=_noise(3, 0.1), codecs=("libx264", sound)), tmp_path / target
    write_scored_film(picture, music(np.zeros((2, 3 * _RATE), np.float32)), out)
    with av.open(out) as container:
        assert container.streams.audio[0].codec_context.name == written
    if written.startswith("pcm_"):
        assert np.abs(_sound(out) - _noise(3, 0.1)).max() < 4e-5


def test_an_animated_gif_gets_music_in_the_container_that_is_named_for_it(
    music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture, score = tmp_path / "trip.gif", music(_noise(3, 0.1))
    with av.open(picture, "w") as container:
        stream = container.add_stream("gif", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "rgb8"
        for index in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), index * 8, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    with pytest.raises(FilmError, match=r"ends in \.mov"):
        write_scored_film(picture, score, tmp_path / "out.mkv")
    out = scored_name(picture, picture)
    write_scored_film(picture, score, out)
    assert [data for data, _ in _packets(out)] == [data for data, _ in _packets(picture)]
    assert _sound(out).shape[1] / _RATE == pytest.approx(3, abs=0.1)


def test_files_that_cannot_be_read_are_named(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    score, out = music(_noise(3, 0.1)), tmp_path / "out.mp4"
    (tmp_path / "text.mp4").write_text("no film")
    for picture in (tmp_path / "gone.mp4", tmp_path / "text.mp4", score):
        with pytest.raises(FilmError, match=picture.name):
            write_scored_film(picture, score, out)
    with pytest.raises(FilmError, match="holds no sound"):
        write_scored_film(film(), film("silent.mp4"), out)
    assert not out.exists()


def test_stopping_half_way_leaves_nothing(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    picture, score = film(sound=_noise(3, 0.1)), music(_noise(3, 0.1))
    before, calls = sorted(tmp_path.iterdir()), 0

    def check(stop: int) -> None:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise Stopped

    for stop in (1, 60, 120):
        calls = 0
        with pytest.raises(Stopped):
            write_scored_film(picture, score, tmp_path / "out.mp4", told=lambda _, stop=stop: check(stop))  # type: ignore[misc]
        assert sorted(tmp_path.iterdir()) == before


def test_the_share_that_is_written_is_told_to_its_end(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    shares: list[float] = []
    write_scored_film(film(sound=_noise(3, 0.1)), music(_noise(3, 0.1)), tmp_path / "out.mp4", told=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_a_film_that_breaks_off_is_scored_as_far_as_it_goes(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture = film("trip.mkv", sound=_noise(3, 0.1))
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size * 2 // 3])
    out = tmp_path / "out.mkv"
    write_scored_film(picture, music(_noise(3, 0.1)), out)
    assert 20 < len(_packets(out)) <= len(_packets(picture))


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_film_may_be_called_after_the_time_of_day(
    music: Callable[[Sound], Path], film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film("trip.mp4").rename(tmp_path / "2031-05-01T10:20:30.mp4")
    (tmp_path / "a:b").mkdir()
    cue = music(_chord(2, 0.1))
    monkeypatch.chdir(tmp_path)
    target = Path("a:b/2031-05-01T10:20:30.scored.mp4")
    write_scored_film(Path("2031-05-01T10:20:30.mp4"), cue, target, Fraction(0))
    assert len(_packets(target.absolute())) == 3 * _FRAMES


def test_a_film_whose_title_is_no_utf8_is_scored(music: Callable[[Sound], Path], film: Film, tmp_path: Path) -> None:
    trip = film("trip.mp4")
    data = trip.read_bytes()
    assert b"Lavf" in data  # who wrote it, which is told like a title
    trip.write_bytes(data.replace(b"Lavf", b"\xdcbun"))
    write_scored_film(trip, music(_chord(2, 0.1)), tmp_path / "scored.mp4", Fraction(0))
    assert len(_packets(tmp_path / "scored.mp4")) == 3 * _FRAMES


def test_a_playlist_is_no_film(music: Callable[[Sound], Path], film: Film, tmp_path: Path) -> None:
    film("trip.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("ffconcat version 1.0\nfile trip.mp4\n")
    with pytest.raises(FilmError, match="cannot be read"):
        write_scored_film(playlist, music(_chord(2, 0.1)), tmp_path / "scored.mp4", Fraction(0))
