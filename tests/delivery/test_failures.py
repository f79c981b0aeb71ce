"""What becomes of a message that Teams did not take."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.delivery import Reason, TryLater, Undeliverable
from app.store import outbox
from tests.delivery.office import Office, sentence

ADA = "a:ada"


async def test_a_throttled_message_waits_as_long_as_teams_asked_and_the_ones_behind_it_too(office: Office) -> None:
    office.teams.refuses[ADA] = [TryLater("http_429", after=timedelta(seconds=60))]
    await office.queue(sentence("person:ada", "first"), sentence("person:ada", "second"))
    dispatcher = office.dispatcher()
    await office.run(dispatcher, 59.9)
    assert len(office.teams.calls) == 1
    await office.run(dispatcher, 20)
    assert ["first" in words for words in office.teams.words(ADA)] == [True, True, False]


async def test_after_a_throttled_card_the_same_chat_is_left_alone_by_every_address(office: Office) -> None:
    channel = "19:first@thread.tacv2"
    office.teams.refuses[f"{channel};messageid=1"] = [TryLater("http_429", after=timedelta(seconds=30))]
    await office.queue(sentence(f"chat:{channel};messageid=1", "throttled"))
    dispatcher = office.dispatcher()
    await dispatcher.deliver_due()
    await office.queue(sentence("line:first", "other"))
    await office.run(dispatcher, 29.9)
    assert len(office.teams.calls) == 1
    await office.run(dispatcher, 10)
    assert await office.states() == ["sent", "sent"]


async def test_an_unanswered_post_is_repeated_once_and_then_shown_to_an_admin(office: Office) -> None:
    office.teams.refuses[ADA] = [TryLater("timeout", ambiguous=True), TryLater("http_504", ambiguous=True)]
    await office.queue(sentence("person:ada", "once"))
    await office.run(office.dispatcher(), 60)
    assert len(office.teams.words(ADA)) == 2
    assert (await office.rows("state, reason, detail"))[0] == ("dead", "ambiguous", "http_504")
    assert len(office.teams.times(f"a:{office.cast.admin.aad_id}")) == 1


async def test_what_was_surely_not_taken_is_tried_for_a_day(office: Office) -> None:
    office.teams.refuses[ADA] = [TryLater("http_412") for _ in range(1000)]
    await office.queue(sentence("person:ada", "patience"))
    dispatcher = office.dispatcher()
    for _ in range(1000):
        await dispatcher.deliver_due()
        if (await office.states())[0] != "pending":
            break
        office.clock.advance(minutes=7)
    tried_for = office.clock.monotonic() - office.teams.calls[0].at
    assert timedelta(hours=24) < timedelta(seconds=tried_for) < timedelta(hours=25)
    assert (await office.rows("reason"))[0] == ("expired",)


@pytest.mark.parametrize("reason", [Reason.BLOCKED, Reason.NOT_INSTALLED, Reason.GONE, Reason.TOO_LARGE])
async def test_a_refused_message_is_tried_once_and_every_admin_sees_why(office: Office, reason: Reason) -> None:
    office.teams.refuses[ADA] = [Undeliverable(reason, "403 SomeCode")]
    await office.queue(sentence("person:ada", "no"))
    await office.dispatcher().deliver_due()
    assert (await office.rows("state, reason, detail"))[0] == ("dead", reason.value, "403 SomeCode")
    assert [call.place for call in office.teams.calls] == [ADA, f"a:{office.cast.admin.aad_id}"]


async def test_somebody_who_blocked_the_bot_is_not_asked_again_until_they_write(office: Office) -> None:
    office.teams.refuses[ADA] = [Undeliverable(Reason.BLOCKED)]
    await office.queue(*(sentence("person:ada", f"m{number}") for number in range(5)))
    dispatcher = office.dispatcher()
    await office.run(dispatcher, 10)
    assert len(office.teams.times(ADA)) == 1
    assert (await office.rows("state, reason", "target = 'person:ada'")) == [("dead", "blocked")] * 5
    await office.meet(ADA)
    await office.queue(sentence("person:ada", "welcome back"))
    await office.run(dispatcher, 10)
    assert len(office.teams.times(ADA)) == 2


async def test_a_dead_recipient_and_a_silent_one_delay_nobody(office: Office) -> None:
    """One refuses for ever, one takes ten seconds for every answer, fifty are well."""
    people = [f"p{number}" for number in range(50)]
    await office.meet(*(f"a:{person}" for person in people))
    office.teams.refuses[ADA] = [Undeliverable(Reason.NOT_INSTALLED)] * 9
    office.teams.held["a:bob"] = asyncio.Event()
    await office.queue(sentence("person:ada", "dead"), sentence("person:bob", "silent"))
    await office.queue(*(sentence(f"person:{person}", "well") for person in people))
    dispatcher = office.dispatcher()
    for _ in range(4):
        while await dispatcher.start_due():
            pass
        while len(dispatcher._busy) > 1:
            await asyncio.wait(set(dispatcher._busy), return_when=asyncio.FIRST_COMPLETED)
        office.clock.advance(seconds=0.6)
    well = [call.at - office.teams.calls[0].at for call in office.teams.calls if call.place.startswith("a:p")]
    assert len(well) == 50
    assert max(well) < 2.5
    office.teams.held.pop("a:bob").set()
    await dispatcher.deliver_due()
    assert (await office.rows("state", "target = 'person:bob'")) == [("sent",)]


async def test_an_admin_who_sends_a_dead_message_again_gets_it_delivered(office: Office) -> None:
    office.teams.refuses[ADA] = [Undeliverable(Reason.REFUSED)]
    await office.queue(sentence("person:ada", "again"))
    dispatcher = office.dispatcher()
    await dispatcher.deliver_due()
    now = office.clock.now()
    assert await office.database.write(lambda tx: outbox.retry(tx, 1, now=now))
    await dispatcher.deliver_due()
    assert (await office.states())[0] == "sent"
    assert not await office.database.write(lambda tx: outbox.retry(tx, 1, now=now))


async def test_an_admin_who_cannot_be_reached_causes_no_further_messages(office: Office) -> None:
    admin = f"a:{office.cast.admin.aad_id}"
    office.teams.refuses[admin] = [Undeliverable(Reason.BLOCKED)]
    office.teams.refuses[ADA] = [Undeliverable(Reason.REFUSED)]
    await office.queue(sentence("person:ada", "no"))
    await office.run(office.dispatcher(), 30)
    assert await office.states() == ["dead", "dead"]


async def test_a_message_that_cannot_be_rendered_stops_nothing_behind_it(office: Office) -> None:
    await office.queue(sentence("person:ada", "x"))
    # no key: nothing can be said
    await office.database.write(lambda tx: tx.execute(text("UPDATE outbox SET data = '{}'")).rowcount)
    await office.queue(sentence("person:ada", "fine"))
    await office.dispatcher().deliver_due()
    assert (await office.rows("state, reason"))[:2] == [("dead", "bad_request"), ("sent", None)]
