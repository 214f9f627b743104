"""What a film holds beside picture and main sound is in the scored film too, untouched and in time."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from sonique_cli.film import write_scored_film

from tests.cli.conftest import Sonique
from tests.conftest import of_two_sounds, write_film

if TYPE_CHECKING:
    from av.container.core import Chapter

_RATE = 48_000
_FRAMES = 25
_SECONDS = 4
_SPOKEN = ((500, 1000, b"Where are we?"), (2250, 1250, b"Nearly there."))
"""Begin and length in milliseconds, and text."""


def _tone(pitch: float, level: float) -> av.AudioFrame:
    wave = level * np.sin(2 * np.pi * pitch * np.arange(_SECONDS * _RATE) / _RATE)
    frame = av.AudioFrame.from_ndarray(np.tile(wave.astype(np.float32), (2, 1)), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = _RATE, 0
    return frame


def _sound(container: OutputContainer, language: str, title: str) -> AudioStream:
    stream = container.add_stream("aac", rate=_RATE, layout="stereo")
    assert isinstance(stream, AudioStream)
    stream.metadata.update({"language": language, "title": title})
    return stream


def _write_picture(container: OutputContainer, stream: VideoStream, late: int) -> None:
    for index in range(_SECONDS * _FRAMES):
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index * 2, np.uint8), format="rgb24")
        frame.pts, frame.time_base = index + late, Fraction(1, _FRAMES)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write_text(container: OutputContainer, stream: Stream, wrap: Callable[[bytes], bytes]) -> None:
    for begin, length, text in _SPOKEN:
        packet = Packet(wrap(text))
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts, packet.dts, packet.duration = begin, begin, length
        container.mux(packet)


_WRAPPED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    ".mkv": ("subrip", lambda text: text),
    ".mp4": ("mov_text", lambda text: len(text).to_bytes(2, "big") + text),
}


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """Writes a film with two sound tracks, German subtitles and two chapters, in Matroska a font too."""

    def write(name: str, late: int = 0) -> Path:
        path = tmp_path / name
        codec, wrap = _WRAPPED[path.suffix]
        with av.open(path, "w") as container:
            picture = container.add_stream("libx264", rate=_FRAMES)
            assert isinstance(picture, VideoStream)
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
            main, comment = _sound(container, "eng", "Film"), _sound(container, "fra", "Comments")
            main.disposition, comment.disposition = Disposition.default, Disposition.comment
            text = container.add_mux_stream(codec)
            text.time_base = Fraction(1, 1000)
            text.metadata["language"] = "deu"
            if path.suffix == ".mkv":
                container.add_attachment("letters.ttf", "font/ttf", b"letters" * 100)
            container.set_chapters([_chapter(1, 0, 1500, "Away"), _chapter(2, 1500, 4000, "Home")])
            container.start_encoding()
            _write_picture(container, picture, late)
            for stream, pitch in ((main, 440), (comment, 880)):
                container.mux([*stream.encode(_tone(pitch, 0.1)), *stream.encode(None)])
            _write_text(container, text, wrap)
        return path

    return write


def _chapter(number: int, start: int, end: int, title: str) -> "Chapter":
    return {"id": number, "start": start, "end": end, "time_base": Fraction(1, 1000), "metadata": {"title": title}}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    path = tmp_path / "cue.wav"
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s24le", rate=_RATE, layout="stereo")
        container.mux([*stream.encode(_tone(330, 0.1)), *stream.encode(None)])
    return path


def _packets(path: Path, kind: str, index: int) -> list[tuple[bytes, Fraction]]:
    """What the track holds, and when from the first frame on, to the millisecond."""
    with av.open(path) as container:
        origin = min(p.pts * p.time_base for p in container.demux(video=0) if p.pts is not None and p.time_base)
    with av.open(path) as container:
        track = [stream for stream in container.streams if stream.type == kind][index]
        return [
            (bytes(packet), round(((packet.pts or 0) * (packet.time_base or 1) - origin) * 1000) / Fraction(1000))
            for packet in container.demux(track)
            if packet.size
        ]


def _spoken(path: Path) -> list[tuple[bytes, Fraction]]:
    """The subtitles; QuickTime has empty ones between them."""
    return [(data, time) for data, time in _packets(path, "subtitle", 0) if len(data) > 2]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_further_sound_and_subtitles_are_copied_bit_by_bit_and_in_time(
    film: Callable[..., Path], music: Path, tmp_path: Path, suffix: str
) -> None:
    picture, out = film(f"trip{suffix}"), tmp_path / f"out{suffix}"
    assert write_scored_film(picture, music, out) == ()
    comments, copied = _packets(picture, "audio", 1), _packets(out, "audio", 1)
    assert [data for data, _ in copied] == [data for data, _ in comments]
    assert all(abs(a - b) <= Fraction(1, 500) for (_, a), (_, b) in zip(copied, comments, strict=True))
    assert [data for data, _ in _spoken(out)] == [_WRAPPED[suffix][1](text) for _, _, text in _SPOKEN]
    assert [time for _, time in _spoken(out)] == pytest.approx([begin / 1000 for begin, _, _ in _SPOKEN], abs=0.002)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_tracks_keep_their_languages_and_the_one_with_the_music_is_the_default(
    film: Callable[..., Path], music: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    write_scored_film(film(f"trip{suffix}"), music, out)
    with av.open(out) as container:
        main, comment = container.streams.audio
        assert (main.language, comment.language) == ("eng", "fra")
        assert [s.metadata.get("title") or s.metadata.get("name") for s in (main, comment)] == ["Film", "Comments"]
        assert main.disposition & Disposition.default
        assert not comment.disposition & Disposition.default
        assert container.streams.subtitles[0].language == "deu"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_chapters_are_kept(film: Callable[..., Path], music: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    write_scored_film(film(f"trip{suffix}"), music, out)
    with av.open(out) as container:
        found = [
            (chapter["metadata"]["title"], float(chapter["start"] * (chapter["time_base"] or 1)))
            for chapter in container.chapters()
        ]
    assert found == [("Away", 0.0), ("Home", 1.5)]


def test_what_begins_late_is_moved_with_the_picture(film: Callable[..., Path], music: Path, tmp_path: Path) -> None:
    picture, out = film("trip.mkv", late=10), tmp_path / "out.mkv"  # 0.4 s
    write_scored_film(picture, music, out)
    assert [time for _, time in _spoken(out)] == pytest.approx([0.1, 1.85], abs=0.002)
    with av.open(out) as container:
        starts = [float(chapter["start"] * (chapter["time_base"] or 1)) for chapter in container.chapters()]
    assert starts == pytest.approx([0, 1.1], abs=0.002)


def test_fonts_are_kept_in_matroska(film: Callable[..., Path], music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    write_scored_film(film("trip.mkv"), music, out)
    with av.open(out) as container:
        (font,) = container.streams.attachments
        assert (font.name, font.mimetype, font.data) == ("letters.ttf", "font/ttf", b"letters" * 100)


def test_what_another_kind_of_file_cannot_hold_is_named(film: Callable[..., Path], music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    left = write_scored_film(film("trip.mkv"), music, out)
    assert left == ("subtitles (srt)", "attachment (letters.ttf)")
    with av.open(out) as container:
        assert [stream.type for stream in container.streams if stream.type != "data"] == ["video", "audio", "audio"]


def damaged(picture: Path, name: bytes) -> Path:
    """The film with its last sound track said to be of the codec ``name``."""
    data = picture.read_bytes()
    for old, new in ((b"mp4a", name), (b"esds", b"free")):
        before, after = data.rsplit(old, 1)
        data = before + new + after
    picture.write_bytes(data)
    return picture


def test_a_track_of_an_unknown_codec_is_left_out_and_told(film: Callable[..., Path], sonique: Sonique) -> None:
    picture = damaged(film("trip.mp4"), b"apac")  # as a telephone's second track
    scored = sonique("score", picture)
    assert "without what such a file cannot hold: sound (unknown)" in scored.stderr
    with av.open(picture.with_name("trip.scored.mp4")) as container:
        assert [stream.type for stream in container.streams if stream.type != "data"] == ["video", "audio", "subtitle"]


def test_a_track_that_cannot_be_copied_to_its_end_costs_the_film_its_others_alone(
    film: Callable[..., Path], music: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    left = write_scored_film(damaged(film("trip.mp4"), b"none"), music, out)
    assert left == ("sound (pcm_s16be)", "subtitles (mov_text)")
    with av.open(out) as container:
        assert [stream.type for stream in container.streams if stream.type != "data"] == ["video", "audio"]


_IMAGES = {"png": ("rgb24", "cover.png", "image/png"), "mjpeg": ("yuvj420p", "cover.jpg", "image/jpeg")}


def _image(codec: str) -> bytes:
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = 32, 32, _IMAGES[codec][0]
    context.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8), format="rgb24")
    (packet,) = context.encode(frame.reformat(format=_IMAGES[codec][0]))
    return bytes(packet)


def _covered(picture: Path, codec: str) -> Path:
    """A copy of the film's picture that begins 0.4 s late, with a cover image as its kind of file holds one."""
    path, image = picture.with_name(f"covered{picture.suffix}"), _image(codec)
    with av.open(picture) as source, av.open(path, "w") as target:
        video = target.add_stream_from_template(source.streams.video[0])
        if path.suffix == ".mkv":
            target.add_attachment(_IMAGES[codec][1], _IMAGES[codec][2], image)
        else:
            cover = target.add_stream(codec)
            assert isinstance(cover, VideoStream)
            cover.width, cover.height, cover.pix_fmt = 32, 32, _IMAGES[codec][0]
            cover.disposition = Disposition.attached_pic
            target.start_encoding()
            packet = Packet(image)
            packet.stream, packet.pts, packet.dts = cover, 0, 0
            target.mux(packet)
        for shown in source.demux(video=0):
            if shown.size:
                shown.stream = video
                target.mux(shown)
    return path


def _covers(path: Path) -> list[tuple[bytes, str | None]]:
    """The images that players show of a film, and their media types where the file tells them."""
    with av.open(path) as container:
        found = [stream for stream in container.streams.video if stream.disposition == Disposition.attached_pic]
        data = {packet.stream.index: bytes(packet) for packet in container.demux(found) if packet.size} if found else {}
        return [(data[stream.index], stream.metadata.get("mimetype")) for stream in found]


@pytest.mark.parametrize("codec", _IMAGES)
@pytest.mark.parametrize("source", [".mp4", ".mkv"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_cover_image_stays_one(film: Callable[..., Path], music: Path, source: str, suffix: str, codec: str) -> None:
    picture, out = _covered(film(f"trip{source}", late=10), codec), music.with_name(f"out{suffix}")
    assert write_scored_film(picture, music, out) == ()
    assert _covers(out) == [(_image(codec), _IMAGES[codec][2] if suffix == ".mkv" else None)]


def test_a_cover_image_is_named_where_the_new_film_has_no_place_for_it(
    film: Callable[..., Path], music: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mov"
    assert write_scored_film(_covered(film("trip.mp4"), "png"), music, out) == ("cover image (png)",)
    with av.open(out) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]


@pytest.mark.parametrize("default", [None, 0, 1])
def test_the_music_goes_under_the_default_sound_else_the_first(
    music: Path, tmp_path: Path, default: int | None
) -> None:
    sound = np.zeros(2 * _RATE, np.float32)
    picture = write_film(tmp_path / "cut.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 48, sound=sound)
    out = tmp_path / "out.mkv"
    write_scored_film(of_two_sounds(picture, default), music, out)
    with av.open(out) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == (
            ["aac", "pcm_s16le"] if default == 1 else ["pcm_s24le", "aac"]
        )
