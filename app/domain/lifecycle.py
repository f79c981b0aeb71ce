"""The life of a ticket: one table says which action is legal in which status for which role, one function applies it.

The buttons of every card come from the same table (`offered`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, assert_never

from app.domain import requests
from app.domain.changing import changed
from app.domain.errors import NotAllowed, NotNow, RatingTooLate, ReopenTooLate, UndoTooLate
from app.domain.events import Event
from app.domain.merging import merged_into, together_with
from app.domain.people import DESK, Role
from app.domain.ticket import OPEN, Offer, PendingReason, Relation, Status, Ticket, Wait
from app.domain.verbs import Verb

RATING_CAN_CHANGE_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do something, and when: `during_offer` tells whether it stays legal while a hand-over is open."""

    roles: frozenset[Role]
    when: frozenset[Status]
    during_offer: bool = True


def _rule(*roles: Role, when: frozenset[Status] | set[Status], during_offer: bool = True) -> Rule:
    return Rule(frozenset(roles), frozenset(when), during_offer)


_WORKED_ON = {Status.IN_PROGRESS, Status.PENDING}
_NOT_ENDED = OPEN | {Status.RESOLVED}
_OR_MERGED = _NOT_ENDED | {Status.CLOSED}  # closed only in that it is handled with another one (`is_legal`)

RULES: Mapping[Verb, Rule] = {
    # the requester
    Verb.COMMENT: _rule(Role.REQUESTER, when=_OR_MERGED),
    Verb.EDIT: _rule(Role.REQUESTER, when=OPEN),
    Verb.WITHDRAW: _rule(Role.REQUESTER, when=OPEN),
    Verb.CONFIRM: _rule(Role.REQUESTER, when={Status.RESOLVED}),
    Verb.RATE: _rule(Role.REQUESTER, when={Status.CLOSED}),
    Verb.NUDGE: _rule(Role.REQUESTER, when=OPEN),
    # the line that is responsible
    Verb.TAKE: _rule(Role.AGENT, when={Status.NEW}, during_offer=False),
    Verb.ASSIGN: _rule(Role.AGENT, when=OPEN, during_offer=False),
    Verb.GIVE_BACK: _rule(Role.AGENT, when=_WORKED_ON, during_offer=False),
    Verb.REPLY: _rule(Role.AGENT, when=_OR_MERGED),
    Verb.NOTE: _rule(Role.AGENT, when=_OR_MERGED),
    Verb.PEND: _rule(Role.AGENT, when=_WORKED_ON, during_offer=False),
    Verb.RESUME: _rule(Role.AGENT, when={Status.PENDING}, during_offer=False),
    Verb.CLASSIFY: _rule(Role.AGENT, when=OPEN, during_offer=False),
    Verb.ESCALATE: _rule(Role.AGENT, when=OPEN, during_offer=False),
    Verb.RESOLVE: _rule(Role.AGENT, when=OPEN),
    Verb.REOPEN: _rule(Role.REQUESTER, Role.AGENT, when={Status.RESOLVED}),
    Verb.NOTIFY_MANAGER: _rule(Role.AGENT, when=OPEN),
    Verb.LINK: _rule(Role.AGENT, when=_NOT_ENDED, during_offer=False),
    Verb.UNLINK: _rule(Role.AGENT, when=_OR_MERGED, during_offer=False),
    # the line that is offered a hand-over
    Verb.ACCEPT: _rule(Role.RECEIVER, when=OPEN),
    Verb.RETURN: _rule(Role.RECEIVER, when=OPEN),
    # whoever was pinged
    Verb.TAKE_OVER: _rule(Role.PINGED, when=OPEN),
}


def is_legal(ticket: Ticket, verb: Verb) -> bool:
    """Whether the verb is possible in the ticket's present state, whoever asks."""
    rule = RULES[verb]
    if ticket.status not in rule.when or (ticket.offer and not rule.during_offer):
        return False
    match verb:
        case Verb.ACCEPT | Verb.RETURN:
            return ticket.offer is not None
        case Verb.COMMENT | Verb.REPLY | Verb.NOTE:
            return not _has_ended(ticket)
        case Verb.UNLINK:
            return ticket.is_linked and not _has_ended(ticket)
        case Verb.RATE:
            return ticket.rating is None and _has_ended(ticket)
        case Verb.NUDGE:
            return ticket.may_nudge
        case _:
            return True


def _has_ended(ticket: Ticket) -> bool:
    return ticket.status not in _NOT_ENDED and merged_into(ticket) is None


def offered(ticket: Ticket, role: Role) -> tuple[Verb, ...]:
    """The verbs a card shows to somebody in this role, in the table's order."""
    return tuple(verb for verb, rule in RULES.items() if role in rule.roles and is_legal(ticket, verb))


def may_rate(ticket: Ticket, now: datetime) -> bool:
    """Whether the ticket was not rated yet, or so lately that the rating may be changed."""
    return ticket.rated_at is None or now - ticket.rated_at <= RATING_CAN_CHANGE_FOR


def check(ticket: Ticket, verb: Verb, roles: frozenset[Role]) -> None:
    """Raise `NotAllowed` when none of the roles has the verb, `NotNow` when the state forbids it."""
    if not RULES[verb].roles & roles:
        raise NotAllowed(verb=verb.value)
    if verb is Verb.RATE and ticket.rating is not None:
        return  # a second rating is judged by its time, in `apply`
    if not is_legal(ticket, verb):
        raise NotNow(verb=verb.value, number=ticket.number)


def leaves_line(before: Ticket, after: Ticket) -> bool:
    """Whether the line that was to solve it has done with it, whoever ended that: it is over, or at another line."""
    return before.status in OPEN and (after.status not in OPEN or after.line != before.line)


def apply(
    ticket: Ticket, request: requests.Request, *, actor: str, now: datetime, reopen_for: timedelta
) -> tuple[Ticket, Event]:
    """Return the ticket after the request, and what happened. Whether it is legal was checked before (`check`).

    The ticket's version moves with every change except comments, work notes and ratings.
    """
    after, data = _changed(ticket, request, actor, now, reopen_for)
    after = _waited(ticket, after, now)
    only_said = request.verb.adds_text and after.status is ticket.status
    keeps_version = only_said or request.verb is Verb.RATE
    waits_for_somebody = after.to_assign and after.status is Status.NEW and after.line == ticket.line
    after = changed(
        after,
        to_assign=waits_for_somebody and after.assignee is None,
        version=ticket.version + (not keeps_version),
        updated_at=now,
    )
    return after, Event(request.verb.value, actor, now, {**data, **_differences(ticket, after)})


def _changed(
    ticket: Ticket, request: requests.Request, actor: str, now: datetime, reopen_for: timedelta
) -> tuple[Ticket, dict[str, Any]]:
    match request:
        case requests.Take():
            return _spoken(_assigned(ticket, actor, now), now), {}
        case requests.TakeOver(accepts) if accepts and ticket.offer:
            return _spoken(_accepted(ticket, actor, now), now), {"from": ticket.line}
        case requests.TakeOver():
            return _spoken(_assigned(ticket, actor, now), now), {}
        case requests.Assign(assignee):
            return _updated(_assigned(ticket, assignee, now), now), {}
        case requests.GiveBack():
            return changed(_unassigned(ticket), status=Status.NEW), {}
        case requests.Reply(text):
            return _spoken(changed(ticket, comments=ticket.comments + 1), now), {"text": text}
        case requests.Note(text, heard_at):
            heard = {"heard_at": heard_at} if heard_at else {}
            return changed(ticket, comments=ticket.comments + 1), {"text": text, **heard}
        case requests.Comment(text):
            return _commented(ticket), {"text": text}
        case requests.Pend(reason, until, text):
            asks = reason is PendingReason.REQUESTER and bool(text)
            pending = changed(ticket, status=Status.PENDING, pending_reason=reason, pending_until=until)
            pending = changed(pending, comments=ticket.comments + asks)  # a question is a public word
            if asks and ticket.waits and ticket.pending_reason is PendingReason.REQUESTER:
                pending = changed(pending, waits=_asked_again(ticket, now))
            told = {"text": text, "reason": reason.value, "until": until and until.isoformat()}
            return _spoken(pending, now), told
        case requests.Resume():
            return _working(ticket), {}
        case requests.Classify():
            return _classified(ticket, request), {}
        case requests.Escalate():
            return _updated(changed(ticket, offer=_offer(request, actor, now)), now), _handed_over(ticket, request)
        case requests.Accept(impact):
            told = {"business_impact": impact} if impact else {}
            return _spoken(_accepted(ticket, actor, now), now), {"from": ticket.line, **told}
        case requests.Return(reason, advice):
            back = changed(ticket, offer=None, returned=ticket.returned + 1)
            refused = ticket.offer.line if ticket.offer else None
            told = {"from": refused, "to": ticket.line, "reason": reason.value, "advice": advice}
            return _updated(back, now), told
        case requests.Resolve(resolution, first_line_could, guide, prevention):
            return _spoken(_resolved(ticket, actor, now, resolution), now), {
                **_prevented(prevention),
                "text": resolution,
                "first_line_could": first_line_could and first_line_could.value,
                "guide": guide,
                "offer_ended": ticket.offer and ticket.offer.line,
            }
        case requests.Reopen(reason, policy):
            return changed(_reopened(ticket, now, reopen_for), policy=policy or ticket.policy), {"text": reason}
        case requests.Edit(title, description):
            edited = changed(ticket, title=title, description=description)
            return edited, {}
        case requests.Withdraw():
            gone = changed(ticket, status=Status.WITHDRAWN, closed_at=now, offer=None)
            return changed(gone, pending_reason=None, pending_until=None), {
                "offer_ended": ticket.offer and ticket.offer.line
            }
        case requests.Confirm():
            return changed(ticket, status=Status.CLOSED, closed_at=now), {}
        case requests.Rate(rating, text):
            if not may_rate(ticket, now):
                raise RatingTooLate
            first = ticket.rated_at or now
            return changed(ticket, rating=rating, rating_text=text, rated_at=first), {"rating": rating, "text": text}
        case requests.Nudge(why):
            return changed(ticket, nudged=ticket.nudged + 1, impact_changed=False), {"reason": why.value}
        case requests.NotifyManager(reason):
            return ticket, {"text": reason}
        case requests.Link(other, relation, number, prevention):
            linked, link = changed(ticket, is_linked=True), {"other": other, "relation": relation.value}
            if relation is Relation.DUPLICATE_OF:
                linked = _spoken(_merged(linked, number, now), now)
                link |= {"to_assign": True} if ticket.to_assign else {}
            return linked, {**link, "number": number, **_prevented(prevention)}
        case requests.Unlink(number, relation, was):
            told = {"relation": relation.value, "number": number}
            return (_unmerged(ticket, was, now, reopen_for) if was else ticket), told
        case _:
            assert_never(request)


def _spoken(ticket: Ticket, now: datetime) -> Ticket:
    """The requester heard from an agent: the first response is given, and the next word is promised from here on."""
    return changed(ticket, responded_at=ticket.responded_at or now, promised_since=now, promises_missed=0)


def _updated(ticket: Ticket, now: datetime) -> Ticket:
    """The requester heard how it stands; before the first response, that one stays what is promised."""
    if ticket.responded_at is None:
        return ticket
    return changed(ticket, promised_since=now, promises_missed=0)


def _waited(before: Ticket, after: Ticket, now: datetime) -> Ticket:
    """Begin or end the time in which the desk waits for the requester."""
    did = before.pending_reason is PendingReason.REQUESTER
    does = after.pending_reason is PendingReason.REQUESTER
    if did == does:
        return after
    if does:
        return changed(after, waits=(*after.waits, Wait(now)))
    ended = after.waits and replace(after.waits[-1], end=now)
    waits = (*after.waits[:-1], ended) if ended else ()
    return _updated(changed(after, waits=waits), now)


def _asked_again(ticket: Ticket, now: datetime) -> tuple[Wait, ...]:
    """Another question is another wait: its reminders, warning and end count from here."""
    *earlier, last = ticket.waits
    return (*earlier, replace(last, end=now), Wait(now))


def _offer(request: requests.Escalate, actor: str, now: datetime) -> Offer:
    return Offer(
        line=request.line,
        by=actor,
        at=now,
        reason=request.reason,
        tried=request.tried,
        needed=request.needed,
        policy=request.policy,
        gravity=request.gravity,
        business_impact=request.business_impact,
        cause=request.cause,
    )


def _handed_over(ticket: Ticket, request: requests.Escalate) -> dict[str, Any]:
    told: dict[str, Any] = {"to": request.line, "from": ticket.line, "reason": request.reason.value}
    told |= {"tried": request.tried, "needed": request.needed}
    if request.gravity:
        told |= {"gravity": request.gravity.value, "business_impact": request.business_impact}
    if request.cause:
        told |= {"because": request.cause.as_json()}
    return {**told, **_prevented(request.prevention)}


def _prevented(prevention: requests.Prevention | None) -> dict[str, Any]:
    if prevention is None:
        return {}
    return {"prevention": prevention.text, "owner": prevention.owner, "due": prevention.due.isoformat()}


def _classified(ticket: Ticket, request: requests.Classify) -> Ticket:
    """Only a new judgement of urgency and impact gives another priority: what an escalation raised stays raised."""
    chosen = changed(ticket, category=request.category, kind=request.kind)
    if (request.urgency, request.impact) == (ticket.urgency, ticket.impact):
        return chosen
    return changed(
        chosen,
        urgency=request.urgency,
        impact=request.impact,
        priority=request.priority,
        target_priority=request.priority,
        impact_changed=ticket.impact_changed or request.impact is not ticket.impact,
    )


def _working(ticket: Ticket) -> Ticket:
    """In progress where somebody has it, else back in the queue; nothing is waited for any more."""
    status = Status.IN_PROGRESS if ticket.assignee else Status.NEW
    return changed(ticket, status=status, pending_reason=None, pending_until=None)


def _assigned(ticket: Ticket, assignee: str, now: datetime) -> Ticket:
    mine = changed(ticket, assignee=assignee, assigned_at=now)
    return mine if ticket.status is Status.PENDING else _working(mine)


def _unassigned(ticket: Ticket) -> Ticket:
    return changed(ticket, assignee=None, assigned_at=None, pending_reason=None, pending_until=None)


def _commented(ticket: Ticket) -> Ticket:
    counted = changed(ticket, comments=ticket.comments + 1)
    return _working(counted) if ticket.pending_reason is PendingReason.REQUESTER else counted


def _accepted(ticket: Ticket, actor: str, now: datetime) -> Ticket:
    if not ticket.offer:
        raise NotNow(verb=Verb.ACCEPT.value, number=ticket.number)
    moved = changed(ticket, line=ticket.offer.line, line_since=now, offer=None)
    return _assigned(moved, actor, now)


def _merged(ticket: Ticket, number: str, now: datetime) -> Ticket:
    closed = changed(ticket, status=Status.CLOSED, resolution=together_with(number), closed_at=now)
    return changed(closed, pending_reason=None, pending_until=None)


def _unmerged(ticket: Ticket, was: Mapping[str, Any], now: datetime, reopen_for: timedelta) -> Ticket:
    """As it was before. What passed in between was not owed, except that a solution had been given before."""
    if ticket.closed_at and now - ticket.closed_at > reopen_for:
        raise UndoTooLate(number=ticket.number)
    status, waits_for, until = Status(was["status"]), was.get("pending_reason"), was.get("pending_until")
    back = changed(
        ticket if status is Status.RESOLVED else _not_owed_while_merged(ticket, now),
        status=status,
        resolution=was.get("resolution"),
        pending_reason=PendingReason(waits_for) if waits_for else None,
        pending_until=date.fromisoformat(until) if until else None,
        closed_at=None,
        to_assign=bool(was.get("to_assign")),
    )
    return _updated(back, now)


def _not_owed_while_merged(ticket: Ticket, now: datetime) -> Ticket:
    since = ticket.resolved_at or ticket.closed_at or now
    return changed(ticket, waits=(*ticket.waits, Wait(since, now)))


def _resolved(ticket: Ticket, actor: str, now: datetime, resolution: str) -> Ticket:
    if merged_into(ticket):  # solved with the ticket it was handled with
        ticket = changed(_not_owed_while_merged(ticket, now), closed_at=None)
    by = ticket if ticket.assignee or actor == DESK else changed(ticket, assignee=actor, assigned_at=now)
    return changed(
        by,
        status=Status.RESOLVED,
        resolution=resolution,
        resolved_at=now,
        offer=None,
        pending_reason=None,
        pending_until=None,
    )


def _reopened(ticket: Ticket, now: datetime, reopen_for: timedelta) -> Ticket:
    if ticket.resolved_at and now - ticket.resolved_at > reopen_for:
        raise ReopenTooLate(number=ticket.number)
    back = changed(ticket, resolution=None, resolved_at=None, closed_at=None, reopened=ticket.reopened + 1)
    fresh = changed(back, running_since=now, waits=(), target_priority=ticket.priority)
    return _updated(_working(fresh), now)


_RECORDED = (
    *("status", "line", "assignee", "category", "urgency", "impact", "kind", "priority", "title", "description"),
    *("pending_reason", "pending_until", "resolution"),
)


def _differences(before: Ticket, after: Ticket) -> dict[str, Any]:
    """Old and new value of every recorded property that changed, as JSON values."""
    old, new = {}, {}
    for name in _RECORDED:
        was, became = getattr(before, name), getattr(after, name)
        if was != became:
            old[name], new[name] = _plain(was), _plain(became)
    return {"old": old, "new": new} if new else {}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
