"""Messages that an earlier version left in the outbox are told by this one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from app.messages import registry
from app.messages.answers.free_text import FreeTextAnswer
from app.messages.answers.lists import TicketList
from app.messages.notice import Notice
from app.messages.onlooker import Onlooker
from app.store.messages import QueuedMessage, StoredContent, Way
from app.store.schema import outbox
from tests.services.prepared import on, raised
from tests.support.desk import FIRST, World

Data = dict[str, Any]
LOOKS: Data = {"person": "mara", "lines": ["first"], "is_admin": False}
ANSWERS: Mapping[str, Data] = {
    "form": {"nonce": "0011223344556677"},
    "my_tickets": {"person": "mara"},
    "list": {"query": {"list": "queue", "line": "first"}, "here": None, "in_public": False, **LOOKS},
    "views": LOOKS,
    "ticket": {"slot": "line:first"},
    "explain": {"line": "first"},
    "welcome": {},
    "team_welcome": {},
    "help": {"in_channel": False, "is_agent": True},
    "absence": {"until": "2026-12-24"},
    "language": {},
    "free_text": {"draft": "k3y", "person": "mara", "lines": ["first"]},
    "which": {"draft": "k3y"},
    "greeting": {"name": "Mara Klein"},
    "thanks": {"person": "mara"},
    "deliveries": {},
    "binding": {"binding": 1},
    "alarm": {"fault": "clock", "count": 1, "example": None, "since": "2026-11-23T08:12:00+00:00"},
    "sentence": {"key": "talk.bound", "values": {"line": "Netz"}},
}
"""What the version before wrote of each kind that has data, and of the others that belong to no card."""
EDITS: Mapping[str, Data] = {
    "raised": {"activity": "1"},
    "told": {"activity": "1", "verb": "ticket.reply"},
    "taken_out": {"activity": "1"},
}


def queued(code: str, data: Data) -> QueuedMessage:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return QueuedMessage(
        id=1,
        target="person:mara",
        way=Way.ANSWER,
        content=StoredContent(code, data),
        ticket=None,
        slot=None,
        event=None,
        replaces=None,
        copy=None,
        flow="",
        collapse=None,
        state="pending",
        due_at=at,
        lease_until=None,
        attempts=0,
        ambiguous=0,
        reason=None,
        correlation=None,
        created_at=at,
    )


@pytest.mark.parametrize("code", sorted(registry.kinds()))
def test_every_kind_is_read_as_it_was_written(code: str) -> None:
    kind, data = registry.kinds()[code], {**ANSWERS, **EDITS}.get(code, {})
    found = registry.read(queued(code, {name: data[name] for name in data if name != "activity"}))
    assert type(found) is kind
    if issubclass(kind, Notice):
        told = registry.read(queued(code, {"line": "first"}))
        assert isinstance(told, Notice)
        assert told.line == "first"


@pytest.mark.parametrize("code", sorted(registry.kinds()))
def test_what_is_written_is_read_as_the_same(code: str) -> None:
    sent = registry.read(queued(code, ANSWERS.get(code, {"verb": "x"})))
    stored = json.loads(json.dumps(sent.payload()))
    assert registry.read(queued(code, stored)) == sent
    assert registry.read(queued(code, {**stored, "unknown": 1})) == sent


def test_whoever_asked_before_everything_was_kept_is_no_more_than_that() -> None:
    free_text, listed = (registry.read(queued(code, ANSWERS[code])) for code in ("free_text", "list"))
    assert isinstance(free_text, FreeTextAnswer)
    assert isinstance(listed, TicketList)
    assert free_text.onlooker == listed.onlooker == Onlooker("mara", ("first",), is_admin=False)


async def test_they_arrive_in_the_words_of_today(desk: World) -> None:
    ticket, mara, now = await raised(desk), desk.cast.mara, desk.clock.now()
    await desk.write(mara, "Hallo")
    await desk.write(desk.cast.admin, "Hallo")
    await desk.click(mara, "ticket.take", on(ticket), channel=FIRST)
    [event] = await desk.rows("SELECT id FROM events WHERE code = 'ticket.take'")
    person, card = f"person:{mara.aad_id}", desk.line_card(FIRST, f"INC-{ticket}").id
    of_admins = dict.fromkeys(("alarm", "deliveries"), f"person:{desk.cast.admin.aad_id}")
    answers = [
        ("say", code, of_admins.get(code, person), data | ({"person": mara.aad_id} if "person" in data else {}))
        for code, data in ANSWERS.items()
    ]
    rows = [
        *answers,
        ("tell", "assigned_to_you", person, {"line": "first"}),
        ("tell", "taken", f"person:{desk.cast.requester.aad_id}", {}),
        ("thread", "thread_edited", "line:first", {}),
        ("card", "line", "line:first", {}),
        ("edit", "told", f"chat:{FIRST}", {"activity": card, "verb": "ticket.note"}),
    ]
    common = {"ticket": ticket, "slot": "line:first", "event": event.id, "correlation": "earlier", "flow": ""}
    common |= {"state": "pending", "due_at": now, "created_at": now, "attempts": 0, "ambiguous": 0}
    queued = [{**common, "kind": kind, "what": what, "target": at, "data": data} for kind, what, at, data in rows]
    await desk.database.write(lambda tx: tx.execute(insert(outbox), queued).rowcount)
    await desk.settle()
    found = await desk.rows("SELECT what, state, reason FROM outbox WHERE correlation = 'earlier'")
    assert {row.what: (row.state, row.reason) for row in found if row.state != "sent"} == {
        "free_text": ("dropped", "nothing_to_say"),  # nobody has said anything under that key
        "which": ("dropped", "nothing_to_say"),
        "binding": ("dropped", "nothing_to_say"),  # nor bound a channel
    }
    assert len(found) == len(rows)
    read = desk.words(mara.chat_id)
    for words in ("Netz", "Do 24.12.2026", "Mara Klein", "English"):
        assert words in read
