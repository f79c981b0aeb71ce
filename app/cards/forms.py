"""The forms: the clicker's own view of a ticket's card, with the inputs of one verb.

Ids and values of the inputs are those of the outward interface.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.form import form, people_within, problems
from app.cards.inputs import Inputs, Options, named
from app.cards.parts import Card, card, execute, heading, label, long_text, panel, run, runs
from app.domain.people import Availability, Person
from app.domain.priority import Impact, Urgency
from app.domain.requests import HAND_OVER_TEXT, LONG_TEXT, NUMBER, SHORT_TEXT, TITLE
from app.domain.ticket import (
    MANAGEMENT,
    EscalationReason,
    FirstLineCould,
    Gravity,
    Kind,
    NudgeReason,
    PendingReason,
    Relation,
    ReturnReason,
)
from app.domain.verbs import MINE, NEW, SUBMIT, Verb
from app.domain.views import FieldView, FormState, Label, LineView, Similar, TicketView
from app.i18n import Text

_UNKNOWN: Mapping[str, Availability | date] = {}
_MARKS = {
    Availability.AVAILABLE: "●",
    Availability.BUSY: "◐",
    Availability.IN_CALL: "◐",
    Availability.DO_NOT_DISTURB: "⊘",
    Availability.AWAY: "◔",
    Availability.OFFLINE: "○",
    Availability.OUT_OF_OFFICE: "⊘",
}


def ticket_form(
    t: Text,
    *,
    categories: Sequence[tuple[str, Label]],
    fields: Sequence[FieldView],
    state: FormState,
    nonce: str,
    more_fields: bool,
    draft: str = "",
) -> Card:
    """The form for a new ticket; with `more_fields` a button shows it again with the chosen category's own fields."""
    data = {"form": nonce, **({"draft": draft} if draft else {})}
    actions: list[Action] = [execute(t("action.submit"), SUBMIT, data, inputs=True)]
    if more_fields:
        actions.append(execute(t("action.category_fields"), NEW, data, inputs=True))
    actions.append(execute(t("action.cancel"), MINE, {}))
    title = t("form.submit.title")
    body = [heading(title, size="Large"), *ticket_inputs(t, categories=categories, fields=fields, state=state)]
    return card(body, actions, fallback=title)


def ticket_inputs(
    t: Text, *, categories: Sequence[tuple[str, Label]], fields: Sequence[FieldView], state: FormState
) -> list[CardElement]:
    """What a new ticket asks for, wherever the form stands."""
    urgencies = named(Urgency, lambda id: t(f"urgency.{id}.choice"))
    impacts = named(Impact, lambda id: t(f"impact.{id}.choice"))
    kinds = named(Kind, lambda id: t(f"kind.{id}.choice"))
    inputs = (
        Inputs(t, state)
        .text("title", t("form.submit.title_input"), TITLE, multiline=False)
        .text("description", t("form.submit.description"), LONG_TEXT, hint=t("form.submit.description_hint"))
        .choice("category", t("form.submit.category"), _categories(categories, t))
        .fields(fields)
        .choice("urgency", t("form.submit.urgency"), urgencies, value=Urgency.NORMAL)
        .choice("impact", t("form.submit.impact"), impacts, value=Impact.ME)
        .choice("kind", t("form.submit.kind"), kinds, value=Kind.INCIDENT, style="expanded")
    )
    intro = runs(run(t("form.submit.intro"), subtle=True), spacing="None")
    return [intro, *problems(state, t), *inputs.elements]


def reply_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """An agent's public answer."""
    inputs = Inputs(t, state).text("text", t("form.reply.text"), LONG_TEXT)
    title = t("form.reply.title", name=text.name(view.requester.name))
    return form(view, t, state, nonce, Verb.REPLY, inputs, title=title, context=_to_answer)


def note_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """A work note."""
    inputs = Inputs(t, state).text("text", t("form.note.text"), LONG_TEXT)
    return form(view, t, state, nonce, Verb.NOTE, inputs, submit=t("action.save"))


def pend_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """For whom or what the ticket waits; only a question to the requester needs a text, which the server checks."""
    name = text.name(view.requester.name)
    reasons = named(PendingReason, lambda id: t(f"pending.choice.{id}", name=name))
    inputs = (
        Inputs(t, state)
        .choice("reason", t("form.pend.reason"), reasons, value=PendingReason.REQUESTER, style="expanded")
        .text("text", t("form.pend.text"), LONG_TEXT, hint=t("form.pend.text_hint"), required=False)
        .date("until", t("form.pend.until"))
    )
    return form(view, t, state, nonce, Verb.PEND, inputs)


def assign_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    colleagues: Sequence[Person],
    there: Mapping[str, Availability | date] = _UNKNOWN,
) -> Card:
    """Which colleague of the line works on it; the present assignee is chosen already.

    `there` is how Teams shows somebody, or until which day they are absent.
    """
    present = view.assignee.id if view.assignee else ""

    def inputs(room: int) -> Inputs:
        people = [(id, _marked(name, there.get(id), t)) for id, name in people_within(room, colleagues)]
        return Inputs(t, state).choice("assignee", t("form.assign.assignee"), people, value=present)

    return form(view, t, state, nonce, Verb.ASSIGN, inputs)


def _marked(name: str, known: Availability | date | None, t: Text) -> str:
    match known:
        case None:
            return name
        case Availability():
            return f"{name} ({_MARKS[known]} {t(f'availability.{known}')})"
        case _:
            return f"{name} (⊘ {t('availability.absent', date=t.date(known))})"


def classify_form(
    view: TicketView, t: Text, state: FormState, nonce: str, categories: Sequence[tuple[str, Label]]
) -> Card:
    """Category, urgency, impact and kind, as they are now."""
    ticket = view.ticket
    urgencies = named(Urgency, lambda id: t(f"urgency.{id}"))
    impacts = named(Impact, lambda id: t(f"impact.{id}"))
    kinds = named(Kind, lambda id: t(f"kind.{id}"))
    inputs = (
        Inputs(t, state)
        .choice("category", t("line.category"), _categories(categories, t), value=ticket.category)
        .choice("urgency", t("line.urgency"), urgencies, value=ticket.urgency)
        .choice("impact", t("line.impact"), impacts, value=ticket.impact)
        .choice("kind", t("line.kind"), kinds, value=ticket.kind)
    )
    return form(view, t, state, nonce, Verb.CLASSIFY, inputs)


def escalate_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    lines: Sequence[LineView],
    guideline: Label | None,
    owners: Sequence[Person] = (),
    similar: Sequence[Similar] = (),
) -> Card:
    """The hand-over; above the inputs stands what the company wrote about when to escalate.

    On the way to management it asks how grave the matter is, on the way back what prevents it (`owners` may do that).
    """
    options = [(line.id, _line_choice(line, t)) for line in lines]

    def inputs(room: int) -> Inputs:
        asked = (
            Inputs(t, state)
            .choice("line", t("form.escalate.line"), options, value=lines[0].id if len(lines) == 1 else "")
            .choice("reason", t("form.escalate.reason"), named(EscalationReason, lambda id: t(f"escalation.{id}")))
            .text("tried", t("form.escalate.tried"), HAND_OVER_TEXT)
            .text("needed", t("form.escalate.needed"), HAND_OVER_TEXT)
        )
        _ask_gravity(lines, t, asked)
        _ask_on_leaving(view, t, asked, people_within(room, owners))
        return asked

    def context(room: int, view: TicketView, t: Text) -> list[CardElement]:
        until = t("form.escalate.until_accepted", line=text.name(view.line.label.text(t.language)))
        shown: list[CardElement] = [runs(run(until, subtle=True), spacing="Small")]
        if guideline:
            words = long_text(guideline.text(t.language), room, t, spacing="None")
            shown.append(panel([label(f"▸ {t('form.escalate.guideline')}"), *words], style="accent"))
        return [*shown, *_similar(similar, room, t)]

    return form(view, t, state, nonce, Verb.ESCALATE, inputs, context=context)


def _ask_gravity(lines: Sequence[LineView], t: Text, inputs: Inputs) -> None:
    """What management has to know; required where it can only be management."""
    if not any(line.level == MANAGEMENT for line in lines):
        return
    only = all(line.level == MANAGEMENT for line in lines)
    grave = named(Gravity, lambda id: t(f"gravity.{id}"))
    inputs.part(t("form.gravity.title"), None if only else t("form.gravity.hint"))
    inputs.choice("gravity", t("form.escalate.gravity"), grave, required=only)
    inputs.text("business_impact", t("form.escalate.business_impact"), SHORT_TEXT, required=only)


def resolve_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    asks_first_line: bool,
    owners: Sequence[Person] = (),
    similar: Sequence[Similar] = (),
) -> Card:
    """The solution, above level 1 the question whether the first line could have done it, and on level 4 what prevents
    that it happens again (`owners` may do that).
    """
    hint = t("form.resolve.resolution_hint", name=text.name(view.requester.name))

    def inputs(room: int) -> Inputs:
        asked = Inputs(t, state).text("resolution", t("form.resolve.resolution"), LONG_TEXT, hint=hint)
        if asks_first_line:
            answers = named(FirstLineCould, lambda id: t(f"could.{id}"))
            asked.choice("first_line_could", t("form.resolve.first_line_could"), answers, style="expanded")
            asked.text("guide", t("form.resolve.guide"), SHORT_TEXT, required=False)
        _ask_on_leaving(view, t, asked, people_within(room, owners))
        return asked

    return form(view, t, state, nonce, Verb.RESOLVE, inputs, context=lambda room, _view, _t: _similar(similar, room, t))


def _similar(similar: Sequence[Similar], room: int, t: Text) -> list[CardElement]:
    """What solved tickets like this one."""
    if not similar:
        return []
    shown: list[CardElement] = [label(f"▸ {t('form.similar')}")]
    for each in similar:
        title = text.cut(" ".join(text.plain(each.title).split()), 80)
        shown.append(runs(run(f"{each.number} · {title}", bold=True), spacing="Small"))
        shown += long_text(text.cut(each.resolution, max(80, room // 12)), room, t, spacing="None")
    return [panel(shown)]


def _ask_on_leaving(view: TicketView, t: Text, inputs: Inputs, owners: Options, *, only_merging: bool = False) -> None:
    """A ticket leaves management only with a preventive action; whether it is merged away is seen by the server."""
    if view.line.level != MANAGEMENT:
        return
    inputs.part(
        t("form.prevention.title"), t("form.prevention.hint_merging" if only_merging else "form.prevention.hint")
    )
    ask_prevention(t, inputs, owners, required=not only_merging)


def ask_prevention(t: Text, inputs: Inputs, owners: Options, *, required: bool = True) -> None:
    """What is done, by whom, until when."""
    inputs.text("prevention", t("form.prevention.text"), SHORT_TEXT, required=required)
    inputs.choice("prevention_owner", t("form.prevention.owner"), owners, required=required)
    inputs.date("prevention_due", t("form.prevention.due"), required=required)


def nudge_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """One tap: why the requester asks again. That a promise was missed can be said only when one was."""
    possible = [each for each in NudgeReason if each is not NudgeReason.PROMISE_MISSED or view.ticket.promises_missed]
    chosen = possible[0] if view.ticket.promises_missed else ""
    reasons = named(possible, lambda id: t(f"nudge.{id}"))
    inputs = Inputs(t, state).choice("reason", t("form.nudge.reason"), reasons, value=chosen, style="expanded")
    who = runs(run(t("form.nudge.who"), subtle=True), spacing="Small")
    return form(view, t, state, nonce, Verb.NUDGE, inputs, context=lambda _room, _view, _t: [who])


def notify_manager_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """What an agent tells a superior."""
    inputs = Inputs(t, state).text("reason", t("form.notify_manager.reason"), SHORT_TEXT)
    return form(view, t, state, nonce, Verb.NOTIFY_MANAGER, inputs)


def link_form(view: TicketView, t: Text, state: FormState, nonce: str, owners: Sequence[Person] = ()) -> Card:
    """Which other ticket this one belongs to, and how; merging says what it does, and on level 4 asks what prevents
    that it happens again (`owners` may do that).
    """
    relations = named((Relation.DUPLICATE_OF, Relation.CHILD_OF), lambda id: t(f"link.choice.{id}"))

    def inputs(room: int) -> Inputs:
        asked = (
            Inputs(t, state)
            .text("other", t("form.link.other"), NUMBER, multiline=False, hint=t("form.link.other_hint"))
            .choice("relation", t("form.link.relation"), relations, style="expanded")
        )
        _ask_on_leaving(view, t, asked, people_within(room, owners), only_merging=True)
        return asked

    what_happens = runs(run(t("form.link.what_happens"), subtle=True), spacing="Small")
    return form(view, t, state, nonce, Verb.LINK, inputs, context=lambda _room, _view, _t: [what_happens])


def asks_impact(view: TicketView) -> bool:
    """Whether management, when it accepts, is the first to say what the matter does to the company."""
    return view.ticket.offer is not None and view.ticket.offer.lacks_impact


def accept_inputs(view: TicketView, t: Text, state: FormState) -> Inputs:
    """What is asked of whoever accepts: to management the desk offers by itself, and does not know what it does."""
    inputs = Inputs(t, state)
    if asks_impact(view):
        inputs.text("business_impact", t("form.escalate.business_impact"), SHORT_TEXT)
    return inputs


def accept_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """The same by itself, where it has to be asked again."""
    return form(view, t, state, nonce, Verb.ACCEPT, accept_inputs(view, t, state))


def return_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """Why an offer goes back, perhaps with advice."""
    reasons = named(ReturnReason, lambda id: t(f"return.{id}"))
    inputs = (
        Inputs(t, state)
        .choice("reason", t("form.return.reason"), reasons, style="expanded")
        .text("advice", t("form.return.advice"), SHORT_TEXT, required=False)
    )
    return form(view, t, state, nonce, Verb.RETURN, inputs)


def reopen_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """What does not work after all."""
    inputs = Inputs(t, state).text("reason", t("form.reopen.reason"), LONG_TEXT)
    return form(view, t, state, nonce, Verb.REOPEN, inputs)


def comment_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """The requester's information or answer; the last public words stand above it."""
    inputs = Inputs(t, state).text("text", t("form.comment.text"), LONG_TEXT)
    return form(view, t, state, nonce, Verb.COMMENT, inputs, context=_said_last)


def edit_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """Title and description, as they are now."""
    inputs = (
        Inputs(t, state)
        .text("title", t("form.submit.title_input"), TITLE, value=view.ticket.title, multiline=False)
        .text("description", t("form.submit.description"), LONG_TEXT, value=view.ticket.description)
    )
    return form(view, t, state, nonce, Verb.EDIT, inputs, submit=t("action.save"))


def rate_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """One to five stars, best first."""
    stars = named(("5", "4", "3", "2", "1"), lambda id: t(f"rating.{id}"))
    inputs = (
        Inputs(t, state)
        .choice("rating", t("form.rate.rating"), stars, style="expanded")
        .text("text", t("form.rate.text"), SHORT_TEXT, required=False)
    )
    return form(view, t, state, nonce, Verb.RATE, inputs)


def withdraw_form(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
    """One tap to be sure."""
    question = t("form.withdraw.question", number=view.ticket.number)
    return form(
        view,
        t,
        state,
        nonce,
        Verb.WITHDRAW,
        Inputs(t, state),
        context=lambda _room, _view, _t: [runs(run(question))],
        submit=t("form.withdraw.yes"),
        cancel=t("form.withdraw.no"),
    )


def _said_last(room: int, view: TicketView, t: Text) -> list[CardElement]:
    """The last public words, so that nobody answers from memory."""
    public = [entry for entry in view.entries if not entry.internal]
    if not public:
        return []
    who = label(text.name(public[-1].author.name))
    return [panel([who, *long_text(public[-1].text, room // 2, t, spacing="None")])]


def _to_answer(room: int, view: TicketView, t: Text) -> list[CardElement]:
    """What an answer answers: the last public words, before there are any the description."""
    said = _said_last(room, view, t)
    return said or [panel([label(t("line.description")), *long_text(view.ticket.description, room // 2, t)])]


def _categories(categories: Sequence[tuple[str, Label]], t: Text) -> Options:
    return [(id, name.text(t.language)) for id, name in categories]


def _line_choice(line: LineView, t: Text) -> str:
    return t("form.escalate.line_choice", line=text.name(line.label.text(t.language)), level=line.level)
