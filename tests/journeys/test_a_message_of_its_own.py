"""Kinds of messages that only this module knows, on their way to people: nothing of the app is touched for them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from app.cards.parts import card, heading, run, runs
from app.domain.people import Role
from app.i18n import Texts
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import Incomplete, register, registered
from app.services.access import REQUESTER_SLOT
from app.services.outgoing import edit, say, written_anew
from app.store import copies, outbox
from app.store.messages import Draft, Way
from tests.cards.approved import differences
from tests.cards.checking import problems
from tests.cards.samples import examples
from tests.services.prepared import on, raised
from tests.support.catalogues import with_words
from tests.support.desk import FIRST, World, world
from tests.support.teams import Message as Sent


class Storey(StrEnum):
    GROUND = "ground"
    ROOF = "roof"


@dataclass(frozen=True, slots=True)
class Appointment(Message[str]):
    """Says where and when somebody comes to look, and for which ticket as it is by then."""

    storey: Storey
    day: date
    code = "appointment"
    version = 2
    is_noticed = True

    @classmethod
    def upgrade(cls, payload: Mapping[str, Any], version: int) -> Mapping[str, Any]:
        return {**payload, "storey": Storey.GROUND}

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        return "delivery.what.appointment", "appointment.title", *(f"appointment.{each}" for each in Storey)

    def look_up(self, at: Frame) -> str | None:
        view = at.ticket_view(REQUESTER_SLOT)
        return view.ticket.title if view else None

    def show(self, view: str, reader: Reader) -> Shown:
        t = reader.text
        title = t("appointment.title", date=t.date(self.day), storey=t(f"appointment.{self.storey}"))
        return Shown(title, card=card([heading(title), runs(run(view))], fallback=title))

    def words_repeated(self, at: Frame) -> str:
        return f"appointment:{at.ticket}"

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[str]:
        title = samples.ticket("in_progress", Role.REQUESTER).ticket.title
        return Example("appointment/roof", cls(Storey.ROOF, samples.at.date()), title)


@dataclass(frozen=True, slots=True)
class WaterInThread(Notice):
    code = "thread_water"
    key = "notice.thread.water"
    in_thread = True
    sample = NoticeSample(by="ben")


WORDS = {
    "delivery.what.appointment": ("Termin", "Appointment"),
    "appointment.title": ("Termin am {date}: {storey}", "Appointment on {date}: {storey}"),
    "appointment.ground": ("Erdgeschoss", "ground floor"),
    "appointment.roof": ("Dach", "roof"),
    "notice.thread.water": ("{name} sieht Wasser bei {number}.", "{name} sees water at {number}."),
}
DAY = date(2026, 11, 25)


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    return with_words(tmp_path / "catalogues", WORDS)


@pytest.fixture
def kinds() -> Iterator[None]:
    with registered(Appointment, WaterInThread):
        yield


@pytest.fixture
async def desk(address: str, languages: Path, kinds: None) -> AsyncIterator[World]:
    async with world(address, catalogues=languages) as running:
        yield running


async def queue(desk: World, *drafts: Draft) -> None:
    now = desk.clock.now()
    await desk.database.write(lambda tx: outbox.put(tx, drafts, now=now, correlation=None))
    await desk.settle()


def latest(desk: World, place: str) -> Sent:
    return desk.messages(place)[-1]


async def test_everybody_reads_it_in_their_own_language(desk: World) -> None:
    ticket, ada, mara = await raised(desk), desk.cast.requester, desk.cast.mara
    await desk.write(ada, "Hallo")
    await desk.write(mara, "language en")
    await queue(desk, *(say(f"person:{each.aad_id}", Appointment(Storey.ROOF, DAY), ticket) for each in (ada, mara)))
    assert latest(desk, ada.chat_id).activity["summary"] == "Termin am Mi 25.11.2026: Dach"
    assert latest(desk, mara.chat_id).activity["summary"] == "Appointment on Wed 25 Nov 2026: roof"
    assert latest(desk, ada.chat_id).activity["channelData"]["notification"] == {"alert": True}
    assert "VPN geht nicht" in latest(desk, ada.chat_id).words


async def test_it_is_written_anew_in_its_place_with_what_holds_by_then(desk: World) -> None:
    ticket, ada = await raised(desk), desk.cast.requester
    await desk.write(ada, "Hallo")
    await queue(desk, say(f"person:{ada.aad_id}", Appointment(Storey.ROOF, DAY), ticket))
    told = latest(desk, ada.chat_id)
    await desk.click(ada, "ticket.edit", {**on(ticket), "title": "Alles geht nicht", "description": "Seit heute"})
    await queue(desk, *map(written_anew, await desk.database.read(lambda tx: copies.of(tx, f"appointment:{ticket}"))))
    assert "Alles geht nicht" in desk.teams.messages[ada.chat_id][told.id].words
    await queue(desk, edit(f"person:{ada.aad_id}", Appointment(Storey.GROUND, DAY), told.id, ticket))
    assert "Erdgeschoss" in desk.teams.messages[ada.chat_id][told.id].words


async def test_a_notice_of_its_own_stands_below_the_tickets_card(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    await desk.click(mara, "ticket.take", on(ticket), channel=FIRST)
    [event] = await desk.rows("SELECT id FROM events WHERE code = 'ticket.take'")
    await queue(desk, Draft("line:first", Way.THREAD, WaterInThread(), ticket, "line:first", event=event.id))
    assert latest(desk, FIRST).activity["text"] == f"Mara Klein sieht Wasser bei INC-{ticket}."


async def test_what_an_earlier_version_queued_is_read(desk: World) -> None:
    ticket, ada = await raised(desk), desk.cast.requester
    await desk.write(ada, "Hallo")
    queued = say(f"person:{ada.aad_id}", Appointment(Storey.ROOF, DAY), ticket)
    now, old = desk.clock.now(), "UPDATE outbox SET data = '{\"day\": \"2026-11-25\"}' WHERE what = 'appointment'"
    await desk.database.write(lambda tx: (outbox.put(tx, [queued], now=now, correlation=None), tx.exec_driver_sql(old)))
    await desk.settle()
    assert "Erdgeschoss" in latest(desk, ada.chat_id).words


def test_its_example_is_a_card_of_the_gallery(languages: Path, kinds: None) -> None:
    texts = Texts.load(folder=languages)
    shown = {code: examples(texts.language(code)) for code in ("de", "en")}
    for name in ("appointment/roof", "notice/thread_water"):
        assert differences({code: cards[name] for code, cards in shown.items()}) == []
    assert problems(shown["en"]["appointment/roof"]) == []
    assert shown["en"]["notice/thread_water"]["text"] == "Ben Okafor sees water at INC-1042."


def test_a_kind_that_says_too_little_is_refused_at_import() -> None:
    class Silent(Message[str]):
        code = "silent"

    class Nameless(Notice):
        code = "nameless"

    with pytest.raises(Incomplete, match="look_up, show, in_gallery"):
        register(Silent)
    with pytest.raises(Incomplete, match="key, sample"):
        register(Nameless)


async def test_a_desk_does_not_start_with_a_message_without_words(address: str, kinds: None) -> None:
    with pytest.raises(Incomplete, match=r"appointment has no words for delivery\.what\.appointment \(de\)"):
        async with world(address):
            pass
