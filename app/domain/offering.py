"""What the escalation offers by itself: at once, or as soon as an offer that is open has ended.

A ticket is offered to one line at a time. What a step of the policy offers meanwhile is deferred until the open offer
ends without being accepted. A line that accepts gets until the next promise to the requester is missed: to accept a
ticket is not to solve it. What is deferred is let go with the clock that it is about.
"""

from collections.abc import Collection, Iterator

from app.domain.changing import changed
from app.domain.clocks import Clock, TermsOf, promises
from app.domain.escalation import Due
from app.domain.ticket import OPEN, DeferredOffer, OfferCause, Ticket


def wanted_offer(ticket: Ticket, due: Due, lines: Collection[str]) -> DeferredOffer | None:
    """The offer that a step asks for; None where it asks for none, or the ticket is at that line, or offered to it."""
    line = due.step.offer_to if due.step else None
    there_already = (ticket.line, ticket.offer.line if ticket.offer else None)
    if due.step is None or line is None or line not in lines or line in there_already:
        return None
    cause = OfferCause(due.promise.clock.value, due.percent, due.promise.due_at or due.at)
    return DeferredOffer(line, due.promise.key, cause, due.step.rule)


def defer_offer(ticket: Ticket, offer: DeferredOffer) -> Ticket:
    """The ticket with an offer that waits for the open one to end, in the place of an earlier one to the same line."""
    others = tuple(each for each in ticket.deferred_offers if each.line != offer.line)
    return changed(ticket, deferred_offers=(*others, offer))


def next_offer(
    before: Ticket, after: Ticket, terms_of: TermsOf, lines: Collection[str]
) -> tuple[Ticket, DeferredOffer | None]:
    """What a change means for what is deferred: the ticket afterwards, and the offer that is to be made now."""
    if not after.deferred_offers:
        return after, None
    waiting = tuple(_still_waiting(before, after, terms_of, lines))
    is_due = after.offer is None and (_ended_unaccepted(before, after) or _misses_promise(before, after))
    due, left = (waiting[0], waiting[1:]) if waiting and is_due else (None, waiting)
    return (after if left == after.deferred_offers else changed(after, deferred_offers=left)), due


def _still_waiting(before: Ticket, after: Ticket, terms_of: TermsOf, lines: Collection[str]) -> Iterator[DeferredOffer]:
    """Those whose clock still runs, from the same start and to the same end. A return is a word to the requester and
    ends the clock of the offer: what waited for it still counts then.
    """
    if after.status not in OPEN:
        return
    known = [after, before] if _ended_unaccepted(before, after) else [after]
    running = {promise.key for ticket in known for promise in promises(ticket, terms_of) if promise.ended_at is None}
    no_word_came = any(ticket.promises_missed for ticket in known)  # of missed promises each begins another clock
    elsewhere = set(lines) - {after.line, after.offer.line if after.offer else None}
    for each in after.deferred_offers:
        still_counts = each.key in running or (each.cause.clock == Clock.NEXT_UPDATE.value and no_word_came)
        if still_counts and each.line in elsewhere:
            yield each


def _ended_unaccepted(before: Ticket, after: Ticket) -> bool:
    return before.offer is not None and after.offer is None and after.line == before.line


def _misses_promise(before: Ticket, after: Ticket) -> bool:
    return after.promises_missed > before.promises_missed
