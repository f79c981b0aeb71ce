"""A verb that only this module knows, from its button to the history: nothing of the app has to be touched for one."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import pytest

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.fields import ChoiceField, TextField, options_of
from app.actions.registry import Incomplete, register, registered
from app.domain.changing import changed
from app.domain.events import Said
from app.domain.people import Role
from app.domain.priority import Priority
from app.domain.telling import Value, Words
from app.domain.ticket import OPEN, Ticket
from app.messages.notices.manager_notified import ManagerNotifiedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft
from tests.services.prepared import everything, on, raised
from tests.support.catalogues import with_words
from tests.support.desk import FIRST, World, button, verbs, world


class Storey(StrEnum):
    GROUND = "ground"
    ROOF = "roof"


@dataclass(frozen=True, slots=True)
class SendTechnician:
    storey: Storey
    tools: str
    verb: ClassVar = "ticket.send_technician"


@dataclass(frozen=True)
class TechnicianSent(Said):
    storey: Storey

    def sentence_values(self) -> Mapping[str, Value]:
        return {"storey": Words(f"form.send_technician.storey.{self.storey}")}


class SendTechnicianAction(Action[SendTechnician]):
    code = SendTechnician.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    during_offer = False
    inputs = SendTechnician
    event = TechnicianSent
    button = Placement(rank=115, more=True)
    static_fields = (
        ChoiceField(id="storey", options=options_of(Storey, "form.send_technician.storey"), kind=Storey),
        TextField(id="tools", limit=20),
    )

    def apply(self, ticket: Ticket, inputs: SendTechnician, act: Act) -> Outcome:
        return Outcome(changed(ticket, priority=Priority.P2), TechnicianSent(inputs.tools, inputs.storey))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, ManagerNotifiedInThread())
        yield from show_cards(change)


WORDS = {
    "action.send_technician": ("Techniker schicken", "Send a technician"),
    "form.send_technician.title": ("Techniker schicken", "Send a technician"),
    "form.send_technician.storey": ("In welches Stockwerk?", "To which storey?"),
    "form.send_technician.storey.ground": ("Erdgeschoss", "Ground floor"),
    "form.send_technician.storey.roof": ("Dach", "Roof"),
    "form.send_technician.tools": ("Welches Werkzeug?", "Which tools?"),
    "explain.event.ticket.send_technician": (
        "{name} hat jemanden geschickt ({storey})",
        "{name} has sent somebody ({storey})",
    ),
}
FILLED = {"storey": "roof", "tools": "Leiter"}


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    return with_words(tmp_path / "catalogues", WORDS)


@pytest.fixture
def verb() -> Iterator[None]:
    with registered(SendTechnicianAction):
        yield


@pytest.fixture
async def desk(address: str, languages: Path, verb: None) -> AsyncIterator[World]:
    async with world(address, catalogues=languages) as running:
        yield running


async def test_its_button_opens_its_form_in_the_readers_language(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    card = await desk.click(mara, "ticket.view", on(ticket), channel=FIRST)
    assert "ticket.send_technician.form" in verbs(card)
    assert verbs(card).index("ticket.note.form") < verbs(card).index("ticket.send_technician.form")
    form = await desk.click(mara, "ticket.send_technician.form", button(card, "ticket.send_technician.form"))
    assert [part["id"] for part in form["body"] if "id" in part] == ["storey", "tools"]
    assert "In welches Stockwerk?" in str(form)
    assert "Dach" in str(form)
    assert verbs(form) == ["ticket.send_technician", "ticket.view"]


async def test_it_changes_the_ticket_is_told_and_stands_in_the_history(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    answer = await desk.click(mara, SendTechnician.verb, {**on(ticket), **FILLED}, channel=FIRST)
    assert isinstance(answer, dict)
    [row] = await desk.rows("SELECT priority FROM tickets WHERE id = :id", id=ticket)
    assert row.priority == "P2"
    [event] = await desk.rows("SELECT actor FROM events WHERE code = :code", code=SendTechnician.verb)
    assert event.actor == mara.aad_id
    assert "Leiter" in desk.words(FIRST)
    await desk.write(mara, f"erkläre INC-{ticket}", channel=FIRST)
    assert "Mara Klein hat jemanden geschickt (Dach)" in desk.words(FIRST)
    assert "„Leiter“" in desk.words(FIRST)


async def test_what_is_wrong_is_said_in_its_form_and_what_was_typed_stays(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    await desk.settle()
    before = (await everything(desk))[:2]
    long = "Leiter, Schraubenzieher, Zange"
    form = await desk.click(mara, SendTechnician.verb, {**on(ticket), "storey": "cellar", "tools": long}, channel=FIRST)
    said = str(form)
    assert "Bitte etwas aus der Liste auswählen." in said
    assert "Höchstens 20 Zeichen" in said
    typed = {part["id"]: part.get("value") for part in form["body"] if "id" in part}
    assert typed["tools"] == long[:20]
    assert (await everything(desk))[:2] == before


async def test_whoever_has_no_right_to_it_changes_nothing(desk: World) -> None:
    ticket = await raised(desk)
    await desk.settle()
    before = (await everything(desk))[:2]
    for person in (desk.cast.stranger, desk.cast.requester):
        assert isinstance(await desk.click(person, SendTechnician.verb, {**on(ticket), **FILLED}), str)
    assert (await everything(desk))[:2] == before


async def test_the_same_click_again_has_no_second_effect(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    sent = {**on(ticket), **FILLED, "desk": {"ticket": ticket, "form": "once"}}
    for _ in range(3):
        assert isinstance(await desk.click(mara, SendTechnician.verb, sent, channel=FIRST), dict)
    assert len(await desk.rows("SELECT id FROM events WHERE code = :code", code=SendTechnician.verb)) == 1


async def test_it_is_not_offered_where_it_is_not_possible(desk: World) -> None:
    for state in ("offered", "resolved"):
        ticket = await raised(desk, state)
        card = await desk.click(desk.cast.mara, "ticket.view", on(ticket), channel=FIRST)
        assert "ticket.send_technician.form" not in verbs(card), state
        assert isinstance(await desk.click(desk.cast.mara, SendTechnician.verb, {**on(ticket), **FILLED}), dict | str)
    assert not await desk.rows("SELECT id FROM events WHERE code = :code", code=SendTechnician.verb)


def test_a_verb_that_says_too_little_is_refused_at_import() -> None:
    class Silent(Action[SendTechnician]):
        code = "ticket.silent"
        roles = frozenset({Role.AGENT})

    with pytest.raises(Incomplete, match="statuses, inputs, button, apply, messages"):
        register(Silent)


async def test_a_desk_does_not_start_with_a_verb_without_words(address: str, verb: None) -> None:
    with pytest.raises(Incomplete, match=r"action\.send_technician"):
        async with world(address):
            pass
