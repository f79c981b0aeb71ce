"""A ticket is closed."""

from dataclasses import dataclass

from app.domain.verbs import Verb
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ClosedNotice(Notice):
    """To the requester, who may say how it went."""

    code = "closed"
    key = "notice.closed"
    buttons = (Verb.RATE,)
    names_title = True
    sample = NoticeSample("closed", "desk")
