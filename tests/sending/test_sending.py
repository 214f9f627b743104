"""What is sent to a daemon elsewhere, what is not, and what is told meanwhile."""

from pathlib import Path

import pytest
from sonique.v1 import timeline_pb2
from sonique_client.errors import ClientError
from sonique_client.otio import one_clip_timeline
from sonique_sending.sending import prepared

from tests import conftest
from tests.sending.showing import Far, Shown, clip, numbered, span, timeline


def test_a_daemon_on_this_computer_is_sent_nothing(far: Far, trip: Path) -> None:
    far.local = True
    message = timeline_pb2.Timeline(otio_json=one_clip_timeline(trip), folder="/x")
    assert prepared(far, message, Shown()) is message  # type: ignore[arg-type]
    assert not far.asked


def test_a_file_that_the_daemon_sees_is_not_sent(far: Far, trip: Path) -> None:
    far.seen.add(str(trip))
    message = timeline_pb2.Timeline(
        otio_json=one_clip_timeline(trip).replace(trip.as_uri(), trip.name), folder=str(trip.parent)
    )
    sent = prepared(far, message, Shown())  # type: ignore[arg-type]
    assert trip.as_uri() in sent.otio_json
    assert sent.folder == message.folder
    assert not list(far.uploads.iterdir())


def test_a_file_smaller_than_its_proxy_is_sent_as_it_is(far: Far, trip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonique_sending.sending._SMALL_BYTES", trip.stat().st_size)
    prepared(far, timeline_pb2.Timeline(otio_json=one_clip_timeline(trip)), Shown())  # type: ignore[arg-type]
    (sent,) = far.uploads.iterdir()
    assert sent.read_bytes() == trip.read_bytes()


def test_the_same_proxy_is_made_once_and_its_making_is_told(far: Far, trip: Path, tmp_path: Path) -> None:
    message = timeline_pb2.Timeline(otio_json=one_clip_timeline(trip))
    first, second = Shown(), Shown()
    sent = [prepared(far, message, shown).otio_json for shown in (first, second)]  # type: ignore[arg-type]
    assert sent[0] == sent[1]
    assert first.worked == {"Making a small copy of “trip.mp4”": 1.0, "Sending “trip.mp4”": 1.0}
    assert second.worked == {}  # the daemon has it already
    assert len(list((tmp_path / "cache" / "sonique" / "proxies").iterdir())) == 1


def test_stopping_while_a_proxy_is_made_leaves_nothing_behind(far: Far, trip: Path, tmp_path: Path) -> None:
    class Impatient(Shown):
        def working(self, title: str, share: float) -> None:
            if share > 0.3:
                raise KeyboardInterrupt(title)

    with pytest.raises(KeyboardInterrupt):
        prepared(far, timeline_pb2.Timeline(otio_json=one_clip_timeline(trip)), Impatient())  # type: ignore[arg-type]
    assert not list((tmp_path / "cache" / "sonique" / "proxies").iterdir())
    assert not list(far.uploads.iterdir())


def test_media_that_cannot_be_read_is_told_and_the_rest_is_sent(far: Far, trip: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("dear diary " * 100, encoding="utf-8")
    broken, shown = clip(tmp_path / "notes.mp4", span(0, 25)), Shown()
    both = timeline(clip(trip, span(0, 25)), broken).to_json_string()
    prepared(far, timeline_pb2.Timeline(otio_json=both), shown)  # type: ignore[arg-type]
    assert ["notes.mp4" in sentence for sentence in shown.said] == [True]
    alone = timeline(broken.deepcopy()).to_json_string()
    with pytest.raises(ClientError, match=r"notes\.mp4"):
        prepared(far, timeline_pb2.Timeline(otio_json=alone), shown)  # type: ignore[arg-type]


def test_a_bare_stream_without_times_is_told_as_one(far: Far, tmp_path: Path) -> None:
    bare = conftest.write_film(tmp_path / "a.h264", [numbered(number) for number in range(10)])
    with pytest.raises(ClientError, match=r"“a\.h264” is a bare stream, whose frames have no times"):
        prepared(far, timeline_pb2.Timeline(otio_json=one_clip_timeline(bare)), Shown())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"OTIO_SCHEMA": "Poem.1"}', "[" * 100_000, '{"a":' * 400 + "1" + "}" * 400]
)
def test_a_timeline_that_cannot_be_read_goes_to_the_daemon_which_says_why(far: Far, text: str) -> None:
    message = timeline_pb2.Timeline(otio_json=text)
    assert prepared(far, message, Shown()) == message  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "value"), [("0.0", "0.0"), ("24.0", "Infinity"), ("NaN", "1.0")])
def test_a_time_that_is_none_is_left_to_the_daemon_to_refuse(far: Far, trip: Path, rate: str, value: str) -> None:
    time = f'{{"OTIO_SCHEMA": "RationalTime.1", "rate": {rate}, "value": {value}}}'
    played = f'"source_range": {{"OTIO_SCHEMA": "TimeRange.1", "start_time": {time}, "duration": {time}}}'
    text = one_clip_timeline(trip)
    place = text.index('"source_range": null', text.index('"Clip.2"'))
    message = timeline_pb2.Timeline(otio_json=text[:place] + played + text[place + len('"source_range": null') :])
    assert prepared(far, message, Shown()) is message  # type: ignore[arg-type]
    assert not list(far.uploads.iterdir())
