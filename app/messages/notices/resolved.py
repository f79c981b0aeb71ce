"""A ticket is solved."""

from dataclasses import dataclass

from app.domain.verbs import Verb
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ResolvedNotice(Notice):
    """To the requester, who says whether it works."""

    code = "resolved"
    key = "notice.resolved"
    quotes = True
    buttons = (Verb.CONFIRM, Verb.REOPEN)
    sample = NoticeSample(
        "resolved",
        words=(
            "Ein Update auf dem VPN-Server hat die Sitzungen getrennt. Es ist zurückgenommen, "
            "die Verbindung hält jetzt wieder. Es muss nichts installiert werden.",
            "An update on the VPN server ended the sessions. It has been taken back, "
            "the connection holds again. Nothing needs to be installed.",
        ),
    )
