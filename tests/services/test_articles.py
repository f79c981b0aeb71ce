"""What people are offered before they raise a ticket, and what becomes of what they say about it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, update

import app.demo
from app.cli.articles import read_folder
from app.domain.article import Article, Audience, Source, Written
from app.domain.errors import InvalidInput, NoSuchArticle, NotAllowed, NotFound, NotNow
from app.domain.people import Actor
from app.domain.ticket import Status
from app.services import articles
from app.services.articles import Edition, NameTaken
from app.store.articles import Origin, add
from app.store.database import Database
from app.store.schema import tickets
from tests.store.samples import added, opened
from tests.support.desk import Cast, desk_file, read_desk

T = TypeVar("T")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DESK = read_desk(desk_file(Cast()))
ADA, GRACE = Actor("ada", "Ada", "de"), Actor("grace", "Grace", "en")
MARA = Actor("mara", "Mara", "de", frozenset({"first"}))
EXAMPLES = read_folder(Path(app.demo.__file__).with_name("articles"))
INTERNAL = Written("admin", "de", "Kennwort eines anderen zurücksetzen", Audience.AGENTS, "1. Admin-Konsole öffnen.")


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    async with opened(address) as database:
        await database.write(lambda tx: articles.take_over(tx, [*EXAMPLES, INTERNAL], now=NOON))
        yield database


async def offered(database: Database, actor: Actor, words: str) -> list[str]:
    found = await database.read(lambda tx: articles.matching(tx, DESK, actor, words))
    return [f"{article.name}.{article.language}" for article in found]


BEST = {
    "passwort vergessen": "password.de",
    "Pasword vergesen": "password.de",
    "KENNWÖRTER": "password.de",
    "Kennwort zuruecksetzen": "password.de",
    "ich kann mich nicht mehr einloggen": "password.de",
    "mein Konto ist gesperrt": "password.de",
    "VPN bricht ständig ab": "vpn.de",
    "VPN-Verbindung": "vpn.de",
    "vpnn": "vpn.de",
    "zu Hause kein Zugriff auf die Laufwerke": "vpn.de",
    "Netzwerkdrucker": "printer.de",
    "Drukcer druckt nicht": "printer.de",
    "Druckertreiber fehlt": "printer.de",
    "Papierstau im 3. Stock": "printer.de",
    "Scaner": "printer.de",
    "Hallo, seit heute morgen druckt mein Drucker nur leere Seiten. Können Sie bitte helfen? Danke!": "printer.de",
    "Adobe Acrobat installieren": "software.de",
    "Installationsproblem": "software.de",
    "Lizens": "software.de",
    "neuer Laptop": "new-device.de",
    "Notebooks einrichten": "new-device.de",
    "Geraet": "new-device.de",
    "neues Handy": "authenticator.de",
    "Authentikator": "authenticator.de",
    "2FA": "authenticator.de",
    "zweiter Faktor": "authenticator.de",
}
BEST_ENGLISH = {
    "forgot my password": "password.en",
    "pasword reset": "password.en",
    "reseting passwords": "password.en",
    "my account is locked": "password.en",
    "printers jammed": "printer.en",
    "how do I install Photoshop": "software.en",
    "vpn keeps dropping": "vpn.en",
    "I am working from home and cannot reach my drives": "vpn.en",
    "new phone": "authenticator.en",
    "laptops": "new-device.en",
}
NOTHING = (
    *("hallo", "Hallo!", "danke", "Danke schön", "und", "bitte um Hilfe", "😀👍", "", "?", "1", "hello", "thank you"),
    *("Kaffeemaschine kaputt", "Neue Kaffeemaschine", "Wo ist die Kantine?", "Urlaub beantragen", "Maus kaputt"),
    *("SAP-Buchung schlägt fehl", "where is the canteen", "coffee machine", '" OR 1=1 -- NEAR('),
)


async def test_an_employee_is_offered_what_fits_their_words(database: Database) -> None:
    first = {words: (await offered(database, ADA, words))[:1] for words in BEST}
    assert first == {words: [name] for words, name in BEST.items()}
    first = {words: (await offered(database, GRACE, words))[:1] for words in BEST_ENGLISH}
    assert first == {words: [name] for words, name in BEST_ENGLISH.items()}


async def test_a_greeting_or_another_matter_is_offered_nothing(database: Database) -> None:
    assert {words: await offered(database, ADA, words) for words in NOTHING} == {words: [] for words in NOTHING}


async def test_at_most_three_are_offered_and_always_the_same_ones(database: Database) -> None:
    words = "Neues Telefon, Drucker, VPN, Software und Laptop einrichten, Kennwort vergessen"
    first = await offered(database, ADA, words)
    assert len(first) == 3
    assert await offered(database, ADA, words) == first


async def test_an_article_comes_in_the_readers_language_and_else_in_the_other(database: Database) -> None:
    assert await offered(database, ADA, "Authenticator") == ["authenticator.de"]
    assert await offered(database, GRACE, "Authenticator") == ["authenticator.en"]
    assert await offered(database, GRACE, "Papierstau") == ["printer.de"]


async def test_an_employee_never_gets_what_is_for_agents(database: Database) -> None:
    """Neither by words, nor by its number."""
    [hidden] = [a for a in await every(database) if a.name == "admin"]
    assert "admin.de" in await offered(database, MARA, "Kennwort zurücksetzen Admin-Konsole")
    assert "admin.de" not in await offered(database, ADA, "Kennwort eines anderen zurücksetzen Admin-Konsole")
    assert (await database.read(lambda tx: articles.read(tx, DESK, MARA, hidden.id))).title == INTERNAL.title
    for act in (
        lambda tx: articles.read(tx, DESK, ADA, hidden.id),
        lambda tx: articles.answer(tx, DESK, ADA, hidden.id, helped=True, now=NOON),
        lambda tx: articles.read(tx, DESK, ADA, 999_999),
    ):
        with pytest.raises(NoSuchArticle):
            await database.write(act)


async def test_a_person_counts_once_a_day_by_their_last_answer(database: Database) -> None:
    vpn = await the(database, "vpn", "de")

    async def say(actor: Actor, helped: bool, now: datetime) -> tuple[int, int]:
        said = await database.write(lambda tx: articles.answer(tx, DESK, actor, vpn.id, helped=helped, now=now))
        return said.helped, said.not_helped

    assert await say(ADA, True, NOON) == (1, 0)
    assert await say(ADA, True, NOON + timedelta(hours=1)) == (1, 0)
    assert await say(ADA, False, NOON + timedelta(hours=2)) == (0, 1)
    assert await say(GRACE, True, NOON) == (1, 1)
    assert await say(ADA, True, NOON + timedelta(days=1)) == (2, 1)


async def test_what_did_not_help_can_travel_with_the_next_ticket(database: Database) -> None:
    vpn, printer = await the(database, "vpn", "de"), await the(database, "printer", "de")
    for article, helped, hours in ((vpn, False, 0), (printer, False, 1), (printer, True, 30)):
        now = NOON + timedelta(hours=hours)
        await database.write(
            lambda tx, a=article, h=helped, now=now: articles.answer(tx, DESK, ADA, a.id, helped=h, now=now)  # type: ignore[misc]
        )
    assert await database.read(lambda tx: articles.did_not_help(tx, "ada", since=NOON)) == (vpn.title,)
    assert await database.read(lambda tx: articles.did_not_help(tx, "grace", since=NOON)) == ()
    assert await database.read(lambda tx: articles.did_not_help(tx, "ada", since=NOON + timedelta(minutes=1))) == ()


async def test_an_agent_makes_a_draft_of_a_resolution_and_publishes_it(database: Database) -> None:
    ticket = await raised(database, title="Beamer zeigt nichts", resolution="1. Kabel **fest** einstecken.")
    draft = await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    assert (draft.draft, draft.ticket, draft.author, draft.audience) == (True, ticket, "mara", Audience.AGENTS)
    assert draft.steps == ("Kabel fest einstecken.",)
    again = await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    assert again.id == draft.id

    edition = Edition("Beamer anschließen", Audience.EVERYONE, draft.body, ("Projektor",))
    assert await offered(database, ADA, "Beamer") == []
    assert await offered(database, MARA, "Beamer") == [f"@inc-{ticket}.de"]
    with pytest.raises(NoSuchArticle):
        await database.write(lambda tx: articles.publish(tx, DESK, ADA, draft.id, edition, now=NOON))
    await database.write(lambda tx: articles.publish(tx, DESK, MARA, draft.id, edition, now=NOON))
    assert await offered(database, ADA, "Projektoren") == [f"@inc-{ticket}.de"]


async def test_until_it_is_published_a_draft_is_read_by_the_line_that_has_its_ticket_and_by_nobody_else(
    database: Database,
) -> None:
    ticket = await raised(database, title="Beamer zeigt nichts", resolution="Kabel von Ada fest")
    draft = await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    tom, nina = Actor("tom", "Tom", "de", frozenset({"first"})), Actor("nina", "Nina", "de", frozenset({"network"}))
    left, admin = replace(MARA, lines=frozenset({"network"})), Actor("alma", "Alma", "de", is_admin=True)
    edition = Edition("Beamer", Audience.EVERYONE, "Kabel", of=NOON)
    assert await offered(database, tom, "Beamer") == [f"@inc-{ticket}.de"]
    for person in (nina, left, admin, ADA):
        assert await offered(database, person, "Beamer") == []
        for act in (
            lambda tx, who=person: articles.read(tx, DESK, who, draft.id),
            lambda tx, who=person: articles.to_edit(tx, DESK, who, draft.id),
            lambda tx, who=person: articles.answer(tx, DESK, who, draft.id, helped=True, now=NOON),
            lambda tx, who=person: articles.publish(tx, DESK, who, draft.id, edition, now=NOON),
        ):
            with pytest.raises(NoSuchArticle):
                await database.write(act)
    await database.write(lambda tx: tx.execute(update(tickets).values(line="network")))
    assert await offered(database, tom, "Beamer") == []
    same = await database.write(lambda tx: articles.draft_from(tx, DESK, nina, ticket, now=NOON))
    assert same == draft
    assert await offered(database, nina, "Beamer") == [f"@inc-{ticket}.de"]
    assert await offered(database, tom, "Beamer") == []
    await database.write(lambda tx: articles.publish(tx, DESK, nina, draft.id, edition, now=NOON))
    assert await offered(database, tom, "Beamer") == await offered(database, ADA, "Beamer") == [f"@inc-{ticket}.de"]


async def test_drafts_of_other_lines_take_no_place_among_what_is_offered(database: Database) -> None:
    for title in ("Beamer", "Beamer flackert", "Beamer rauscht", "Beamer brummt"):
        ticket = await raised(database, title=title, resolution="Kabel")
        await database.write(lambda tx, t=ticket: articles.draft_from(tx, DESK, MARA, t, now=NOON))  # type: ignore[misc]
    written = Written("beamer", "de", "Leinwand und Beamer im großen Saal", Audience.AGENTS, "Ausrollen.")
    await database.write(lambda tx: articles.take_over(tx, [written], now=NOON))
    assert await offered(database, Actor("nina", "Nina", "de", frozenset({"network"})), "Beamer") == ["beamer.de"]


async def test_a_draft_is_not_made_of_what_is_confidential_unsolved_or_somebody_elses(database: Database) -> None:
    secret = await raised(database, confidential=True, resolution="Gehalt neu berechnet")
    unsolved = await raised(database, resolution=None)
    solved = await raised(database, resolution="Neu gestartet")
    for actor, ticket, refusal in (
        (MARA, secret, NotAllowed),
        (MARA, unsolved, NotNow),
        (ADA, solved, NotAllowed),
        (Actor("eve", "Eve", "de", frozenset({"sap"})), solved, NotFound),
    ):
        with pytest.raises(refusal):
            await database.write(lambda tx, a=actor, t=ticket: articles.draft_from(tx, DESK, a, t, now=NOON))  # type: ignore[misc]


async def test_an_article_without_a_title_or_a_text_is_not_published(database: Database) -> None:
    ticket = await raised(database, resolution="Neu gestartet")
    draft = await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    with pytest.raises(InvalidInput) as refused:
        await database.write(
            lambda tx: articles.publish(
                tx, DESK, MARA, draft.id, Edition(" ", Audience.EVERYONE, "", ("x" * 41,)), now=NOON
            )
        )
    assert set(refused.value.problems) == {"title", "body", "tags"}


async def test_what_is_looked_after_in_the_folder_is_not_published_from_teams(database: Database) -> None:
    vpn = await the(database, "vpn", "de")
    with pytest.raises(NotAllowed):
        await database.write(
            lambda tx: articles.publish(tx, DESK, MARA, vpn.id, Edition("VPN", Audience.EVERYONE, "Neu"), now=NOON)
        )


async def test_a_folder_taken_over_twice_changes_nothing(database: Database) -> None:
    before = await every(database)
    later = NOON + timedelta(days=1)
    done = await database.write(lambda tx: articles.take_over(tx, [*EXAMPLES, INTERNAL], now=later))
    assert (done.added, done.updated, done.removed, done.unchanged) == (0, 0, 0, 13)
    assert await every(database) == before


async def test_what_left_the_folder_goes_and_what_was_written_in_teams_stays(database: Database) -> None:
    ticket = await raised(database, title="Beamer", resolution="Kabel")
    await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    vpn = await the(database, "vpn", "de")
    await database.write(lambda tx: articles.answer(tx, DESK, ADA, vpn.id, helped=True, now=NOON))
    changed = Written("vpn", "de", "Tunnel graben", Audience.EVERYONE, "Spaten nehmen.")
    new = Written("beamer", "de", "Leinwand", Audience.EVERYONE, "Ausrollen.")

    done = await database.write(lambda tx: articles.take_over(tx, [changed, new], now=NOON))
    assert (done.added, done.updated, done.removed, done.unchanged) == (1, 1, 12, 0)
    assert {a.name for a in await every(database)} == {"vpn", "beamer", f"@inc-{ticket}"}
    assert (await the(database, "vpn", "de")).helped == 1
    assert await offered(database, ADA, "Drucker") == []
    assert await offered(database, ADA, "Spaten Tunnel") == ["vpn.de"]
    assert await offered(database, ADA, "Fernzugriff") == []


async def test_a_file_called_like_a_ticket_and_the_article_made_of_that_ticket_stand_beside_each_other(
    database: Database,
) -> None:
    ticket = await raised(database, title="Beamer", resolution="Kabel")
    file = Written(f"inc-{ticket}", "de", "Leinwand", Audience.EVERYONE, "Ausrollen.")
    await database.write(lambda tx: articles.take_over(tx, [file], now=NOON))
    draft = await database.write(lambda tx: articles.draft_from(tx, DESK, MARA, ticket, now=NOON))
    assert (draft.title, draft.source) == ("Beamer", Source.TEAMS)
    done = await database.write(lambda tx: articles.take_over(tx, [file], now=NOON))
    assert (done.removed, done.unchanged) == (0, 1)
    assert [article.title for article in await every(database)] == ["Beamer", "Leinwand"]


async def test_a_folder_cannot_take_the_name_of_an_article_that_was_written_in_teams_before(database: Database) -> None:
    earlier, origin = Written("inc-7", "de", "Beamer", Audience.AGENTS, "Kabel"), Origin(Source.TEAMS, ticket=7)
    await database.write(lambda tx: add(tx, earlier, origin, NOON))
    before = await every(database)
    same = Written("inc-7", "de", "Anders", Audience.EVERYONE, "Text")
    with pytest.raises(NameTaken):
        await database.write(lambda tx: articles.take_over(tx, [same], now=NOON))
    assert await every(database) == before


async def test_the_better_article_comes_first_and_of_equals_the_one_in_the_readers_language(database: Database) -> None:
    docking, monitor = "Dockingstation lädt nicht", "Monitor flickers at the Dockingstation"
    both = [
        Written("docking", "de", docking, Audience.EVERYONE, "Netzteil prüfen."),
        Written("monitor", "en", monitor, Audience.EVERYONE, "Change the cable."),
        Written("monitor-de", "de", "Bildschirm", Audience.EVERYONE, "Eine Dockingstation."),
    ]
    await database.write(lambda tx: articles.take_over(tx, both, now=NOON))
    assert await offered(database, ADA, "Monitor flickers Dockingstation") == ["monitor.en", "docking.de"]
    assert await offered(database, ADA, "Dockingstation") == ["docking.de", "monitor.en"]
    assert await offered(database, GRACE, "Dockingstation") == ["monitor.en", "docking.de"]


async def test_however_many_articles_have_a_common_word_the_one_with_the_rare_word_comes_first(
    database: Database,
) -> None:
    rare = Written("old", "de", "Outlook: Signatur", Audience.EVERYONE, "Ändern.")
    many = [Written(f"o{n}", "de", f"Outlook Fall {n}", Audience.EVERYONE, "Öffnen.") for n in range(120)]
    await database.write(lambda tx: articles.take_over(tx, [rare], now=NOON))
    await database.write(lambda tx: articles.take_over(tx, [rare, *many], now=NOON))
    for words in (
        "Outlook Signatur",
        "Signatur in Outlook lässt sich nicht ändern",
        "Signatur und Outlook und Drucker",
    ):
        assert (await offered(database, ADA, words))[0] == "old.de", words


async def every(database: Database) -> list[Article]:
    from app.store.articles import all_to_change

    return await database.read(all_to_change)


async def the(database: Database, name: str, language: str) -> Article:
    [article] = [a for a in await every(database) if (a.name, a.language) == (name, language)]
    return article


async def raised(database: Database, **changes: object) -> int:
    """A ticket of Ada's at the first line."""
    given = {"requester": "ada", "line": "first", "status": Status.RESOLVED, **changes}
    make: Callable[[Connection], int] = lambda tx: added(tx, **given).id  # noqa: E731
    return await database.write(make)
