"""From people's words to what is stored and looked up: one analysis for both languages and both databases.

A word is folded (Störung, STOERUNG → stoerung; ß → ss; é → e) and then known by its German and by its English stem,
for nobody says what language they write in; words of other languages are found as they are written. Whatever else
people type is no word, so none of it reaches a database.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import Protocol

from app.domain.normal_form import normal_form

LONGEST = 40
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_TOKEN = re.compile(r"[^\W_]+(?:[-‐‑'’.][^\W_]+)*")  # e-mail, wi-fi, 10.0.0.1
_PIECE = re.compile(r"[^\W_]+")
_HAS_DIGIT = re.compile(r"\d")

_IN_EVERY_SENTENCE = """
    aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist da damit
    danach dann das dass dein deine dem den denn der des deshalb dich die dies diese diesem diesen dieser dieses dir
    doch dort du durch ein eine einem einen einer eines er es etwa etwas euch euer fuer gar gegen gerade haben habe hab
    habt hat hatte hatten hier ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder
    jedes jemand jetzt kann kannst kein keine keinem keinen keiner koennen koennt koennte koennten leider mal man
    manchmal mehr mein meine meinem meinen meiner meines mich mir mit muss muessen nach nachdem nein nicht nichts noch
    nun nur ob oder ohne schon seit sehr sein seine seinem seinen seiner sich sie sind so sobald soll sollen sollte
    sonst ueber um und uns unser unsere unter viel vom von vor wann war waren warum was weg weil welche welcher welches
    wenn wer werde werden wie wieder wieso will wir wird wo wollen wollte worden wurde wuerde zu zum zur zwar zwischen
    heute gestern morgen frueh tag tage abend moin hallo hi hey servus guten gruss gruesse liebe lieber danke dank
    dankeschoen vielen bitte tschuess okay ok super toll gut hilfe helfen hilft problem probleme geht gehen ging
    funktioniert funktionieren klappt tut macht machen mache gemacht brauche brauchen moechte moechten weiss weiter

    about after again all also am an and any are as at be because been before being but by can cannot could did do does
    doing don done down during each few for from further get gets getting give go goes going good had has have having he
    hello her here him his how if in into is isn it its just know let like many me more most much must my need needs no
    nor not now of off on once only or other our out over own please same she should since so some still such sure than
    thank thanks that the their them then there these they this those through to today too tomorrow try trying under
    until up us use very want was way we were what when where which while who why will with won work working works would
    yesterday yes you your help issue issues morning evening
"""
# in so many titles that one of them alone says nothing about the matter
_IN_MANY_TITLES = """
    neu neue neuen neuer neues new alt alte alten alter altes old einrichten eingerichtet einstellen nutzen benutzen
    verwenden starten set setup start stop bekomme bekommen erhalte zugang firma company office buero arbeit computer
"""
_STOPWORDS = frozenset(_IN_EVERY_SENTENCE.split())
_GENERAL = frozenset(_IN_MANY_TITLES.split())


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for: the word, the stems it is known by, and whether it says something about the matter."""

    word: str
    stems: frozenset[str]
    is_telling: bool


def fold(text: str) -> str:
    """Small letters of which umlauts are written out and accents are gone."""
    folded = normal_form("NFC", normal_form("NFKC", text).casefold()).translate(_UMLAUTS)
    if folded.isascii():
        return folded
    return "".join(c for c in normal_form("NFKD", folded) if not unicodedata.combining(c))


def terms(query: str, *, most: int) -> list[Term]:
    """The words of a query, each once, in their order; words that are in every sentence are left out."""
    found: dict[str, Term] = {}
    for pieces, joined in _tokens(query):
        for piece in pieces:
            if piece not in found and not _is_noise(piece):
                known_by = stems(piece) | (stems(joined) if joined else frozenset())
                found[piece] = Term(piece, known_by, piece not in _GENERAL)
        if len(found) >= most:
            break
    return list(found.values())[:most]


def words(text: str) -> set[str]:
    """The different words of a text, folded; a compound with a hyphen counts in one piece, too."""
    found: set[str] = set()
    for pieces, joined in _tokens(text):
        found.update(piece for piece in pieces if not _is_noise(piece))
        if joined:
            found.add(joined)
    return found


def _tokens(text: str) -> Iterator[tuple[list[str], str | None]]:
    for token in _TOKEN.findall(fold(text)):
        if token.isalnum():
            yield [token[:LONGEST]], None
        else:
            pieces = [piece[:LONGEST] for piece in _PIECE.findall(token)]
            yield pieces, "".join(pieces)[:LONGEST]


def _is_noise(word: str) -> bool:
    return word in _STOPWORDS or len(word) < 2


@lru_cache(maxsize=16_384)
def stems(word: str) -> frozenset[str]:
    """What a folded word is known by; a number or a device's name only by itself."""
    if _HAS_DIGIT.search(word):
        return frozenset({word})
    with _ONE_AT_A_TIME:
        return frozenset(stemmer.stemWord(word) for stemmer in _stemmers())


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802  # the library's name


_ONE_AT_A_TIME = threading.Lock()  # a stemmer keeps the word it works on, and databases are read in threads


@cache
def _stemmers() -> tuple[_Stemmer, ...]:
    import snowballstemmer  # thirty languages: loaded when somebody first searches or writes

    return snowballstemmer.stemmer("german"), snowballstemmer.stemmer("english")


LEAST_CORRECTED = 4
_FEW_LETTERS = 7
_HEAD = 7


def allowed_edits(word: str) -> int:
    """How many slips are forgiven: none in short words, numbers and names of devices, two in long words."""
    if len(word) < LEAST_CORRECTED or _HAS_DIGIT.search(word):
        return 0
    return 1 if len(word) <= _FEW_LETTERS else 2


def residues(word: str) -> set[str]:
    """What is left of the beginning of a word when as many letters as slips are forgiven are taken out.

    Two words that differ by no more than these slips share one of them, so a misspelt word is found by looking its
    residues up, however many words there are.
    """
    head = word[:_HEAD]
    left = {head}
    for taken in range(1, allowed_edits(word) + 1):
        left.update("".join(kept) for kept in combinations(head, len(head) - taken))
    return left


def is_slip_of(typed: str, meant: str) -> bool:
    """Whether somebody who meant the one word may have typed the other; the first letter is hardly ever wrong."""
    most = allowed_edits(typed)
    if abs(len(typed) - len(meant)) > most or (typed[0] != meant[0] and typed[:2] != meant[1::-1]):
        return False
    return _distance(typed, meant, most) <= most


def _distance(one: str, other: str, most: int) -> int:
    """Letters wrong, missing, too many or swapped with their neighbour, as far as they are at `most` so many."""
    too_many = most + 1
    before: list[int] = []
    above = [min(column, too_many) for column in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        here = [min(row, too_many), *[too_many] * len(other)]
        for column in range(max(1, row - most), min(len(other), row + most) + 1):
            against = other[column - 1]
            cost = (
                above[column - 1] if letter == against else min(above[column - 1], above[column], here[column - 1]) + 1
            )
            if cost and row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            here[column] = cost
        if min(here) > most:
            return too_many
        before, above = above, here
    return above[-1]
