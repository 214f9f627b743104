"""The pictures of a film strip show what the shots show."""

import base64
import io
import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
from sonique_cli.report.footage import Moment, Reel, pictures, record_start
from sonique_client.otio import one_clip_timeline

from tests.conftest import write_film

COLOURS = ((220, 30, 30), (30, 200, 30), (30, 30, 220))


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Three seconds of film, a colour each."""
    path = tmp_path / "colours.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for colour in COLOURS:
            for _ in range(24):
                image = np.full((90, 160, 3), colour, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def shown(data: str) -> int:
    """Which of the colours a picture is."""
    with av.open(io.BytesIO(base64.b64decode(data.partition(",")[2])), "r") as container:
        image = next(container.decode(video=0)).to_ndarray(format="rgb24")
    return int(np.argmax(image.mean(axis=(0, 1))))


def test_each_moment_of_a_film_has_its_own_picture(colours: Path) -> None:
    reel = Reel(one_clip_timeline(colours), colours.parent, [], Fraction(0))
    wanted = [Moment(second + 0.5, second + 0.1) for second in (2, 0, 1)]
    found = pictures(reel, wanted)
    assert [shown(found[moment]) for moment in wanted] == [2, 0, 1]


def test_a_timeline_is_followed_to_its_media(colours: Path) -> None:
    timeline = otio.schema.Timeline("edit", global_start_time=otio.opentime.RationalTime(86_400, 24))
    track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
    for start in (48, 0):
        frames = otio.opentime.TimeRange(otio.opentime.RationalTime(start, 24), otio.opentime.RationalTime(24, 24))
        reference = otio.schema.ExternalReference(target_url="colours.mp4")
        track.append(otio.schema.Clip(source_range=frames, media_reference=reference))
    timeline.tracks.append(track)
    document = timeline.to_json_string()
    assert record_start(document) == 3600
    wanted = [Moment(0.5, 0.1), Moment(1.5, 1.1)]
    found = pictures(Reel(document, colours.parent, [], Fraction(0)), wanted)
    assert [shown(found[moment]) for moment in wanted] == [2, 0]


def test_a_clip_of_an_edit_list_is_followed_by_its_name_and_the_films_timecode(colours: Path) -> None:
    film = colours.with_name("RED01.mov")
    with av.open(str(colours)) as source, av.open(str(film), "w", container_options={"write_tmcd": "1"}) as target:
        target.metadata["timecode"] = "10:00:00:00"
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    timeline = otio.schema.Timeline("edit")
    track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
    for second, speed in ((2, 1.0), (0, 1.0), (0, -3.0)):
        start = otio.opentime.RationalTime((36_000 + second) * 24, 24)
        clip = otio.schema.Clip("1A", otio.schema.MissingReference("red01"))
        clip.source_range = otio.opentime.TimeRange(start, otio.opentime.RationalTime(24, 24))
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
        track.append(clip)
    timeline.tracks.append(track)
    wanted = [Moment(0.5, 0.1), Moment(1.5, 1.1), Moment(2.2, 2.2)]
    found = pictures(Reel(timeline.to_json_string(), film.parent, [], Fraction(0)), wanted)
    assert [shown(found[moment]) for moment in wanted] == [2, 0, 2]


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    for name in ("broken.mp4", "gone.mp4"):
        reel = Reel(one_clip_timeline(tmp_path / name), tmp_path, [], Fraction(0))
        assert pictures(reel, [Moment(0.5, 0.1)]) == {}


def test_a_playlist_on_a_timeline_shows_no_other_file(colours: Path) -> None:
    part, playlist = colours.with_name("part.ts"), colours.with_name("list.m3u8")
    with av.open(str(colours)) as source, av.open(str(part), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            packet.stream = stream
            if packet.dts is not None:
                target.mux(packet)
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{part.name}\n#EXT-X-ENDLIST\n")
    reel = Reel(one_clip_timeline(playlist), colours.parent, [], Fraction(0))
    assert not pictures(reel, [Moment(0.5, 0.1)])


@pytest.mark.parametrize(("rate", "value"), [("0.0", "0.0"), ("24.0", "Infinity"), ("NaN", "1.0")])
def test_a_timeline_that_begins_at_a_time_that_is_none_begins_at_zero(rate: str, value: str) -> None:
    start = f'{{"OTIO_SCHEMA": "RationalTime.1", "rate": {rate}, "value": {value}}}'
    text = otio.schema.Timeline("edit").to_json_string()
    assert record_start(text.replace('"global_start_time": null', f'"global_start_time": {start}')) == 0


def test_a_timeline_that_contains_itself_has_no_pictures(tmp_path: Path) -> None:
    again = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "all"}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [again]}
    stack = {"OTIO_SCHEMA": "Stack.1", "OTIO_REF_ID": "all", "children": [track]}
    ring = json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": stack})
    assert record_start(ring) == 0
    assert Reel(ring, tmp_path, [], Fraction(0)).place(0.5) is None


def test_a_long_cue_has_pictures_to_its_end(tmp_path: Path) -> None:
    images = [np.full((90, 160, 3), COLOURS[number // 600], np.uint8) for number in range(1800)]
    film = write_film(tmp_path / "long.mp4", images, Fraction(24), options={"preset": "ultrafast"})
    wanted = [Moment(second + 2.0, second + 0.1) for second in range(0, 75, 5)]
    found = pictures(Reel(one_clip_timeline(film), tmp_path, [], Fraction(0)), wanted)
    assert [shown(found[moment]) for moment in wanted] == [int(moment.seconds // 25) for moment in wanted]


def test_pictures_of_a_master_cost_one_frame_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonique_cli.report.footage._MOST_FRAMES", 2.0)
    images = [np.full((90, 160, 3), COLOURS[number // 120], np.uint8) for number in range(360)]
    film = write_film(tmp_path / "master.mov", images, Fraction(24), codec="mjpeg", pixels="yuvj420p")
    wanted = [Moment(second + 0.5, second + 0.1) for second in range(15)]
    found = pictures(Reel(one_clip_timeline(film), tmp_path, [], Fraction(0)), wanted)
    assert [shown(found[moment]) for moment in wanted] == [second // 5 for second in range(15)]


@pytest.mark.parametrize(("rotation", "first"), [(0, 0), (90, 1), (180, 1), (270, 0)])
def test_pictures_of_a_film_that_is_turned_for_showing_are_upright(tmp_path: Path, rotation: int, first: int) -> None:
    image = np.full((90, 160, 3), COLOURS[1], np.uint8)
    image[:, :80] = COLOURS[0]  # the left half, which is turned down, to the right, and up
    film = write_film(tmp_path / "phone.mp4", [image] * 24, rotation=rotation)
    (data,) = pictures(Reel(one_clip_timeline(film), tmp_path, [], Fraction(0)), [Moment(0.5, 0.1)]).values()
    with av.open(io.BytesIO(base64.b64decode(data.partition(",")[2])), "r") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape[:2] == ((96, 54) if rotation % 180 else (96, 170))
    assert int(np.argmax(picture[:30, :30].mean(axis=(0, 1)))) == first
