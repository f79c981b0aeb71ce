"""A hand-over is an offer: the sending line stays responsible, and everybody's card stays right however it ends."""

import asyncio

from tests.support.desk import FIRST, NETWORK, World, button, verbs
from tests.support.inbound import Json

ASKED = {"line": "network", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"}


async def offered(desk: World) -> tuple[str, Json]:
    """A ticket that Mara offered to the network line: its number, and what a button says about it."""
    number = await desk.submit()
    about = {"desk": {"ticket": int(number[4:])}}
    card = desk.line_card(FIRST, number)
    await desk.click(desk.cast.mara, "ticket.escalate", about | ASKED, channel=card.conversation_id)
    return number, about


def on_cards(desk: World, channel: str) -> set[str]:
    """Every verb that any card in the channel offers."""
    return {verb for message in desk.messages(channel) if message.card for verb in verbs(message.card)}


async def test_the_sending_line_solves_what_it_offered_and_the_offer_is_gone(desk: World) -> None:
    ada, mara, nina = desk.cast.requester, desk.cast.mara, desk.cast.nina
    number, about = await offered(desk)
    assert {"ticket.reply.form", "ticket.resolve.form"} <= on_cards(desk, FIRST)
    assert not {"ticket.take", "ticket.escalate.form"} & on_cards(desk, FIRST)
    offer = desk.line_card(NETWORK, number)
    await desk.press(mara, desk.line_card(FIRST, number), "ticket.resolve.form")
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Doch selbst geschafft"}, channel=FIRST)
    assert "Doch selbst geschafft" in desk.words(ada.chat_id)
    assert on_cards(desk, NETWORK) == set()
    before = desk.words(ada.chat_id)
    await desk.click(nina, "offer.accept", about, channel=offer.conversation_id)
    assert desk.words(ada.chat_id) == before


async def test_a_requester_who_withdraws_ends_the_offer_for_both_lines(desk: World) -> None:
    ada, nina = desk.cast.requester, desk.cast.nina
    number, about = await offered(desk)
    accept = button(desk.line_card(NETWORK, number).card, "offer.accept")
    await desk.click(ada, "ticket.withdraw", about)
    assert on_cards(desk, FIRST) == on_cards(desk, NETWORK) == set()
    late = await desk.click(nina, "offer.accept", accept, channel=NETWORK)
    assert "Zurückgezogen" in str(late)


async def test_an_offer_accepted_by_several_at_once_has_one_new_owner(desk: World) -> None:
    ada, nina, olaf = desk.cast.requester, desk.cast.nina, desk.cast.stranger
    desk.teams.roster("19:net@thread.tacv2", nina, olaf)
    number, _ = await offered(desk)
    offer = desk.line_card(NETWORK, number)
    clicks = (desk.press(person, offer, "offer.accept") for person in (nina, olaf, nina, olaf))
    answers = await asyncio.gather(*clicks)
    heard = [message.words for message in desk.messages(ada.chat_id) if "übernommen" in message.words]
    assert len(heard) == 1
    owner = next(person.name for person in (nina, olaf) if person.name in heard[0])
    assert all(owner in str(answer) for answer in answers)
    assert not {"ticket.take", "ticket.resolve.form", "ticket.escalate.form"} & on_cards(desk, FIRST)
