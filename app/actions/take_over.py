"""Somebody who was pinged makes the ticket theirs, and accepts the hand-over where the ping was about one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.registry import register
from app.domain.events import EventData
from app.domain.people import Role
from app.domain.ticket import OPEN, Ticket
from app.domain.transitions import assign_to, give_public_word, move_to_offered_line
from app.messages.notices.accepted import AcceptedInThread, AcceptedNotice
from app.messages.notices.taken import TakenFromYou, TakenNotice
from app.services.outgoing import Happened, show_cards, tell, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class TakeOver:
    """`accepts` where the ping was about a hand-over."""

    accepts: bool = False
    verb: ClassVar = "ping.take_over"


@dataclass(frozen=True)
class TakenOver(EventData):
    """The line that had it, where it was accepted by that."""

    from_: str | None = None

    @property
    def own_line(self) -> str | None:
        return self.from_


@register
class TakeOverAction(Action[TakeOver]):
    """Its button stands on the ping's card."""

    code = TakeOver.verb
    roles = frozenset({Role.PINGED})
    statuses = OPEN
    inputs = TakeOver
    event = TakenOver
    button = Placement(rank=10)

    def apply(self, ticket: Ticket, inputs: TakeOver, act: Act) -> Outcome:
        if inputs.accepts and ticket.offer:
            moved = move_to_offered_line(ticket, act.by, act.at)
            return Outcome(give_public_word(moved, act.at), TakenOver(ticket.line))
        return Outcome(give_public_word(assign_to(ticket, act.by, act.at), act.at))

    def messages(self, change: Happened) -> Iterable[Draft]:
        is_accepted = change.before.line != change.after.line
        yield from tell(change, change.after.requester, AcceptedNotice() if is_accepted else TakenNotice())
        if is_accepted:
            yield from tell_line(change, change.before.line, AcceptedInThread())
        elif change.before.assignee != change.after.assignee:
            yield from tell(change, change.before.assignee, TakenFromYou(), change.before.line)
        yield from show_cards(change)
