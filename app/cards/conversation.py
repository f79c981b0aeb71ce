"""The answer to what somebody said freely, and to a greeting or thanks."""

from datetime import tzinfo

from microsoft_teams.cards.core import Action, ActionSet, CardElement, Container

from app.cards import text
from app.cards.articles import offered
from app.cards.parts import Card, card, execute, fitted, heading, label, long_text, run, runs
from app.cards.story import short_title
from app.domain.verbs import MINE, NEW, Verb
from app.domain.views import FreeTextView, OwnTicket, TicketView
from app.i18n import Text

_ROOM_PER_TITLE = 20


def free_text_card(view: FreeTextView, t: Text, zone: tzinfo) -> Card:
    """Articles that fit, the open tickets it may belong to, and the form with the words already in it."""
    title = t("talk.free_text")

    def build(room: int) -> Card:
        body: list[CardElement] = [heading(title)]
        if said := text.one_line(view.text, 200):
            quoted = t("talk.quoted", words=said)
            body.append(runs(run(quoted, subtle=True, italic=True), spacing="None"))
        if view.is_cut:
            body.append(runs(run(t("talk.free_text_cut"), subtle=True, size="Small"), spacing="None"))
        if view.is_lost:
            body.append(runs(run(f"⚠ {t('talk.free_text_lost')}", color="Attention", bold=True), spacing="None"))
        body += offered(view.articles, t, draft=view.key)
        body += _tickets(view, room, t)
        body += _ended(view, room, t)
        return card(body, _actions(view, t), fallback=title)

    return fitted(build)


def _tickets(view: FreeTextView, room: int, t: Text) -> list[CardElement]:
    if not view.tickets:
        return []
    return [label(t("talk.free_text_tickets")), *(_ticket(each, view.key, room, t) for each in view.tickets)]


def _ended(view: FreeTextView, room: int, t: Text) -> list[CardElement]:
    """What is resolved can be opened again; what is closed goes on as a new ticket."""
    if not view.ended:
        return []
    return [label(t("talk.free_text_ended")), *(_ticket(each, view.key, room, t, ended=True) for each in view.ended)]


def _ticket(ticket: OwnTicket, key: str, room: int, t: Text, *, ended: bool = False) -> CardElement:
    title = text.one_line(ticket.title, max(40, room // _ROOM_PER_TITLE))
    waits = [run(f"  ◔ {t('talk.free_text_waits')}", bold=True, size="Small")] if ticket.waits_for_requester else []
    data = {"ticket": ticket.id, "version": ticket.version, "draft": key, "form": f"{key}-{ticket.id}"}
    opens = ended and not ticket.is_closed
    words = "action.reopen_number" if opens else "action.follow_up" if ended else "action.add_to"
    says = Verb.REOPEN if opens else Verb.COMMENT
    button: list[Action] = [execute(t(words, number=ticket.number), says.value, data)]
    return Container(
        items=[runs(run(f"{ticket.number} · {title}"), *waits), ActionSet(actions=button, spacing="Small")],
        separator=True,
        spacing="Small",
    )


def _actions(view: FreeTextView, t: Text) -> list[Action]:
    data = {"draft": view.key, "form": view.key}
    return [execute(t("action.new_with_text"), NEW, data), execute(t("action.tickets_mine"), MINE, {})]


def which_card(view: TicketView, words: str, key: str, t: Text) -> Card:
    """Asks whether words in a ticket's thread are for the requester or for the team."""
    title = t("talk.which")
    name = text.name(view.requester.name)
    reply = t("action.reply") if view.ticket.confidential else t("action.reply_to", name=name)

    def build(room: int) -> Card:
        title_shown = t("list.confidential") if view.ticket.confidential else short_title(view.ticket)
        about = t("form.about", number=view.ticket.number, title=title_shown)
        body = [heading(title), runs(run(about, subtle=True), spacing="None"), *long_text(words, room // 4, t)]
        data = {"ticket": view.ticket.id, "version": view.ticket.version, "draft": key, "form": key}
        actions: list[Action] = [
            execute(reply, Verb.REPLY.value, data),
            execute(t("action.keep_note"), Verb.NOTE.value, data),
        ]
        return card(body, actions, fallback=title)

    return fitted(build)


def told_card(t: Text, verb: str) -> Card:
    """What stands in place of the question once it was answered."""
    said = t(f"talk.told.{verb.partition('.')[2]}")
    return card([runs(run(f"✓ {said}"))], fallback=said)


def withdrawn_card(t: Text) -> Card:
    """What stands in place of a question about words that were deleted."""
    said = t("talk.withdrawn")
    return card([runs(run(said, subtle=True))], fallback=said)


def greeting_card(t: Text, name: str) -> Card:
    """Hello, and what one can do."""
    title = t("talk.greeting", name=text.name(name)) if name.strip() else t("talk.greeting_nobody")
    body = [heading(title), runs(run(t("talk.greeting_hint")), spacing="Small")]
    return card(body, [execute(t("action.new"), NEW, {}), execute(t("action.tickets_mine"), MINE, {})], fallback=title)


def thanks_card(t: Text, resolved: list[OwnTicket]) -> Card:
    """You are welcome; a ticket that waits for the word that it works can be closed right here, and stays as it is."""
    title = t("talk.thanks")
    body: list[CardElement] = [heading(title)]
    for ticket in resolved:
        question = t("talk.thanks_works", number=ticket.number, title=text.cut(" ".join(ticket.title.split()), 80))
        data = {"ticket": ticket.id, "version": ticket.version}
        yes: list[Action] = [execute(t("action.confirm"), Verb.CONFIRM.value, data)]
        body.append(Container(items=[runs(run(question)), ActionSet(actions=yes, spacing="Small")], spacing="Small"))
    return card(body, fallback=title)
