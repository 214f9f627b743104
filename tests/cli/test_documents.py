from pathlib import Path

import pytest
from sonique.v1 import description_pb2, events_pb2, tags_pb2
from sonique_cli.documents import read_description, read_tags, to_json, to_line
from sonique_cli.exits import CommandError, Exit

TAGS = tags_pb2.Tags(style="lofi", tempo=tags_pb2.Tempo(bpm=82.0), key=tags_pb2.Key(tonic=5, mode="ionian"))


def test_a_document_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(to_json(TAGS), encoding="utf-8")
    assert read_tags(path) == TAGS


def test_the_last_event_of_a_log_counts(tmp_path: Path) -> None:
    earlier = events_pb2.JobEvent(seq=1, tags=tags_pb2.Tags(style="rock"))
    later = events_pb2.JobEvent(seq=2, tags=TAGS)
    path = tmp_path / "log.json"
    path.write_text(to_line(earlier) + "\n" + to_line(later) + "\n", encoding="utf-8")
    assert read_tags(path) == TAGS


def test_a_log_of_one_line_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(to_line(events_pb2.JobEvent(seq=1, tags=TAGS)) + "\n", encoding="utf-8")
    assert read_tags(path) == TAGS


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(to_json(description_pb2.Description(summary="x")), encoding="utf-8-sig")
    assert read_description(path).summary == "x"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"style": 3}', '{"no_such_field": 1}', "\n{}\n{}\n", "[" * 5000])
def test_what_is_no_document_gets_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as told:
        read_tags(path)
    assert told.value.exit_code is Exit.INPUT
    assert "t.json" in told.value.sentence
    assert "\n" not in told.value.sentence
