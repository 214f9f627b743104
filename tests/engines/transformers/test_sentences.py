import pytest
from sonique_daemon.engines.transformers.sentences import complete, thinned, tidied
from sonique_daemon.engines.transformers.writing import Text


def tidy(text: str, *, sentences: int = 1, ended: bool = True) -> str:
    return tidied(Text(text, (1,), ended), sentences)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("A boat crosses the bay. It is calm.", "A boat crosses the bay."),
        ("  a boat\n crosses ", "A boat crosses."),
        ('"A boat crosses."', "A boat crosses."),
        ("**Description:** A boat crosses.", "A boat crosses."),
        ("- A boat crosses. - A car.", "A boat crosses."),
        ("It is 4.5 m long. And blue.", "It is 4.5 m long."),
        ("船が渡る。空は青い。", "船が渡る。"),
        ("1. A boat crosses. 2. A car.", "A boat crosses."),
        ("Dr. Smith crosses St. Mark's Square. It rains.", "Dr. Smith crosses St. Mark's Square."),
        ("A street in the U.S. at night. It rains.", "A street in the U.S. at night."),
        ("They take plan B.", "They take plan B."),
    ],
)
def test_an_answer_becomes_one_plain_sentence(text: str, sentence: str) -> None:
    assert tidy(text) == sentence


def test_a_sentence_that_came_to_its_limit_says_so() -> None:
    assert tidy("A boat crosses the", ended=False) == "A boat crosses the …"


def test_what_came_to_its_limit_later_keeps_its_whole_sentences() -> None:
    assert tidy("A boat. A car. And a", sentences=2, ended=False) == "A boat. A car."


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("A boat crosses", 0), ("A boat crosses.", 0), ("A boat crosses. It", 1), ("1. A boat", 0)],
)
def test_a_sentence_is_known_to_be_complete_by_what_follows(text: str, count: int) -> None:
    assert complete(text, 1) is (count >= 1)


def test_lines_are_thinned_evenly_and_keep_their_ends() -> None:
    lines = [str(number) for number in range(9)]
    assert thinned(lines, 9) == lines
    assert thinned(lines, 3) == ["0", "4", "8"]
    assert thinned(lines, 1) == ["0"]
    assert thinned(lines, 0) == []
