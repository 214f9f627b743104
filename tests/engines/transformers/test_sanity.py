import pytest
from sonique_daemon.engines.transformers.sanity import complaint
from sonique_daemon.engines.transformers.writing import Text

SENTENCE = "A boat crosses the calm bay in the morning light."


def written(text: str, *tokens: int) -> Text:
    return Text(text, tokens or tuple(range(len(text.split()))), ended=True)


@pytest.mark.parametrize("text", [SENTENCE, "Ein Boot überquert die Bucht.", "船が湾を渡る。", "Black."])
def test_sentences_of_any_language_are_text(text: str) -> None:
    assert not complaint(written(text))


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_is_told(text: str) -> None:
    assert complaint(written(text)) == "nothing"


@pytest.mark.parametrize("tokens", [[7] * 40, [1, 2, 3, *[7, 8] * 12], [*range(20), *[1, 2, 3, 4, 5, 6] * 6]])
def test_going_round_in_circles_is_told(tokens: list[int]) -> None:
    assert complaint(written("the the the", *tokens)) == "the same over and over"


def test_signs_that_are_no_words_are_told() -> None:
    assert complaint(written("!!%%&&&##@@!! a $$$$ 0000")) == "signs that are no words"
