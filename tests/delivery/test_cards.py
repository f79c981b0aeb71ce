"""Living cards: ten changes make one edit, nothing older comes after something newer, what vanished is posted anew."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, text

from app.messages.cards.living import LineCard
from app.store import outbox
from app.store.messages import Way
from tests.delivery.office import Office
from tests.support.desk import FIRST, World


async def _raise(desk: World) -> tuple[str, Any]:
    """A ticket Mara has in work; its number and the line's card."""
    number = await desk.submit()
    await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.take")
    return number, desk.line_card(FIRST, number)


async def _note(desk: World, card: Any, words: str) -> None:
    """A work note, without waiting for anything it causes."""
    data = {"desk": {"ticket": 1001}, "text": words}
    activity = desk.inbound.card_action(desk.cast.mara, "ticket.note", data, channel=card.conversation_id)
    status, _ = await desk.post(activity)
    assert status == 200


def _edits(desk: World, card: Any) -> int:
    return sum(1 for call in desk.teams.accepted if call.kind == "update" and call.message_id == card.id)


async def test_ten_quick_changes_make_one_edit_of_each_card(desk: World) -> None:
    _number, card = await _raise(desk)
    before = _edits(desk, card)
    for number in range(10):
        await _note(desk, card, f"note {number}")
    await desk.settle()
    assert _edits(desk, card) == before + 1
    thread = [message for message in desk.teams.chat(card.conversation_id) if "note" in message.words]
    assert len([message for message in thread if message.id != card.id]) == 10


async def test_an_edit_that_teams_throttled_shows_the_latest_when_it_arrives(desk: World) -> None:
    number, card = await _raise(desk)
    desk.teams.fail(429, on="update", times=1, conversation=card.conversation_id, headers={"Retry-After": "30"})
    await _note(desk, card, "first")
    await desk.settle()
    calls = len(desk.teams.seen)
    await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.give_back")
    assert not [seen for seen in desk.teams.seen[calls:] if FIRST in seen.path and seen.method != "GET"]
    desk.clock.advance(seconds=40)
    await desk.settle()
    assert "ticket.take" in str(desk.line_card(FIRST, number).card)
    states = [row.state for row in await desk.rows("SELECT state FROM outbox WHERE collapse = 'card:1001:line:first'")]
    assert set(states) == {"sent"}


@pytest.mark.parametrize("code", ["ActivityNotFoundInConversation", "ConversationNotFound"])
async def test_a_card_that_vanished_is_posted_anew_and_edited_from_then_on(desk: World, code: str) -> None:
    _number, card = await _raise(desk)
    desk.teams.fail(404, on="update", conversation=card.conversation_id, body={"error": {"code": code}})
    await _note(desk, card, "one")
    await desk.settle()
    anew = desk.line_card(FIRST, "INC-1001")
    assert anew.id != card.id
    await _note(desk, anew, "two")
    await desk.settle()
    assert _edits(desk, anew) == 1
    assert not await desk.rows("SELECT id FROM outbox WHERE state = 'dead'")


async def test_a_channel_that_vanished_is_shown_to_the_admin_and_stops_nobody(desk: World) -> None:
    await desk.write(desk.cast.admin, "hilfe")
    desk.teams.gone.add(FIRST)
    await desk.submit()
    assert "INC-1001" in desk.words(desk.cast.requester.chat_id)
    [(reason,)] = await desk.rows("SELECT reason FROM outbox WHERE state = 'dead'")
    assert reason == "gone"
    assert "delivery.retry" in str(desk.messages(desk.cast.admin.chat_id)[-1].card)


async def test_a_person_whose_chat_is_unknown_gets_it_opened_and_is_told_once(desk: World) -> None:
    await _raise(desk)
    data = {"desk": {"ticket": 1001}, "assignee": desk.cast.tom.aad_id}
    await desk.click(desk.cast.mara, "ticket.assign", data, channel=FIRST)
    assert len(desk.teams.chat(desk.cast.tom)) == 1


async def test_an_edit_queued_while_the_card_is_being_sent_is_sent_after_it(office: Office) -> None:
    edit = outbox.Draft("line:first", Way.CARD, LineCard(), 1001, "line:first", collapse="card:1001:line:first")
    await office.queue(edit)
    await office.database.write(lambda tx: outbox.claim(tx, [1], until=office.later(60)))
    await office.queue(edit, edit)
    assert await office.states() == ["sending", "pending"]


async def test_a_throttled_edit_stands_for_the_one_queued_meanwhile_and_keeps_the_wait(office: Office) -> None:
    edit = outbox.Draft("line:first", Way.CARD, LineCard(), 1001, "line:first", collapse="card:1001:line:first")
    await office.queue(edit)
    [row] = await office.database.write(lambda tx: outbox.claim(tx, [1], until=office.later(60)))
    await office.queue(edit)
    asked = outbox.Outcome(outbox.PENDING, office.later(30), "http_429")
    assert await office.database.write(lambda tx: outbox.finish(tx, row, asked, now=office.clock.now()))
    assert await office.rows("state, reason") == [("pending", "http_429"), ("dropped", "superseded")]
    [head] = await office.database.read(lambda tx: outbox.heads(tx, limit=9))
    assert head.due_at == office.later(30)


async def test_nobody_sends_a_card_between_a_change_and_its_end(shared: Office) -> None:
    """Two transactions change one ticket. The second finds the first one's edit waiting and relies on it: until it has
    ended, no dispatcher may claim that edit, because it would be rendered without the second change.
    """
    edit = outbox.Draft("line:first", Way.CARD, LineCard(), 1001, "line:first", collapse="card:1001:line:first")
    await shared.queue(edit)
    entered, leave = asyncio.Event(), asyncio.Event()
    now = shared.clock.now()

    async def change() -> None:
        engine = shared.database._engine  # type: ignore[attr-defined]
        async with engine.begin() as connection:
            await connection.run_sync(lambda tx: outbox.put(tx, [edit], now=now, correlation=None))
            entered.set()
            await leave.wait()

    changing = asyncio.create_task(change())
    await entered.wait()
    assert not await shared.database.write(lambda tx: outbox.claim(tx, [1], until=shared.later(60)))
    leave.set()
    await changing
    assert await shared.database.write(lambda tx: outbox.claim(tx, [1], until=shared.later(60)))


@pytest.mark.never_used_database
async def test_looking_for_what_waits_reads_no_row_that_is_done(office: Office) -> None:
    """What was sent stays a week; the look that comes every second may not read it."""
    until = office.later(60)

    def plan(tx: Any) -> str:
        shared = tx.dialect.name == "postgresql"
        asked: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            asked.append((statement, values))

        event.listen(tx, "before_cursor_execute", note)
        outbox.heads(tx, limit=5)
        outbox.claim(tx, [1], until=until)
        event.remove(tx, "before_cursor_execute", note)
        if shared:
            tx.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows it would simply read
        explain = "EXPLAIN " if shared else "EXPLAIN QUERY PLAN "
        return "\n".join(str(row) for each in asked for row in tx.exec_driver_sql(explain + each[0], each[1]))

    steps = await office.database.write(plan)
    assert "ix_outbox_flow" in steps
    assert "ix_outbox_ticket" in steps
    assert "SCAN outbox'" not in steps
    assert "Seq Scan" not in steps
