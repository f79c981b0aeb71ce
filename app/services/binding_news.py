"""What follows when a line was bound to a channel or a binding was undone: who is told, and where its cards are."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.people import Actor
from app.messages.answers.binding import BindingNotice, TakenOut
from app.services import outgoing, tickets
from app.services.access import line_slot
from app.services.binding_view import readers
from app.services.lines import Change
from app.store import bindings, cards, copies, outbox, people
from app.store.copy_names import words_of_binding
from app.store.messages import QueuedMessage, Way
from app.store.outbox import Draft

MOVED_AT_MOST = 200
"""Cards that follow a line to another channel at once: as many as wait for one (`tickets.WAITING_CARDS`)."""
CLEARED_AT_MOST = 2000
"""Cards that are cleared out of a channel that should not have been the line's."""


def drafts(tx: Connection, desk: Desk, change: Change, actor: Actor, now: datetime) -> list[Draft]:
    """Every message that the change causes: notices for whoever answers for the line and the desk, and its cards."""
    return [*_notices(desk, change, actor), *_notices_anew(tx, change), *_cards(tx, desk, change)]


def _notices(desk: Desk, change: Change, actor: Actor) -> Iterator[Draft]:
    """Nobody is told about their own action."""
    for person in readers(desk, change.line):
        if person not in actor.ids:
            yield outgoing.say(f"person:{person}", BindingNotice(change.binding))


def _notices_anew(tx: Connection, change: Change) -> Iterator[Draft]:
    """What was told of the bindings that ended or hold again, as it is now."""
    row = bindings.find(tx, change.binding)
    concerned: list[int | None] = [change.binding, row.former if row else None]
    for binding in filter(None, concerned):
        yield from (outgoing.written_anew(each) for each in _unsent(tx, binding))
        yield from (outgoing.written_anew(each) for each in copies.of(tx, words_of_binding(binding)))


def _unsent(tx: Connection, binding: int) -> Iterable[QueuedMessage]:
    """What may just be leaving as it was; read before what was sent, or one that arrives in between is overlooked."""
    return [message for message in outbox.unsent_of_binding(tx, binding) if message.way is not Way.EDIT]


def _cards(tx: Connection, desk: Desk, change: Change) -> list[Draft]:
    """The cards of the line's tickets: taken out of the channel it left, and posted in the one it works in."""
    told = list(_taken_out(tx, change))
    return told + (tickets.without_card(tx, desk, change.line) if change.now_in else [])


def _taken_out(tx: Connection, change: Change) -> Iterator[Draft]:
    if change.left is None or people.is_removed(tx, (change.left,)):
        return
    row, slot = bindings.find(tx, change.binding), line_slot(change.line)
    since = row.bound_at if row and change.undone else None
    most = CLEARED_AT_MOST if change.undone else MOVED_AT_MOST
    for card in cards.of_line(tx, change.line, slot, since=since, limit=most):
        if card.conversation.partition(";")[0] == change.left:
            cards.forget(tx, card.ticket, slot)
            yield outgoing.edit(f"chat:{card.conversation}", TakenOut(), card.activity, card.ticket)
