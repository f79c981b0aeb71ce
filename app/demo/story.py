"""Sample tickets in several states, made by people who really click: one journey in full, then a busy morning."""

from app.demo.cast import ADELE, ALEX, FIRST_LINE, ISAIAH, LYNNE, MEGAN, PATTI, SECOND_LINE
from app.demo.stage import Stage


async def tell(stage: Stage) -> None:
    """Play everything; raises Stuck where the desk does not do what the story says."""
    await a_ticket_through_two_lines(stage)
    await a_question_that_waits_for_alex(stage)
    await a_request_that_is_done(stage)
    await two_that_wait_in_the_channels(stage)
    await an_outage(stage)


async def a_ticket_through_two_lines(stage: Stage) -> None:
    """Raised, taken, handed over, accepted, resolved, confirmed and rated."""
    patti = await stage.chat_with(PATTI)
    await stage.narrate("Patti, who works from home, fills in the form in her chat with the bot.")
    number = await stage.raise_ticket(
        PATTI,
        title="VPN drops every ten minutes",
        description="Since Monday the connection breaks off in every call. I work from home, the device restarts fine.",
        category="vpn",
        urgency="normal",
        impact="me",
        kind="incident",
        device="NB-4711",
    )
    await stage.narrate("The first line's channel has the card; Megan takes it and answers.")
    await stage.click(MEGAN, FIRST_LINE, "ticket.take", number)
    await stage.click(
        MEGAN, FIRST_LINE, "ticket.reply", number, text="I can see the breaks in our log. I am looking into it."
    )
    await stage.click(MEGAN, FIRST_LINE, "ticket.note", number, text="Gateway 2 logs a re-key failure each time.")
    await stage.narrate("Megan lacks the permission for the gateway and hands over to the second line.")
    await stage.click(
        MEGAN,
        FIRST_LINE,
        "ticket.escalate",
        number,
        line="second",
        reason="permission",
        tried="Restart, another network, new profile: the same each time.",
        needed="Somebody who may look at gateway 2 and its re-key settings.",
    )
    await stage.narrate("The second line sees the whole story on one card; Adele accepts and resolves.")
    await stage.click(ADELE, SECOND_LINE, "offer.accept", number)
    await stage.click(
        ADELE,
        SECOND_LINE,
        "ticket.resolve",
        number,
        resolution="Gateway 2 had an outdated setting and renewed your connection too often. It is corrected.",
        first_line_could="no_permission",
    )
    await stage.narrate("Patti reads the solution in plain words, confirms it and rates it.")
    await stage.click(PATTI, patti, "ticket.confirm", number)
    await stage.click(PATTI, patti, "ticket.rate", number, rating="5", text="Quick and kind, thank you!")


async def a_question_that_waits_for_alex(stage: Stage) -> None:
    """Pending on the requester, who is the person at the screen."""
    await stage.narrate("Alex raises a ticket, too; Megan takes it and asks back. The clock rests until he answers.")
    number = await stage.raise_ticket(
        ALEX,
        title="Outlook asks for my password again and again",
        description="It accepts the password and asks again a minute later.",
        category="software",
        urgency="normal",
        impact="me",
        kind="incident",
        program="Outlook",
    )
    await stage.click(MEGAN, FIRST_LINE, "ticket.take", number)
    await stage.click(
        MEGAN,
        FIRST_LINE,
        "ticket.pend",
        number,
        reason="requester",
        text="Does it also happen in the browser, at outlook.office.com?",
    )


async def a_request_that_is_done(stage: Stage) -> None:
    """Resolved; the person at the screen may confirm or reopen."""
    await stage.narrate("Alex asked for a second screen; Isaiah brought it. Alex may say whether it works.")
    number = await stage.raise_ticket(
        ALEX,
        title="A second screen for my desk",
        description="I compare long tables all day. Room 3.14, a 27 inch screen would be great.",
        category="hardware",
        urgency="low",
        impact="me",
        kind="request",
        device_type="other",
    )
    await stage.click(ISAIAH, FIRST_LINE, "ticket.take", number)
    await stage.click(
        ISAIAH,
        FIRST_LINE,
        "ticket.resolve",
        number,
        resolution="The screen stands on your desk and is connected; the cable for your laptop lies next to it.",
    )


async def two_that_wait_in_the_channels(stage: Stage) -> None:
    """One to take in the first line's channel, one to accept in the second line's."""
    await stage.narrate(
        "Lynne reads everything in German. Her ticket is offered to the second line, Patti's new one waits."
    )
    number = await stage.raise_ticket(
        LYNNE,
        title="Kein Zugriff auf das Laufwerk Controlling",
        description="Seit dem Wechsel in die neue Abteilung sehe ich den Ordner, darf ihn aber nicht öffnen.",
        category="software",
        urgency="high",
        impact="me",
        kind="incident",
        program="Explorer",
    )
    await stage.click(MEGAN, FIRST_LINE, "ticket.take", number)
    await stage.click(
        MEGAN,
        FIRST_LINE,
        "ticket.escalate",
        number,
        line="second",
        reason="permission",
        tried="Gruppen geprüft: die neue Abteilung fehlt, eintragen darf ich sie nicht.",
        needed="Aufnahme in die Gruppe CTRL-Lesen.",
    )
    await stage.raise_ticket(
        PATTI,
        title="Printer on the third floor prints blank pages",
        description="Everybody in our team gets blank pages since this morning, the toner is new.",
        category="hardware",
        urgency="normal",
        impact="team",
        kind="incident",
        device_type="printer",
    )


async def an_outage(stage: Stage) -> None:
    """Routed straight to the second line by the words of the desk file's first rule."""
    await stage.narrate("An outage needs no first line: a rule of the desk file sends it straight to the second.")
    await stage.raise_ticket(
        LYNNE,
        title="VPN-Ausfall am Standort Hamburg",
        description="Niemand am Standort kommt ins Netz, auch nicht über das Telefon.",
        category="vpn",
        urgency="high",
        impact="site",
        kind="incident",
    )
