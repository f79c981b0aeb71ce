"""What follows from a change of a ticket besides its messages: one ordered list, and nothing follows from elsewhere.

Each entry gets the change as the entries before it left it, and returns the ticket as it is then. What follows besides
for the ticket or for another one goes through the same pipeline.
"""

from collections.abc import Callable
from typing import NamedTuple

from app.domain.ticket import Ticket
from app.services import deferred_offers, escalation_counts, linking, pings, preventions
from app.services.deferred_offers import Apply
from app.services.linking import Perform
from app.services.unit_of_work import Change, UnitOfWork


class Pipeline(NamedTuple):
    """How a consequence changes something: `apply` the ticket that has just changed, `perform` another one."""

    apply: Apply
    perform: Perform


class Consequence(NamedTuple):
    """A rule that looks at every change; its name is what logs and documents call it."""

    name: str
    follow: Callable[[UnitOfWork, Change, Pipeline], Ticket]


def _follow_preventive_action(work: UnitOfWork, change: Change, _pipeline: Pipeline) -> Ticket:
    preventions.follow_change(work, change)
    return change.after


def _begin_pings(work: UnitOfWork, change: Change, _pipeline: Pipeline) -> Ticket:
    return escalation_counts.begin_pings(work, change)


def _settle_pings(work: UnitOfWork, change: Change, _pipeline: Pipeline) -> Ticket:
    if change.before.is_pinged:
        pings.settle(work, change.after)
    return change.after


def _follow_linked_tickets(work: UnitOfWork, change: Change, pipeline: Pipeline) -> Ticket:
    linking.follow_change(work, change, pipeline.perform)
    return change.after


def _make_deferred_offer(work: UnitOfWork, change: Change, pipeline: Pipeline) -> Ticket:
    return deferred_offers.follow_change(work, change, pipeline.apply)


CONSEQUENCES = (
    Consequence("preventive_action", _follow_preventive_action),
    Consequence("begin_pings", _begin_pings),
    Consequence("settle_pings", _settle_pings),
    Consequence("linked_tickets", _follow_linked_tickets),
    Consequence("deferred_offer", _make_deferred_offer),
)
