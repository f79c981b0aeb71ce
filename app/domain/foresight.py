"""What the clocks of a ticket will do as long as nobody does anything: its escalation, played through ahead of time."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from app.domain.clocks import Clock, TermsOf, promises
from app.domain.escalation import Due, Policies, Policy, agenda, breaks_promise, fire, promised_anew, raised
from app.domain.offering import defer_offer, next_offer, wanted_offer
from app.domain.people import DESK
from app.domain.ticket import DeferredOffer, EscalationReason, Offer, Ticket
from app.domain.transitions import offer_to_line

MOST = 300  # a promise that is missed again and again goes on for ever


class Foreseen(NamedTuple):
    """One step that will be done at `at`, with the ticket before and after it. `is_own`: its clock runs already.

    `asks_deferred` is an offer of an earlier step that waited until then.
    """

    at: datetime
    due: Due
    before: Ticket
    after: Ticket
    is_own: bool
    asks_deferred: DeferredOffer | None = None


def foresee(
    ticket: Ticket,
    policies: Policies,
    terms_of: TermsOf,
    *,
    now: datetime,
    newest: Policy,
    lines: Collection[str],
) -> list[Foreseen]:
    """Every step of every clock that runs, and of an offer that follows from one, in the order of their times.

    `newest` is the policy an offer would start with, `lines` are those the desk has.
    """
    known = {promise.generation for promise in promises(ticket, terms_of)}
    found: list[Foreseen] = []
    at = now
    while len(found) < MOST:
        ahead = agenda(ticket, policies, terms_of)
        if not any(_is_finite(due, known) for due in ahead):
            break
        due, before = ahead[0], ticket
        at = max(due.at, at)  # a target that became tighter may be used up already
        fired = _after(fire(ticket, due), due, at, newest, lines)
        ticket, deferred = next_offer(before, fired, terms_of, lines)
        ticket = _offered(ticket, deferred, at, newest)
        if ticket.offer and not before.offer:
            policies = policies._replace(of_offer=newest)
        found.append(Foreseen(at, due, before, ticket, due.promise.generation in known, deferred))
    return found


def _is_finite(due: Due, known: Collection[str]) -> bool:
    """Whether the clock comes to an end: of the promises that follow each other there is always one more."""
    return due.promise.clock is not Clock.NEXT_UPDATE or due.promise.generation in known


def _after(ticket: Ticket, due: Due, at: datetime, newest: Policy, lines: Collection[str]) -> Ticket:
    step = due.step
    if step and step.raise_priority:
        ticket = raised(ticket, at)
    if wanted := wanted_offer(ticket, due, lines):
        ticket = defer_offer(ticket, wanted) if ticket.offer else _offered(ticket, wanted, at, newest)
    return promised_anew(ticket, at) if breaks_promise(due) else ticket


def _offered(ticket: Ticket, wanted: DeferredOffer | None, at: datetime, newest: Policy) -> Ticket:
    if wanted is None:
        return ticket
    offer = Offer(wanted.line, DESK, at, EscalationReason.TIME, "", "", policy=newest.digest(), cause=wanted.cause)
    return offer_to_line(ticket, offer)
