"""The preventive action in its owner's chat, until it is done; where it is owed, the question what is done."""

from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.form import people_within, problems
from app.cards.forms import ask_prevention
from app.cards.inputs import Inputs
from app.cards.parts import Card, card, execute, fact, fitted, heading, long_text, on_ticket, run, runs
from app.cards.story import short_title
from app.domain.verbs import PREVENTION_DONE, PREVENTION_NAME
from app.domain.views import EMPTY_FORM, FormState, PreventionView, TicketView
from app.i18n import Text


def prevention_card(
    view: TicketView, action: PreventionView, t: Text, zone: tzinfo, state: FormState = EMPTY_FORM
) -> Card:
    """What has to be done until when, and the button that says that it is; or the question for it (`state` is what was
    typed).
    """
    if action.is_owed:
        return _owed_card(view, action, t, zone, state)
    title = t("prevention.title", number=view.ticket.number)

    def build(room: int) -> Card:
        body = [
            heading(title),
            _about(view, t),
            *long_text(action.text, room, t, spacing="Medium"),
            fact(t("prevention.owner"), run(text.name(action.owner.name), bold=True)),
            fact(t("prevention.due"), run(t.date(action.due), bold=True)),
            fact(t("prevention.decided_by"), run(text.name(action.decided_by.name))),
            runs(run(_state(action, t, zone), subtle=action.done_at is None), spacing="Medium"),
        ]
        return card(body, _actions(view, action, t), fallback=summary(view, t))

    return fitted(build)


def _owed_card(view: TicketView, action: PreventionView, t: Text, zone: tzinfo, state: FormState) -> Card:
    """What keeps it from happening again, asked of whoever answers for management."""
    title = t("prevention.title", number=view.ticket.number)
    is_named = action.done_at is not None

    def build(room: int) -> Card:
        inputs = Inputs(t, state)
        if not is_named:
            ask_prevention(t, inputs, people_within(room, action.owners))
        body = [
            heading(title),
            _about(view, t),
            runs(run(_state(action, t, zone), bold=is_named), spacing="Medium"),
            *problems(state, t),
            *inputs.elements,
        ]
        data = on_ticket(view.ticket, prevention=action.id)
        actions: list[Action] = [execute(t("action.save"), PREVENTION_NAME, data, inputs=True)]
        return card(body, [] if is_named else actions, fallback=summary(view, t))

    return fitted(build)


def _about(view: TicketView, t: Text) -> CardElement:
    """What the ticket was about; of a confidential one its owner, who may be anybody, reads no more than the number."""
    words = t("list.confidential") if view.ticket.confidential else short_title(view.ticket)
    return runs(run(words, subtle=True), spacing="None")


def summary(view: TicketView, t: Text) -> str:
    """What the notification says."""
    return t("prevention.summary", number=view.ticket.number)


def _state(action: PreventionView, t: Text, zone: tzinfo) -> str:
    if action.done_at is None or action.done_by is None:
        return t("prevention.owed_hint" if action.is_owed else "prevention.hint")
    key = "prevention.named" if action.is_owed else "prevention.done"
    return t(key, name=text.name(action.done_by.name), moment=t.moment(action.done_at, zone))


def _actions(view: TicketView, action: PreventionView, t: Text) -> list[Action]:
    if action.done_at is not None:
        return []
    data = on_ticket(view.ticket, prevention=action.id)
    return [execute(t("action.prevention_done"), PREVENTION_DONE, data)]
