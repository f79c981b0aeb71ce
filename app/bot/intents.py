"""What a short remark is about, where it is no request: a greeting, thanks, the question how things stand."""

import re
from enum import Enum, auto

from app.desk.routing import fold
from app.i18n import Texts


class Intent(Enum):
    """What needs no form."""

    GREETING = auto()
    THANKS = auto()
    STATUS = auto()


_MOST_WORDS = 8


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
        asked = texts.words("words.talk_status")
        self._status = re.compile("|".join(map(_question, asked)) or r"(?!)")

    def is_greeting(self, text: str) -> bool:
        """Whether the words greet and say nothing else."""
        words = fold(text).split()
        return bool(words) and self._greeting.issuperset(words)

    def intent(self, text: str) -> Intent | None:
        """The intent of a short remark; None for whatever may be a request for help."""
        if len(text) > 120:
            return None
        words = fold(text).split()
        if not words or len(words) > _MOST_WORDS:
            return None
        if self.is_greeting(text):
            return Intent.GREETING
        if "?" not in text and not self._thanks.isdisjoint(words) and self._around_thanks.issuperset(words):
            return Intent.THANKS
        return Intent.STATUS if self._status.search(" ".join(words)) else None


def _question(pattern: str) -> str:
    """`how is|how are … ticket`: any of the first words, and any of those behind the dots not far after it."""
    parts = ("|".join(fold(words) for words in part.split("|")) for part in pattern.split("…"))
    return r"\b.{0,25}\b".join(rf"\b(?:{part})\b" for part in parts)
