"""Files are fetched beside the conversation: what becomes of them is shown, or told, when it is known."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.files import Attachment
from app.services import outgoing
from app.store import outbox, tickets
from app.store.outbox import Draft


def show(tx: Connection, desk: Desk, kept: Attachment, *, now: datetime) -> None:
    """Show a file that arrived after its form was sent on the cards of its ticket."""
    found = tickets.find(tx, kept.ticket or 0)
    if found:
        tickets.mark_files(tx, found.ticket.id)
        outbox.put(tx, outgoing.cards_of(desk, found.ticket), now=now, correlation=None, by=kept.person)


def tell_sender(tx: Connection, person: str, sentences: Iterable[Draft], *, now: datetime) -> None:
    """Tell the sender of files what could not be kept."""
    outbox.put(tx, sentences, now=now, correlation=None, by=person)
