"""Who will be told of something, by name, as far as the desk knows without asking the company's directory."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.escalation import ASSIGNEE, LINE, MANAGER, Policy
from app.domain.explanation import Told
from app.domain.people import Person
from app.domain.ticket import Ticket
from app.services import outgoing, ping_chain, views
from app.services.ping_chain import NOBODY_KNOWN, Standing

MANAGER_STAGE = ping_chain.CHAIN.index(MANAGER) + 1


def told_by_step(tx: Connection, desk: Desk, ticket: Ticket, line: str, tell: Sequence[str], policy: Policy) -> Told:
    """Those a step tells: the line in the ticket's thread, and the people its ping asks first."""
    nobody_has_it = ticket.assignee is None
    places = outgoing.places_of_line(desk, line) if LINE in tell or (nobody_has_it and ASSIGNEE in tell) else []
    spoken_to = [target.removeprefix("person:") for target, _ in places if target.startswith("person:")]
    roles = [role for role in tell if role != LINE and not (role == ASSIGNEE and nobody_has_it)]
    asked = asked_next(tx, desk, ticket, Standing(line, roles), policy) if roles else Told()
    return Told(
        people=tuple(dict.fromkeys([*_people(tx, spoken_to), *asked.people])),
        lines=(views.line_view(desk, line),) if places and not spoken_to else (),
        manager_of=asked.manager_of,
        otherwise=asked.otherwise,
    )


def asked_next(tx: Connection, desk: Desk, ticket: Ticket, ping: Standing, policy: Policy) -> Told:
    """Those a ping asks next. Where it passes a manager whom only the directory may know, that one is named by whose
    manager it is.
    """
    found = ping_chain.next_asked(desk, ticket, ping, policy, NOBODY_KNOWN)
    if found is None:
        return Told()
    stage, _, ids = found
    if not (ping_chain.asks_directory(desk, ticket, ping.line) and _passes_manager(ping, stage)):
        return Told(people=_people(tx, ids))
    whose = views.person(tx, ticket.assignee or ticket.requester)
    if stage > 0:
        return Told(manager_of=whose, otherwise=_people(tx, ids))
    certain = [role for role in ping.tell if role != MANAGER]
    return Told(
        people=_people(tx, ping_chain.people_at(desk, ticket, ping.line, certain, 0, NOBODY_KNOWN)),
        manager_of=whose,
        otherwise=_people(tx, ping_chain.who_is(desk, ticket, ping.line, MANAGER, NOBODY_KNOWN)),
    )


def _passes_manager(ping: Standing, stage: int) -> bool:
    if stage == 0:
        return MANAGER in ping.tell
    if stage > ping.stage:
        return ping.stage < MANAGER_STAGE <= stage
    return ping.stage < MANAGER_STAGE or stage >= MANAGER_STAGE


def _people(tx: Connection, ids: Iterable[str]) -> tuple[Person, ...]:
    return tuple(views.person(tx, each) for each in dict.fromkeys(ids))
