"""The ticket stands for itself again: its latest link is taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.link import Link, LinkedTo
from app.actions.registry import register
from app.domain.errors import NotNow
from app.domain.events import AboutOther
from app.domain.lifecycle import NOT_ENDED_OR_MERGED, has_ended
from app.domain.merging import BeforeMerging, before_merging, merged_into
from app.domain.people import Actor, Role
from app.domain.ticket import Relation, Ticket
from app.domain.transitions import undo_merge
from app.messages.notices.merged import UnmergedNotice
from app.services.link_rules import LINKED_BY_AGENTS, merged_messages
from app.services.outgoing import Happened
from app.services.unit_of_work import UnitOfWork
from app.store import history, links, tickets
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Unlink:
    """`number` is the other ticket's; `was` is what merging had changed, if it is merged. The desk fills them in."""

    number: str = ""
    relation: Relation = Relation.CHILD_OF
    was: BeforeMerging | None = None
    verb: ClassVar = "ticket.unlink"


@dataclass(frozen=True)
class UnlinkedFrom(AboutOther):
    """The other ticket, and what this one was to it."""

    relation: Relation


def state_before_merging(tx: Connection, ticket: Ticket) -> BeforeMerging | None:
    """What merging changed; None where the ticket is not merged (any more)."""
    for event in history.latest(tx, ticket.id, (Link.verb,), limit=1) if merged_into(ticket) else ():
        if isinstance(event.data, LinkedTo):
            return before_merging(event.changes.old, to_assign=bool(event.data.to_assign))
    return None


@register
class UnlinkAction(Action[Unlink]):
    """A merged ticket is as it was before."""

    code = Unlink.verb
    roles = frozenset({Role.AGENT})
    statuses = NOT_ENDED_OR_MERGED
    during_offer = False
    inputs = Unlink
    event = UnlinkedFrom
    button = Placement(rank=180, more=True)

    def is_possible(self, ticket: Ticket) -> bool:
        return ticket.is_linked and not has_ended(ticket)

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: Unlink) -> Unlink:
        """Raise `NotNow` where there is no link that an agent made."""
        for relation in LINKED_BY_AGENTS:
            link = links.latest_from(work.tx, ticket.id, relation)
            other = tickets.find(work.tx, link.other) if link else None
            if other:
                return Unlink(other.ticket.number, relation, state_before_merging(work.tx, ticket))
        raise NotNow(verb=self.code, number=ticket.number)

    def apply(self, ticket: Ticket, inputs: Unlink, act: Act) -> Outcome:
        apart = undo_merge(ticket, inputs.was, act.at, act.reopen_for) if inputs.was else ticket
        return Outcome(apart, UnlinkedFrom(inputs.number, inputs.relation))

    def messages(self, change: Happened) -> Iterable[Draft]:
        return merged_messages(change, UnmergedNotice())
