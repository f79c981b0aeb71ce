"""The story the desk exists for: raise, take, hand over, accept, resolve, confirm, rate."""

from tests.support.desk import FIRST, NETWORK, World, button, verbs


async def test_a_ticket_travels_from_an_employee_through_both_lines_and_back(desk: World) -> None:
    ada, mara, nina = desk.cast.requester, desk.cast.mara, desk.cast.nina
    await desk.write(ada, "neu")
    form = desk.messages(ada.chat_id)[-1]
    answer = await desk.press(
        ada,
        form,
        "ticket.submit",
        {
            "title": "VPN geht nicht",
            "description": "Seit heute früh.",
            "category": "vpn",
            "urgency": "normal",
            "impact": "team",
            "kind": "incident",
            "device": "Laptop 7",
        },
    )
    assert "INC-1001" in str(answer)
    living = desk.living_card(ada, "INC-1001")
    card = desk.line_card(FIRST, "INC-1001")
    assert "Ada Lovelace" in card.words
    assert "Laptop 7" in card.words

    taken = await desk.press(mara, card, "ticket.take")
    assert "Mara Klein" in str(taken)
    assert "Mara Klein" in desk.words(ada.chat_id)
    assert "Mara Klein" in desk.living_card(ada, "INC-1001").words
    assert desk.living_card(ada, "INC-1001").id == living.id

    form_card = await desk.press(mara, desk.line_card(FIRST, "INC-1001"), "ticket.escalate.form")
    assert "Erst neu verbinden." in str(form_card)
    data = button(form_card, "ticket.escalate") | {
        "line": "network",
        "reason": "skill",
        "tried": "Neu verbunden",
        "needed": "Tunnel prüfen",
    }
    await desk.click(mara, "ticket.escalate", data, channel=card.conversation_id, reply_to=card.id)
    offer = desk.line_card(NETWORK, "INC-1001")
    assert "Neu verbunden" in offer.words
    assert "offer.accept" in verbs(offer.card)

    desk.clock.advance(seconds=30)
    await desk.press(nina, offer, "offer.accept")
    assert "ticket.take" not in verbs(desk.messages(FIRST)[0].card)
    assert "Nina Netz" in desk.living_card(ada, "INC-1001").words
    working = desk.line_card(NETWORK, "INC-1001").words
    assert all(told in working for told in ("Mara Klein", "Neu verbunden", "Tunnel prüfen")), "nobody asks twice"
    assert "Neu verbunden" not in desk.living_card(ada, "INC-1001").words

    resolve = await desk.press(nina, desk.line_card(NETWORK, "INC-1001"), "ticket.resolve.form")
    data = button(resolve, "ticket.resolve") | {
        "resolution": "Tunnel neu gestartet",
        "first_line_could": "no_permission",
    }
    await desk.click(nina, "ticket.resolve", data, channel=offer.conversation_id, reply_to=offer.id)
    assert "Tunnel neu gestartet" in desk.words(ada.chat_id)

    confirmed = await desk.press(ada, desk.living_card(ada, "INC-1001"), "ticket.confirm")
    assert any(verb.startswith("ticket.rate") for verb in verbs(confirmed))
    rate = await desk.press(ada, desk.living_card(ada, "INC-1001"), "ticket.rate.form")
    done = await desk.click(ada, "ticket.rate", button(rate, "ticket.rate") | {"rating": "5", "text": "Danke"})
    assert not [verb for verb in verbs(done) if verb.startswith("ticket.")]
    [(rating,)] = await desk.rows("SELECT rating FROM tickets")
    assert rating == 5
