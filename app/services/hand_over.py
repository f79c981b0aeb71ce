"""Where a ticket may be handed over to, and what is asked of whoever solves it there."""

from app.desk.model import Desk
from app.domain.ticket import Ticket


def hand_over_lines(desk: Desk, ticket: Ticket) -> tuple[str, ...]:
    """The lines it makes sense to hand the ticket to.

    Those the company named for the category; from the second level on also every line below (the way back down) and
    the next level above.
    """
    category = desk.categories.get(ticket.category)
    named = set(category.escalate_to) if category else set()
    here = desk.lines.get(ticket.line)
    level = here.level if here else 1
    above = sorted({line.level for line in desk.lines.values() if line.level > level})[:1]
    sensible = {
        line.id
        for line in desk.lines.values()
        if line.id in named or (level > 1 and (1 <= line.level < level or line.level in above))
    }
    if not sensible - {ticket.line}:
        sensible = {line.id for line in desk.lines.values() if line.level in above}
    return tuple(line for line in desk.lines if line in sensible and line != ticket.line)


def asks_first_line(desk: Desk, ticket: Ticket) -> bool:
    """Whether the specialist is asked if the first line could have done it (only above level 1)."""
    line = desk.lines.get(ticket.line)
    return line is not None and line.level > 1
