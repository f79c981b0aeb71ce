"""What a short remark is about, where it is no request: a greeting, thanks, the question how things stand."""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto

from app.desk.routing import fold
from app.i18n import Texts


class Intent(Enum):
    """What needs no form."""

    GREETING = auto()
    THANKS = auto()
    STATUS = auto()
    AGREES = auto()
    """Fine with them, or an answer to what they were asked: "ok", a thumb."""


_CLAUSE_END = re.compile(r"[,.!:;\n]")
_WORD = re.compile(r"\w+")
_LONGEST = 120
_MOST_WORDS = 8
_MOST_WORDS_WITH_A_NAME = 4
_SIGNS = frozenset("👍👌🙏👏💪🤝🎉✅💯❤💚💙")
_UNSEEN = frozenset("\ufe0e\ufe0f\u200d🏻🏼🏽🏾🏿")
"""What changes the look of the sign before it."""


class SmallTalk:
    """Understands short remarks by the words that the catalogues name under `words.talk_…`."""

    def __init__(self, texts: Texts) -> None:
        greeting, thanks, beside = (
            {word for phrase in texts.words(f"words.talk_{name}") for word in fold(phrase).split()}
            for name in ("greeting", "thanks", "beside_thanks")
        )
        self._greeting = frozenset(greeting)
        self._thanks = frozenset(thanks)
        self._around_thanks = frozenset(greeting | thanks | beside)
        self._agrees = frozenset(map(fold, texts.words("words.talk_agrees")))
        self._status = _any(texts.words("words.talk_status"))
        self._done = _any(texts.words("words.talk_done"))

    def is_greeting(self, text: str) -> bool:
        """Whether the words greet and say nothing else."""
        words = fold(text).split() if len(text) <= _LONGEST else ()
        return bool(words) and self._greeting.issuperset(words)

    def intent(self, text: str) -> Intent | None:
        """The intent of a short remark; None for whatever may be a request for help."""
        if len(text) > _LONGEST:
            return None
        words = fold(text).split()
        if not words:
            return Intent.AGREES if _agrees_by_signs(text) else None
        if len(words) > _MOST_WORDS:
            return None
        if self.is_greeting(text):
            return Intent.GREETING
        if "?" not in text and self._thanks_in(text, words):
            return Intent.THANKS
        if " ".join(words) in self._agrees and "?" not in text:
            return Intent.AGREES
        asks_for_the_end = any(self._done.match(fold(clause)) for clause in _CLAUSE_END.split(text))
        return Intent.STATUS if asks_for_the_end or self._status.search(" ".join(words)) else None

    def _thanks_in(self, text: str, words: Sequence[str]) -> bool:
        """Whether somebody is thanked and nothing else is said; one word may be a name."""
        others = [word for word in words if word not in self._around_thanks]
        is_name = len(others) == 1 and len(words) <= _MOST_WORDS_WITH_A_NAME and _is_name(others[0], text)
        return not self._thanks.isdisjoint(words) and (not others or is_name)


def _is_name(word: str, text: str) -> bool:
    """Whether a word is written as names are, and does not begin the sentence."""
    return any(fold(each) == word and each.istitle() for each in _WORD.findall(text)[1:])


def _agrees_by_signs(text: str) -> bool:
    signs = {char for char in text if not char.isspace()} - _UNSEEN - {"!", "."}
    return bool(signs) and signs <= _SIGNS


def _any(questions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(_question, questions)) or r"(?!)")


def _question(pattern: str) -> str:
    """`how is|how are … ticket`: any of the first words, and any of those behind the dots not far after it."""
    parts = ("|".join(fold(words) for words in part.split("|")) for part in pattern.split("…"))
    return r"\b.{0,25}\b".join(rf"\b(?:{part})\b" for part in parts)
