"""The frame that every form about a ticket has: what it is about, what was wrong, the inputs, and the way back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.inputs import Inputs, Options
from app.cards.parts import Card, card, execute, fitted, heading, on_ticket, run, runs
from app.cards.story import short_title
from app.domain.people import Person
from app.domain.verbs import VIEW
from app.domain.views import FormState, TicketView
from app.i18n import Text

_FEWEST_PEOPLE = 3
_SHORTEST_NAME = 20
_ROOM_PER_PERSON = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What makes the form that of its verb: words, inputs, and what stands above them, by how much room there is."""

    verb: str
    title: str
    submit: str
    cancel: str
    inputs: Callable[[int], Inputs]
    above: Callable[[int], Iterable[CardElement]]


def form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    look: Look,
) -> Card:
    """The form of one verb."""
    about = t("form.about", number=view.ticket.number, title=short_title(view.ticket))
    data = on_ticket(view.ticket, form=nonce)

    def build(room: int) -> Card:
        asked = look.inputs(room)
        body = [
            heading(look.title, size="Large"),
            runs(run(about, subtle=True), spacing="None"),
            *look.above(room),
            *problems(state, t),
            *asked.elements,
        ]
        actions: list[Action] = [
            execute(look.submit, look.verb, data, inputs=bool(asked.elements)),
            execute(look.cancel, VIEW, on_ticket(view.ticket)),
        ]
        return card(body, actions, fallback=f"{look.title} · {about}")

    return fitted(build)


def problems(state: FormState, t: Text) -> list[CardElement]:
    """One line at the top: what concerns the whole form, or that a field below needs another look."""
    if not state.problems:
        return []
    told = state.problems.get("") or t("error.invalid_input")
    return [runs(run(f"⚠ {told}", color="Attention"), spacing="Medium")]


def people_within(room: int, people: Sequence[Person]) -> Options:
    """As many people to choose from as there is room for; what was typed comes first, and may be a lot."""
    most = max(_FEWEST_PEOPLE, room // _ROOM_PER_PERSON)
    length = max(_SHORTEST_NAME, room // _ROOM_PER_PERSON)
    return [(person.id, text.cut(text.name(person.name), length)) for person in people[:most]]
