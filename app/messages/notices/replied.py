"""Somebody of the desk wrote to the requester."""

from dataclasses import dataclass

from app.domain.verbs import Verb
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register

_SAID = ("Tritt es auch im Büro-WLAN auf?", "Does it happen on the office Wi-Fi too?")


@register
@dataclass(frozen=True, slots=True)
class RepliedNotice(Notice):
    """To the requester, who answers right here."""

    code = "replied"
    key = "notice.replied"
    quotes = True
    buttons = (Verb.COMMENT,)
    answers = True
    sample = NoticeSample(words=_SAID)


@register
@dataclass(frozen=True, slots=True)
class RepliedInThread(Notice):
    """To the line."""

    code = "thread_replied"
    key = "notice.thread.replied"
    quotes = True
    in_thread = True
    sample = NoticeSample(words=_SAID)
