"""A language of which there is a catalogue and nothing else: whoever speaks it reads and types nothing but it."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.keeping import at_first, at_network, keeping_desk, passes, pings_of
from tests.support.desk import FIRST, FORM, Cast, World, button, number_in, verbs, world
from tests.support.inbound import Person
from tests.support.pseudo import CODE, NAME, catalogues, foreign, marked

IDS = ("first", "network", "management", "office", "always")  # of the desk file, where they stand for themselves
ESCALATION = (
    "clock: first_response, at: 50%, tell: [line]",
    "clock: first_response, at: 100%, tell: [lead]",
    "clock: resolution, at: 75%, tell: [assignee, lead]",
    "clock: resolution, at: 100%, tell: [lead, manager], raise_priority: true, offer_to: management",
)
TICKET = {"title": "Το δίκτυο λείπει", "description": "Από το πρωί", "device": "Φορητός", "category": "vpn"}
HAND_OVER = {"line": "network", "reason": "skill", "tried": "Επανεκκίνηση", "needed": "Έλεγχος"}


def greek_cast(locale: str = f"{CODE}-XX") -> Cast:
    """People whose names cannot be mistaken for words of the desk."""
    names = ("Άδα", "Μάρα", "Τομ", "Νίνα", "Λέα", "Δώρα", "Μαξ", "Άλμα", "Σαμ")
    return Cast(*(Person(name, locale=locale) for name in names))


def desk_in_that_language(cast: Cast) -> str:
    """The desk file with every name in the third language only."""
    text = keeping_desk(cast, escalation=ESCALATION).replace("language: de", f"language: {CODE}")
    greek = iter("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥ")
    text = text.replace("name: VPN", f"name: {{{CODE}: Ω}}")
    return re.sub(r"\{de: [^}]*\}", lambda _: f"{{{CODE}: {next(greek)}}}", text).replace("IT-Service", "Γραφείο")


def everything_shown(desk: World) -> list[Any]:
    """Every message in every chat and channel, as it is and as it ever was."""
    messages = [message for place in desk.teams.messages.values() for message in place.values()]
    return [activity for message in messages for activity in (message.activity, *message.edits)]


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    """German, English and the third one."""
    (folder := tmp_path / "catalogues").mkdir()
    return catalogues(folder)


async def test_one_more_file_tells_a_ticket_from_its_form_to_its_rating(address: str, languages: Path) -> None:
    cast = greek_cast()
    async with world(address, cast=cast, desk_text=desk_in_that_language(cast), catalogues=languages) as desk:
        ada, mara = cast.requester, cast.mara
        answers: list[Any] = []
        for person in (ada, mara, cast.nina, cast.lead, cast.deputy, cast.manager, cast.admin):
            await desk.write(person, marked("help"))
        answers.append(await desk.click(ada, "ticket.new"))
        number = await desk.submit(ada, **TICKET)
        await passes(desk, hours=2)
        for verb, inputs in (
            ("ticket.take", {}),
            ("ticket.reply.form", {}),
            ("ticket.reply", {"text": "Ένα λεπτό"}),
            ("ticket.note", {"text": "Μάλλον το δίκτυο"}),
            ("ticket.escalate.form", {}),
            ("ticket.escalate", HAND_OVER),
        ):
            answers.append(await at_first(desk, mara, verb, number, **inputs))
        answers.append(await at_network(desk, cast.nina, "offer.accept", number))
        await passes(desk, hours=5)
        for lead in (cast.lead, cast.manager):
            for ping in pings_of(desk, lead)[:1]:
                answers.append(await desk.press(lead, ping, "ping.acknowledge"))
        for words in (marked("explain ") + number, marked("my work"), marked("queue"), marked("views")):
            await desk.write(cast.nina, words)
        await passes(desk, hours=6)
        for verb, inputs in (
            ("ticket.pend.form", {}),
            ("ticket.pend", {"reason": "requester", "text": "Ποια συσκευή;"}),
            ("ticket.resolve.form", {}),
            ("ticket.resolve", {"resolution": "Νέο καλώδιο"}),
        ):
            answers.append(await at_network(desk, cast.nina, verb, number, **inputs))
        for verb in ("ticket.confirm", "ticket.rate.form"):
            answers.append(await desk.press(ada, desk.living_card(ada, number), verb))
        for words in (marked("hi there"), marked("thank you"), marked("how is my ticket"), "Κάτι άλλο"):
            await desk.write(ada, words)
        shown = everything_shown(desk)
        assert len(shown) > 40
        assert pings_of(desk, cast.lead)
        assert marked("Closed") in desk.living_card(ada, number).words
        assert foreign([*shown, *answers], *IDS) == []


async def test_who_speaks_another_language_reads_their_own_at_the_same_desk(address: str, languages: Path) -> None:
    cast = greek_cast()
    ada, tom = cast.requester, Person("Τόνι", locale="de-AT")
    async with world(address, cast=cast, desk_text=desk_in_that_language(cast), catalogues=languages) as desk:
        for person in (ada, tom):
            await desk.write(person, "hilfe")
        assert marked("How it works") in desk.words(ada.chat_id)
        assert "So funktioniert es" in desk.words(tom.chat_id)


@pytest.mark.parametrize(
    "typed", [f"sprache {CODE}", f"language {NAME}", marked("language ") + NAME.lower(), f"sprache {CODE}-XX"]
)
async def test_it_can_be_chosen_by_its_code_and_by_its_name_and_is_remembered(
    address: str, languages: Path, typed: str
) -> None:
    async with world(address, catalogues=languages) as desk:
        ada = desk.cast.requester
        await desk.write(ada, typed)
        await desk.write(ada, "hilfe")
        assert desk.messages(ada.chat_id)[-2].words == marked("English from now on.")
        assert marked("How it works") in desk.messages(ada.chat_id)[-1].words
        await desk.write(ada, marked("language ") + "deutsch")
        assert desk.messages(ada.chat_id)[-1].words == "Ab jetzt auf Deutsch."


async def test_it_has_a_button_beside_the_others(address: str, languages: Path) -> None:
    async with world(address, catalogues=languages) as desk:
        ada = desk.cast.requester
        await desk.write(ada, "sprache")
        choice = desk.messages(ada.chat_id)[-1]
        assert verbs(choice.card) == ["language.set"] * 3
        assert all(name in choice.words for name in ("Deutsch", "English", NAME))
        answer = await desk.click(ada, "language.set", {"desk": {"language": CODE}})
        assert foreign(answer, "IT", "Service") == []


async def test_days_and_absence_are_typed_in_it(address: str, languages: Path) -> None:
    async with world(address, catalogues=languages) as desk:
        mara = desk.cast.mara
        for day in ("vendredo", marked("tomorrow"), "2026-12-24"):
            await desk.write(mara, marked("i am absent until ") + day)
            assert "Bis dahin" in desk.messages(mara.chat_id)[-1].words, day


async def test_an_article_in_it_is_found_by_whole_words(address: str, languages: Path) -> None:
    cast = greek_cast()
    async with world(address, cast=cast, desk_text=desk_in_that_language(cast), catalogues=languages) as desk:
        await desk.write_article("printilo", "Η εκτύπωση σταματά", "Σβήστε τον εκτυπωτή.", language=CODE)
        await desk.write(cast.requester, "Η εκτύπωση σταματά πάντα")
        assert "article.view" in verbs(desk.messages(cast.requester.chat_id)[-1].card)


async def test_what_did_not_help_is_told_in_it_too(address: str, languages: Path) -> None:
    cast = greek_cast()
    async with world(address, cast=cast, desk_text=desk_in_that_language(cast), catalogues=languages) as desk:
        ada = cast.requester
        await desk.write_article("printilo", "Η εκτύπωση σταματά", "Σβήστε τον εκτυπωτή.", language=CODE)
        await desk.write(ada, "Η εκτύπωση σταματά πάντα")
        offered = desk.messages(ada.chat_id)[-1]
        await desk.press(ada, offered, "article.not_helped")
        form = await desk.press(ada, offered, "ticket.new")
        filled = button(form, "ticket.submit") | {**FORM, **TICKET}
        card = desk.line_card(FIRST, number_in(await desk.click(ada, "ticket.submit", filled)))
        assert marked("Did not help") in card.words
        assert foreign(card.activity, *IDS) == []
