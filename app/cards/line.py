"""What a line's channel shows: the ticket's card, the offer of a hand-over, and what stays behind when it moved on."""

from collections.abc import Sequence
from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement, TextRun

from app.cards import text
from app.cards.clocks import clocks
from app.cards.files import files
from app.cards.links import links
from app.cards.parts import (
    Card,
    card,
    chat_with,
    execute,
    fact,
    fitted,
    heading,
    label,
    long_text,
    on_ticket,
    panel,
    run,
    runs,
    verb_button,
)
from app.cards.story import (
    because,
    entries,
    fallback,
    head,
    own_fields,
    priority_mark,
    short_title,
    solution,
    status_mark,
)
from app.domain.merging import merged_into
from app.domain.people import Person
from app.domain.ticket import OPEN, Offer, Relation, Status
from app.domain.verbs import ARTICLE_DRAFT, VIEW, Verb
from app.domain.views import Button, LineView, TicketView
from app.i18n import Text

_UNDOABLE = (Relation.DUPLICATE_OF, Relation.CHILD_OF)


def line_card(view: TicketView, t: Text, zone: tzinfo) -> Card:
    """The ticket for the line that is responsible."""

    def build(room: int) -> Card:
        body = [*_head(view, t), *clocks(view, t, zone), *_banners(view, room, t, zone), *_story(view, room, t, zone)]
        return card(body, _actions(view, t), fallback=fallback(view, t))

    return fitted(build)


def offer_card(view: TicketView, t: Text, zone: tzinfo, asked: Sequence[CardElement] = ()) -> Card:
    """The ticket for the line that is asked to take it over: the whole story, so that nobody asks twice; `asked` are
    inputs that accepting it needs.
    """

    def build(room: int) -> Card:
        story = [*clocks(view, t, zone), *_story(view, room, t, zone)]
        body = [*_handover(view, room, t, zone), *_head(view, t), *story, *asked]
        return card(body, _actions(view, t), fallback=fallback(view, t))

    return fitted(build)


def read_card(view: TicketView, t: Text, zone: tzinfo) -> Card:
    """The ticket for a message that is never edited: nothing to press but the way to the fresh card."""

    def build(room: int) -> Card:
        body = [*_head(view, t), *clocks(view, t, zone), *_banners(view, room, t, zone), *_story(view, room, t, zone)]
        return card(body, [execute(t("action.open"), VIEW, on_ticket(view.ticket))], fallback=fallback(view, t))

    return fitted(build)


def moved_card(view: TicketView, t: Text, zone: tzinfo, line: LineView) -> Card:
    """What stays in the channel of `line` once the ticket is elsewhere; there is nothing left to press."""
    hidden = view.ticket.confidential
    marks = (status_mark(view.ticket.status, t),)
    body = [*head(view.ticket, t, marks=marks, title=not hidden), runs(run(f"⇢ {_whereabouts(view, line, t)}"))]
    words = view.ticket.number if hidden else fallback(view, t)
    return card(body, fallback=words)


def confidential_card(view: TicketView, t: Text, zone: tzinfo) -> Card:
    """A stub for a channel in which not everybody may read the ticket: nothing personal on it."""
    marks = (priority_mark(view.ticket.priority, t), status_mark(view.ticket.status, t))
    body = [
        *head(view.ticket, t, marks=marks, title=False),
        runs(run(f"⊘ {t('list.confidential')}", bold=True)),
        fact(t("line.category"), run(text.name(view.category.text(t.language)))),
    ]
    return card(body, [execute(t("action.open"), VIEW, on_ticket(view.ticket))], fallback=view.ticket.number)


def _head(view: TicketView, t: Text) -> list[CardElement]:
    return head(view.ticket, t, marks=(priority_mark(view.ticket.priority, t), status_mark(view.ticket.status, t)))


def _banners(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """What an agent has to know before anything else."""
    ticket = view.ticket
    banners: list[CardElement] = []
    if view.offered_to and ticket.offer:
        said = t(
            "offer.open",
            to=text.name(view.offered_to.label.text(t.language)),
            moment=t.moment(ticket.offer.at, zone),
            name=text.name(view.offered_by.name) if view.offered_by else "?",
            reason=t(f"escalation.{ticket.offer.reason}"),
            line=text.name(view.line.label.text(t.language)),
        )
        banners.append(panel([runs(run(f"⇢ {said}"))], style="accent"))
    if view.returned and ticket.status in OPEN and not ticket.offer:
        banners.append(_returned(view, room, t))
    if main := merged_into(ticket):
        banners.append(panel([runs(run(f"⇢ {t('resolution.together', number=main)}"))], style="accent"))
    if ticket.status is Status.PENDING:
        ends = [runs(run(t("line.ends", moment=t.moment(view.ends_at, zone))), spacing="Small")] if view.ends_at else []
        banners.append(panel([runs(run(f"◔ {_waiting(view, t)}")), *ends], style="warning"))
    return banners


def _returned(view: TicketView, room: int, t: Text) -> CardElement:
    back = view.returned
    assert back is not None  # noqa: S101 - the caller looked
    said = t(
        "line.returned",
        line=text.name(back.line.label.text(t.language)),
        name=text.name(back.by.name),
        reason=t(f"return.{back.reason}"),
    )
    advice = long_text(back.advice, room // 2, t) if back.advice.strip() else []
    return panel([runs(run(f"↩ {said}", bold=True)), *advice], style="warning")


def _waiting(view: TicketView, t: Text) -> str:
    reason = t(f"pending.{view.ticket.pending_reason}")
    if view.ticket.pending_until:
        return t("line.waiting_until", reason=reason, date=t.date(view.ticket.pending_until))
    return t("line.waiting", reason=reason)


def _handover(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """Who hands over, why, what was tried and what is needed."""
    offer = view.ticket.offer
    if not offer:
        return []
    to = view.offered_to or view.line
    by = t(
        "offer.by",
        name=text.name(view.offered_by.name) if view.offered_by else "?",
        line=text.name(view.line.label.text(t.language)),
    )
    title = heading(f"⇢ {t('offer.title', line=text.name(to.label.text(t.language)))}")
    return [panel([title, *_what_was_told(offer, by, room, t, zone)], style="accent")]


def _handed_over(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """The same for as long as the line that accepted it has the ticket."""
    came = view.handed_over
    if not came:
        return []
    by = t("handover.by", name=text.name(came.by.name), line=text.name(came.line.label.text(t.language)))
    return [panel([label(f"⇢ {t('handover.title')}"), *_what_was_told(came.offer, by, room, t, zone)])]


def _what_was_told(offer: Offer, by: str, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    return [
        runs(run(by), run(f"  {t.moment(offer.at, zone)}", subtle=True, size="Small"), spacing="Small"),
        fact(t("offer.reason"), run(t(f"escalation.{offer.reason}"), bold=True)),
        *_cause(offer, t, zone),
        *_gravity(offer, room, t),
        *_told(t("offer.tried"), offer.tried, room, t),
        *_told(t("offer.needed"), offer.needed, room, t),
    ]


def _gravity(offer: Offer, room: int, t: Text) -> list[CardElement]:
    """What management has to know."""
    if not offer.gravity:
        return []
    why = fact(t("line.gravity"), run(t(f"gravity.{offer.gravity}"), bold=True))
    if offer.lacks_impact:
        return [why, fact(t("line.business_impact"), run(f"⚠ {t('line.no_impact')}"))]
    return [why, *_told(t("line.business_impact"), offer.business_impact, room, t)]


def _cause(offer: Offer, t: Text, zone: tzinfo) -> list[CardElement]:
    """Why the desk itself offers it."""
    return [runs(run(because(offer.cause, t, zone)), spacing="Small")] if offer.cause else []


def _told(title: str, words: str, room: int, t: Text) -> list[CardElement]:
    """What somebody wrote for the other line; the desk itself writes nothing."""
    return [label(title), *long_text(words, room // 2, t, spacing="None")] if words.strip() else []


def _story(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    ticket = view.ticket
    return [
        *_facts(view, room, t, zone),
        label(t("line.description")),
        *long_text(ticket.description, room, t, spacing="None"),
        *_handed_over(view, room, t, zone),
        *files(view, room, t),
        *links(view, room, t),
        *entries(view, room, t, zone),
        *_resolution(view, room, t),
    ]


def _facts(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    ticket = view.ticket
    raised = run(f"  {t.moment(ticket.created_at, zone)}", subtle=True, size="Small")
    urgency = f"{t(f'urgency.{ticket.urgency}')} · {t('line.impact')}: {t(f'impact.{ticket.impact}')}"
    facts: list[CardElement] = [
        fact(t("line.requester"), run(text.name(view.requester.name), bold=True), *_place(view.requester), raised),
        *_assignee(view, t, zone),
        fact(t("line.category"), run(text.name(view.category.text(t.language)))),
        fact(t("line.urgency"), run(urgency)),
    ]
    if ticket.reopened:
        facts.append(runs(run(f"↻ {t('line.reopened', count=ticket.reopened)}", bold=True), spacing="Small"))
    return [*facts, *own_fields(view, room, t)]


def _place(person: Person) -> list[TextRun]:
    """Department and site, as far as the company's directory tells them."""
    places = [text.name(place) for place in (person.department, person.site) if place]
    return [run(f" ({', '.join(places)})")] if places else []


def _assignee(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    """Who has it; while it is open also that nobody has it yet."""
    title = t("line.assignee")
    if not view.assignee:
        return [fact(title, run(t("line.nobody"), italic=True))] if view.ticket.status in OPEN else []
    name = run(text.name(view.assignee.name), bold=True)
    if not view.ticket.assigned_at:
        return [fact(title, name)]
    since = t("line.since", moment=t.moment(view.ticket.assigned_at, zone))
    return [fact(title, name, run(f"  {since}", subtle=True, size="Small"))]


def _resolution(view: TicketView, room: int, t: Text) -> list[CardElement]:
    if not view.ticket.resolution or merged_into(view.ticket):
        return []
    return [
        panel(
            [label(f"✓ {t('line.resolution')}"), *long_text(solution(view.ticket.resolution, t), room, t)], style="good"
        )
    ]


def _whereabouts(view: TicketView, line: LineView, t: Text) -> str:
    """Where the ticket is now, seen from a line that no longer has it (or never accepted it)."""
    now_at = text.name(view.line.label.text(t.language))
    if view.returned and view.returned.line.id == line.id:
        reason = t(f"return.{view.returned.reason}")
        return t("moved.returned", name=text.name(view.returned.by.name), line=now_at, reason=reason)
    if view.ticket.status not in OPEN:
        return t("moved.ended", line=now_at)
    if view.ticket.line == line.id:
        return t("moved.offer_over", line=now_at)
    if view.assignee:
        return t("moved.elsewhere_assigned", line=now_at, name=text.name(view.assignee.name))
    return t("moved.elsewhere", line=now_at)


def _actions(view: TicketView, t: Text) -> list[Action]:
    ticket = view.ticket
    actions: list[Action] = [verb_button(button, ticket, t) for button in view.buttons if _has_use(button, view)]
    is_beside = bool(actions)
    if view.may_teach:
        actions.append(execute(t("action.article_draft"), ARTICLE_DRAFT, {"ticket": ticket.id}, secondary=is_beside))
    if chat := chat_with(view.requester, f"{ticket.number} {short_title(ticket)}", t, secondary=is_beside):
        actions.append(chat)
    return actions


def _has_use(button: Button, view: TicketView) -> bool:
    return button.code != Verb.UNLINK or any(each.relation in _UNDOABLE for each in view.links)
