"""Made trees of sentiment: a small grammar in which order matters, as in the Treebank."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_ADJECTIVES = {
    "great": 2, "superb": 2, "moving": 2, "good": 1, "funny": 1, "clever": 1, "warm": 1,
    "long": 0, "french": 0, "new": 0,
    "dull": -1, "slow": -1, "bad": -1, "silly": -1, "awful": -2, "dreadful": -2, "lifeless": -2,
}  # fmt: skip
_SUBJECTS = ["film", "plot", "cast", "script", "ending", "music"]


class _Phrase(NamedTuple):
    value: int
    text: str


def made_trees(n: int, seed: int = 0) -> list[str]:
    """Sentences about films as labelled trees, from 0, the worst, to 4, the best.

    "very" makes what follows stronger; "not" turns it round and weakens it; of two clauses joined
    by "but" the second one counts, by "and" their mean. So the same words say different things.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    list of str
        S-expressions, each node labelled, as in the Stanford Sentiment Treebank.
    """
    random = np.random.default_rng(seed)
    return [_sentence(random).text for _ in range(n)]


def _word(word: str, value: int = 0) -> _Phrase:
    return _Phrase(value, f"({value + 2} {word})")


def _joined(value: int, left: _Phrase, right: _Phrase) -> _Phrase:
    return _Phrase(value, f"({value + 2} {left.text} {right.text})")


def _quality(random: np.random.Generator) -> _Phrase:
    word = str(random.choice(list(_ADJECTIVES)))
    phrase = _word(word, _ADJECTIVES[word])
    if random.random() < 0.3:
        phrase = _joined(2 * int(np.sign(phrase.value)), _word("very"), phrase)
    if random.random() < 0.35:
        phrase = _joined(-int(np.sign(phrase.value)), _word("not"), phrase)
    return phrase


def _clause(random: np.random.Generator) -> _Phrase:
    subject = _joined(0, _word("the"), _word(str(random.choice(_SUBJECTS))))
    quality = _quality(random)
    return _joined(quality.value, subject, _joined(quality.value, _word("is"), quality))


def _sentence(random: np.random.Generator) -> _Phrase:
    phrase = _clause(random)
    while random.random() < 0.45:
        word = "but" if random.random() < 0.6 else "and"
        other = _clause(random)
        value = other.value if word == "but" else round((phrase.value + other.value) / 2)
        phrase = _joined(value, phrase, _joined(other.value, _word(word), other))
    return phrase
