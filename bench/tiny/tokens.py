"""Tokenizers for tiny models: byte-level ones of the real kind, learned from the sentences that the models speak."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

SENTENCES = (
    "A boat crosses the calm bay in the morning light.",
    "A child runs along the beach and laughs in the sun.",
    "An old man walks slowly through the dark street.",
    "Two cars race along the coast under a bright sky.",
    "The crowd cheers while the band plays on the stage.",
    "Rain falls on the empty road and the mood is sad.",
    "A woman looks at the sea and thinks of her home.",
    "The fire burns in the forest and the mood is tense.",
)
"""What the models say, in parts."""

ANSWERS = (
    (
        "{'style': 'cinematic', 'genres': ['ambient', 'orchestral', 'electronic'], "
        "'moods': ['calm', 'tense', 'hopeful', 'sad'],"
    ),
    (
        "'instruments': ['piano', 'strings', 'acoustic guitar', "
        "'drums', 'synth pad', 'cello', 'bass', 'percussion', 'choir'],"
    ),
    (
        "'negatives': ['vocals', 'brass'], 'bpm': 96, 'key': 'D minor', "
        "'valence': 0.1, 'arousal': -0.4, 'tension': 0.7, 'density': 0.5}"
    ),
)
"""In the manner of what they answer where they tag. These are not the lexicon's words themselves, for with every new
one the models would say something else.
"""

_SIZE = 900


def tokenizer(specials: Sequence[str], template: str | None, vocabulary: int = 0, **more: Any) -> Any:
    """A byte-level tokenizer with the special tokens of ChatML and ``specials``, and a chat template.

    Args:
        specials: tokens that stand for themselves.
        template: of its chat.
        vocabulary: how many tokens it has; what was not learned is words that no text contains. 0 is what was learned.
        more: of the class.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *specials]
    made = _learned(marks)
    if vocabulary:
        made = Tokenizer.from_str(_widened(made.to_str(), vocabulary))
    names = {"pad_token": marks[0], "eos_token": marks[2], **more}
    fast = PreTrainedTokenizerFast(tokenizer_object=made, additional_special_tokens=marks[1:], **names)
    fast.chat_template = template
    return fast


def _learned(marks: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=_SIZE, special_tokens=list(marks), initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([*SENTENCES * 3, *ANSWERS * 3], trainer)
    return made


def _widened(written: str, vocabulary: int) -> str:
    """The same tokenizer with made-up words up to so many tokens."""
    document = json.loads(written)
    known = document["model"]["vocab"]
    for number, word in enumerate(islice(_words(), vocabulary - len(known)), len(known)):
        known[word] = number
    return json.dumps(document)


def _words() -> Iterator[str]:
    """Words of three syllables, each with the sign of a space before it."""
    syllables = [f"{first}{second}" for first, second in product("bdfghjklmnprstvwxz", "aeiou")]
    for parts in product(syllables, repeat=3):
        yield f"Ġ{''.join(parts)}"
