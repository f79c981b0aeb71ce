"""What the escalation offers to another line while an offer is open: it waits for that, and is not forgotten."""

import asyncio
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.cli import story
from app.domain.verbs import Verb
from app.i18n import Texts
from app.services import explain
from app.store.schema import events
from tests.journeys.keeping import at_first, at_network, keeping, passes, to_network
from tests.support.desk import World

ESCALATION = (
    "clock: resolution, at: 100%, tell: [lead], offer_to: management",
    "clock: acceptance, at: 100%, tell: [lead]",
)
RETURNED = {"reason": "first_line_can", "advice": "Siehe Anleitung 7"}


async def offered_to_network(desk: World) -> str:
    """A ticket of Mara's, of which the network line was asked and says nothing."""
    number = await desk.submit()
    await at_first(desk, desk.cast.mara, "ticket.take", number)
    await to_network(desk, number)
    return number


async def late(desk: World) -> str:
    """The same when the time for its resolution is over."""
    number = await offered_to_network(desk)
    await passes(desk, hours=8, minutes=1)
    return number


async def offers(desk: World) -> list[str]:
    """The lines it was offered to, in order."""
    made = select(events.c.data).where(events.c.code == Verb.ESCALATE.value).order_by(events.c.id)
    return [str(data["to"]) for [data] in await desk.database.read(lambda tx: tx.execute(made).all())]


async def offered_now(desk: World) -> str | None:
    [[line]] = await desk.rows("SELECT offer_line FROM tickets")
    return line


async def explained(desk: World, number: str) -> str:
    """What `explain` says, in one line."""
    ticket = int(number[4:])
    known = await desk.database.read(lambda tx: explain.explain(tx, desk.desk, ticket, desk.clock.now()))
    listed = story.lines(known, Texts.load().language("en"), ZoneInfo("Europe/Berlin"))
    return " ".join(line.strip() for line in listed)


async def test_management_is_asked_as_soon_as_the_other_line_returns_it(address: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await late(desk)
        assert await offered_now(desk) == "network"
        await at_network(desk, desk.cast.nina, "offer.return", number, **RETURNED)
        assert await offered_now(desk) == "management", "nobody has to wait for a timer"
        await passes(desk, minutes=1)
        for person in (desk.cast.manager, desk.cast.deputy):
            assert "100 %" in desk.words(person.chat_id), "the card says by which clock"
        await at_first(desk, desk.cast.mara, "ticket.note", number, text="Wartet")
        await passes(desk, hours=1)
        assert await offers(desk) == ["network", "management"], "once"


async def test_a_desk_that_was_started_anew_still_owes_management_the_question(address: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await late(desk)
    async with keeping(address, escalation=ESCALATION) as desk:
        await passes(desk, hours=8, minutes=2)
        returns = [at_network(desk, desk.cast.nina, "offer.return", number, **RETURNED) for _ in range(3)]
        await asyncio.gather(*returns)
        assert await offered_now(desk) == "management"
        assert await offers(desk) == ["network", "management"]


async def test_who_asks_what_will_happen_learns_that_management_is_asked_once_the_offer_ended(address: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await offered_to_network(desk)
        waits = "As soon as the offer to Network has ended without being accepted, it is offered to Management"
        before = await explained(desk, number)
        assert waits in before.partition("What will happen")[2]
        await passes(desk, hours=8, minutes=1)
        running = (await explained(desk, number)).partition("What is running")[2].partition("What will happen")[0]
        assert f"{waits} (rule 1 of the escalation in the desk file)." in running
        await at_network(desk, desk.cast.nina, "offer.return", number, **RETURNED)
        assert waits not in await explained(desk, number)


async def test_a_line_that_accepts_gets_until_the_next_promise_to_the_requester(address: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await late(desk)
        await at_network(desk, desk.cast.nina, "offer.accept", number)
        await passes(desk, minutes=59)
        assert (await offered_now(desk), await offers(desk)) == (None, ["network"])
        ahead = (await explained(desk, number)).partition("What will happen")[2]
        assert "Next update: the time is up." in ahead
        assert "It is offered to Management." in ahead
        await passes(desk, minutes=2)
        assert await offered_now(desk) == "management"
        await passes(desk, hours=3)
        assert await offers(desk) == ["network", "management"]


async def test_a_line_that_accepts_and_solves_it_troubles_management_with_nothing(address: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await late(desk)
        await at_network(desk, desk.cast.nina, "offer.accept", number)
        await at_network(desk, desk.cast.nina, "ticket.resolve", number, resolution="Ok", first_line_could="yes")
        await desk.click(desk.cast.requester, "ticket.reopen", {"desk": {"ticket": int(number[4:])}, "reason": "Nein"})
        await passes(desk, hours=2)
        assert await offers(desk) == ["network"], "its time begins anew"


@pytest.mark.parametrize("ends", ["ticket.resolve", "ticket.withdraw"])
async def test_what_ends_troubles_management_with_nothing(address: str, ends: str) -> None:
    async with keeping(address, escalation=ESCALATION) as desk:
        number = await late(desk)
        if ends == "ticket.resolve":
            await at_first(desk, desk.cast.mara, ends, number, resolution="Gelöst")
        else:
            await desk.click(desk.cast.requester, ends, {"desk": {"ticket": int(number[4:])}})
        await passes(desk, hours=9)
        assert await offers(desk) == ["network"]
        assert await desk.rows("SELECT deferred_offers FROM tickets") == [(None,)]
