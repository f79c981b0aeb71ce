"""Who will be told of something, by name, as far as the desk knows without asking the company's directory."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.chain import MANAGER_STAGE, Chain, Standing, addressed, next_question
from app.domain.escalation import MANAGER, Policy
from app.domain.explanation import Told
from app.domain.people import Person
from app.domain.ticket import Ticket
from app.services import outgoing, views
from app.services.ping_chain import chain_of


def told_by_step(tx: Connection, desk: Desk, ticket: Ticket, line: str, tell: Sequence[str], policy: Policy) -> Told:
    """Those a step tells: the line in the ticket's thread, and the people its ping asks first."""
    is_line_told, roles = addressed(tell, ticket)
    places = outgoing.places_of_line(desk, line) if is_line_told else []
    spoken_to = [target.removeprefix("person:") for target, _ in places if target.startswith("person:")]
    asked = asked_next(tx, chain_of(desk, ticket, line), Standing(roles), policy) if roles else Told()
    return Told(
        people=tuple(dict.fromkeys([*_people(tx, spoken_to), *asked.people])),
        lines=(views.line_view(desk, line),) if places and not spoken_to else (),
        manager_of=asked.manager_of,
        otherwise=asked.otherwise,
    )


def asked_next(tx: Connection, chain: Chain, standing: Standing, policy: Policy) -> Told:
    """Those a ping asks next. Where it passes a manager whom only the directory may know, that one is named by whose
    manager it is.
    """
    question = next_question(standing, chain, policy)
    if question is None:
        return Told()
    if not (chain.asks_directory and _passes_manager(standing, question.stage)):
        return Told(people=_people(tx, question.people))
    whose = views.person(tx, chain.ticket.assignee or chain.ticket.requester)
    if question.stage > 0:
        return Told(manager_of=whose, otherwise=_people(tx, question.people))
    certain = [role for role in standing.tell if role != MANAGER]
    return Told(
        people=_people(tx, chain.people_at(certain, 0)),
        manager_of=whose,
        otherwise=_people(tx, chain.people_of(MANAGER)),
    )


def _passes_manager(standing: Standing, stage: int) -> bool:
    if stage == 0:
        return MANAGER in standing.tell
    if stage > standing.stage:
        return standing.stage < MANAGER_STAGE <= stage
    return standing.stage < MANAGER_STAGE or stage >= MANAGER_STAGE


def _people(tx: Connection, ids: Iterable[str]) -> tuple[Person, ...]:
    return tuple(views.person(tx, each) for each in dict.fromkeys(ids))
