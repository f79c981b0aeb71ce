"""What follows at once when somebody no longer works for a line: whoever stands in is asked in their place."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.services import pings
from app.services.agents import ids_of
from app.services.pings import ping_in
from app.services.unit_of_work import UnitOfWork
from app.store import cards, outbox, people
from app.store import pings as ping_rows


def follow(tx: Connection, desk: Desk, line: str, left: Collection[str], *, now: datetime) -> None:
    """Those with these ids have left the line. Its pings that wait for one of them go on, and the cards of its pings
    that lie in their chats are looked at again: whoever has no right to one any more reads a neutral line there.
    """
    if not left:
        return
    work = UnitOfWork(tx, desk, now)
    for ping in ping_rows.asking(tx, line):
        if not {*left}.isdisjoint(ping.now_asked):
            pings.look_again(work, ping.id)
    for person in left:
        for id in ids_of(tx, person):
            _edit_cards(tx, line, id, now)


def _edit_cards(tx: Connection, line: str, person: str, now: datetime) -> None:
    chat = people.personal_chat(tx, person)
    known = [(row.ticket, asked) for row in cards.in_chat(tx, chat.id) if (asked := ping_in(row.slot))] if chat else []
    found = {ping.id: ping for ping in ping_rows.find_each(tx, {ping for _, (ping, _) in known})} if known else {}
    of_line = [(found[ping], index) for _, (ping, index) in known if found[ping].line == line]
    drafts = [pings.card_draft(ping, ping.asked[index], index) for ping, index in of_line]
    outbox.put(tx, drafts, now=now, correlation=None)
