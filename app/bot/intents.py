"""What a short remark is about, where it is no request: a greeting, thanks, the question how things stand."""

import re
from enum import Enum, auto

from app.desk.routing import fold


class Intent(Enum):
    """What needs no form."""

    GREETING = auto()
    THANKS = auto()
    STATUS = auto()


_MOST_WORDS = 8
_GREETINGS = """
    hi hello hey hallo moin moinmoin servus gruezi guten tag morgen abend good morning afternoon evening day na there
    zusammen bot liebes team liebe kolleginnen kollegen gruess gott dich
"""
_THANKS = """
    danke dank dankeschoen vielen lieben herzlichen besten thanks thank you thx many tausend schoen sehr merci super
    prima toll perfekt great perfect cool klasse so much very ok okay euch dir ihnen fuer die hilfe for your the help
    alles klar jetzt geht es wieder it works now a lot of you all dass das euch dir
"""
_GREETING_WORDS = frozenset(_GREETINGS.split())
_THANKING_WORDS = _GREETING_WORDS | frozenset(_THANKS.split())
_THANKS_WORD = re.compile(r"\b(?:dank\w*|thank\w*|thx|merci)\b")
_STATUS = re.compile(
    r"(?:was|what|wie|how)\b.{0,25}\b(?:status|stand|neues|new|news)\b"
    r"|\b(?:gibt es|any)\b.{0,20}\b(?:neues|neuigkeiten|news|update)"
    r"|\b(?:wie weit|how far|how is|wie steht es|how are)\b.{0,25}\b(?:ticket|tickets|anfrage|request)"
    r"|\b(?:status|stand)\b.{0,15}\b(?:ticket|tickets|anfrage|request)"
)


def intent(text: str) -> Intent | None:
    """The intent of a short remark in German or English; None for whatever may be a request for help."""
    if len(text) > 120:
        return None
    words = fold(text).split()
    if not words or len(words) > _MOST_WORDS:
        return None
    said = " ".join(words)
    if set(words) <= _GREETING_WORDS:
        return Intent.GREETING
    if _THANKS_WORD.search(said) and set(words) <= _THANKING_WORDS:
        return Intent.THANKS
    return Intent.STATUS if _STATUS.search(said) else None
