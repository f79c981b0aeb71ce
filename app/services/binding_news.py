"""What follows when a line was bound to a channel or a binding was undone: who is told, and where its cards are."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.people import Actor
from app.domain.views import BindingView
from app.services import outgoing, tickets, views
from app.services.access import line_slot
from app.services.lines import Change, places
from app.store import bindings, cards, copies, outbox, people
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
    line = desk.lines[change.line]
    for person in dict.fromkeys(each for each in (line.lead, line.deputy, *desk.admins) if each):
        if person not in actor.ids:
            yield outgoing.say(f"person:{person}", "binding", binding=change.binding)


def _notices_anew(tx: Connection, change: Change) -> Iterator[Draft]:
    """What was told of the bindings that ended or hold again, as it is now."""
    row = bindings.find(tx, change.binding)
    concerned: list[int | None] = [change.binding, row.former if row else None]
    for binding in filter(None, concerned):
        yield from (outgoing.written_anew(each) for each in _unsent(tx, binding))
        yield from (outgoing.written_anew(each) for each in copies.of(tx, words_of(binding)))


def _unsent(tx: Connection, binding: int) -> Iterable[QueuedMessage]:
    """What may just be leaving as it was; read before what was sent, or one that arrives in between is overlooked."""
    return [message for message in outbox.unsent_of_binding(tx, binding) if message.way is not Way.EDIT]


def words_of(binding: int) -> str:
    """The name under which the notices of a binding are remembered."""
    return f"binding:{binding}"


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
            yield outgoing.edit(f"chat:{card.conversation}", "taken_out", card.activity, card.ticket)


def view(tx: Connection, desk: Desk, binding: int) -> BindingView | None:
    """A binding as its notice shows it; None where there is none."""
    row = bindings.find(tx, binding)
    if row is None:
        return None
    former = bindings.find(tx, row.former) if row.former else None
    held = bindings.of_line(tx, row.line)
    counts = any(place.line == row.line and held and place.channel == held.channel for place in places(tx, desk))
    return BindingView(
        id=row.id,
        line=views.line_view(desk, row.line),
        channel=row.channel_name or row.channel,
        team=row.team_name or row.team,
        by=views.person(tx, row.bound_by),
        at=row.bound_at,
        former=(former.channel_name or former.channel) if former else None,
        ended_by=views.person(tx, row.ended_by) if row.ended_by else None,
        ended_at=row.ended_at,
        undone=row.undone,
        now_in=(held.channel_name or held.channel) if held and counts else None,
        in_desk_file=bool(row.line in desk.lines and desk.lines[row.line].channel),
    )
