"""Typed words, in every language, whatever language the person speaks. Unknown input gets help, never silence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from app.domain import ticket_number
from app.i18n import Texts


class Word(Enum):
    """What somebody can type; the catalogues name the words for it under `words.<name>`."""

    NEW = auto()
    MINE = auto()
    TICKET = auto()
    HELP = auto()
    LANGUAGE = auto()
    BIND = auto()
    UNBIND = auto()
    QUEUE = auto()
    REPLY = auto()
    NOTE = auto()
    DELIVERIES = auto()
    WORK = auto()
    UNASSIGNED = auto()
    AT_RISK = auto()
    RESOLVED = auto()
    VIEWS = auto()
    EXPLAIN = auto()
    ABSENT = auto()
    BACK = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """A word and what stands behind it; `number` is the ticket's id where one is named."""

    word: Word
    rest: str = ""
    number: int | None = None


LONGEST_COMMAND = 60
TYPED = tuple(word for word in Word if word not in (Word.TICKET, Word.UNKNOWN))
_MOST_WORDS_BEHIND = {Word.LANGUAGE: 2, Word.BIND: 1, Word.UNBIND: 1, Word.QUEUE: 1}
"""What more words stand behind is a sentence: "Queue of the printer is stuck"."""
_WITH_REST = (Word.LANGUAGE, Word.BIND, Word.UNBIND, Word.QUEUE, Word.REPLY, Word.NOTE)
_PLACE_OR_SPACE = re.compile(r"(\{\w+\}|\s+)")
_PLACES = {"{number}": ticket_number.PREFIXED, "{day}": r"(.+)"}


class Commands:
    """The words of all languages. Where two languages mean different things by one word, the desk's own counts."""

    def __init__(self, texts: Texts, lines: Iterable[str] = ()) -> None:
        """`lines` are the names that lines go by; several words of theirs may stand behind a word, too."""
        self._lines = frozenset(map(_folded, lines))
        words: dict[Word, tuple[str, ...]] = {word: texts.words(f"words.{word.name.lower()}") for word in TYPED}
        self._alone = {"?": Word.HELP}
        for word in reversed(TYPED):
            self._alone |= {" ".join(phrase.lower().split()): word for phrase in words[word]}
        with_rest = (f"(?P<{word.name}>{_either(words[word])})" for word in _WITH_REST)
        self._with_rest = re.compile(rf"(?:{'|'.join(with_rest)}):?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
        of_ticket = (*words[Word.EXPLAIN], *texts.words("words.explain_number"))
        self._explain = re.compile(rf"(?:{_either(of_ticket)})[\s:.!?]*", re.IGNORECASE)
        self._absent = re.compile(_either(texts.words("words.absent_until")), re.IGNORECASE)

    def parse(self, typed: str) -> Command:
        """Read what was typed. A text that is longer than any command is no command."""
        text = typed.strip()
        if text and not text.strip(".,!?… "):
            return Command(Word.HELP)
        is_short = len(text) < LONGEST_COMMAND
        word = self._alone.get(" ".join(text.lower().rstrip(".!?").split()) or text) if is_short else None
        if word not in (None, Word.REPLY, Word.NOTE):
            return Command(word)
        numbered = ticket_number.split_leading(text.rstrip(" .!?"))
        if numbered and not numbered[1]:
            return Command(Word.TICKET, number=numbered[0])
        if asked := self._explain.fullmatch(text):
            told = _inserted(asked)
            return Command(Word.EXPLAIN, number=int(told) if told else None)
        if is_short and (away := self._absent.fullmatch(text)):
            return Command(Word.ABSENT, _inserted(away) or "")
        return self._followed(text)

    def _followed(self, text: str) -> Command:
        begins = self._with_rest.fullmatch(text)
        if begins is None:
            return Command(Word.UNKNOWN, text)
        word = next(word for word in _WITH_REST if begins[word.name])
        rest = (begins[begins.re.groups] or "").strip()
        is_sentence = len(rest.split()) > _MOST_WORDS_BEHIND.get(word, len(text))
        if is_sentence and not (word is Word.QUEUE and _folded(rest) in self._lines):
            return Command(Word.UNKNOWN, text)
        numbered = ticket_number.split_leading(rest)
        if numbered and word in (Word.REPLY, Word.NOTE):
            number, words = numbered
            return Command(word, words.strip(), number)
        return Command(word, rest)


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())


def _either(phrases: Iterable[str]) -> str:
    """Any of the phrases as a pattern, the longest first; `{number}` and `{day}` are groups."""
    return "|".join(map(_pattern, sorted(phrases, key=len, reverse=True))) or r"(?!)"


def _pattern(phrase: str) -> str:
    pieces = _PLACE_OR_SPACE.split(phrase)
    return "".join(r"\s+" if piece.isspace() else _PLACES.get(piece) or re.escape(piece) for piece in pieces)


def _inserted(found: re.Match[str]) -> str | None:
    """What stood in the place of the phrase that fits."""
    return next((group for group in found.groups() if group), None)
