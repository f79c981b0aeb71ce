"""From a queued message to what Teams is asked to do, rendered from the present state in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.cards import admin, list_choices, lists, notices, talk
from app.cards.binding import binding_card, taken_out_card
from app.cards.binding import summary as binding_summary
from app.cards.conversation import free_text_card, greeting_card, thanks_card, told_card, which_card, withdrawn_card
from app.cards.explain import explain_card
from app.cards.explain import summary as explain_summary
from app.cards.ping import hidden_summary, ping_card
from app.cards.ping import summary as ping_summary
from app.cards.prevention import prevention_card
from app.cards.prevention import summary as prevention_summary
from app.delivery import entitled
from app.delivery.addresses import Address, address_of
from app.delivery.entitled import PassOn
from app.desk.model import Desk
from app.domain.errors import DomainError, NotAllowed
from app.domain.lists import ListName, ListQuery
from app.domain.people import Person
from app.domain.ping import UNANSWERED
from app.domain.views import EMPTY_FORM, ListView, TicketView
from app.i18n import Text, Texts
from app.messages.onlooker import Onlooker
from app.screens.forms import ticket_form_card
from app.screens.living import asked_card_at, card_at
from app.services import agents, binding_news, conversation, deliveries, explain, outgoing, pings, preventions, views
from app.services import lists as pages
from app.services.access import PINGED_SLOT, REQUESTER_SLOT, Access, in_charge, line_of, line_slot, roles_of
from app.services.confidential import is_kept_from
from app.services.lines import places
from app.store import cards as card_store
from app.store import copies, history, sources
from app.store import people as people_store
from app.store import pings as ping_store
from app.store import preventions as prevention_store
from app.store import tickets as ticket_store
from app.store.messages import QueuedMessage, Way
from app.zones import zone_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """A new message; `keep` names the ticket and slot whose living card it becomes, `repeats` whose words it tells."""

    address: Address
    activity: Json
    keep: tuple[int, str] | None = None
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """An edit of a message; `ends` names the ticket and slot whose living card it is no longer."""

    address: Address
    message: str
    activity: Json
    ends: tuple[int, str] | None = None


_ASKING = frozenset({"ping", "prevention"})
"""Cards that somebody shall notice at once."""


Step = Post | Update | PassOn | None
"""None: there is nothing to say any more."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders queued messages. Units of work call it; it only reads."""

    desk: Desk
    texts: Texts

    def step(self, tx: Connection, queued: QueuedMessage, now: datetime) -> Step:
        """What to do for this message now. Raises `Undeliverable` when its conversation cannot be reached."""
        address = address_of(tx, self.desk, queued.target)
        reader = self._reader(tx, queued.target)
        match queued.way:
            case Way.CARD:
                return self._card(tx, queued, address, reader)
            case Way.CHAT:
                return self._tell(tx, queued, address, reader)
            case Way.THREAD:
                return self._thread(tx, queued, address, reader)
            case Way.EDIT if queued.copy is not None:
                return self._write_anew(tx, queued, address, reader, now)
            case Way.EDIT:
                return self._edit(tx, queued, address, reader)
            case _:
                said = self._said(tx, queued, reader, now)
                return Post(address, message(said), repeats=_kept_under(queued.payload)) if said else None

    def _reader(self, tx: Connection, target: str) -> "Reader":
        kind, _, name = target.partition(":")
        if kind == "person":
            known = people_store.find(tx, name)
            language = (known and known.language) or self.desk.language
            read_in = zone_of(known.timezone if known else None, self.desk.timezone)
            return Reader(self.texts.language(language), read_in, name)
        here = name if kind == "line" else self._line_in(tx, name.partition(";")[0])
        spoken = self.desk.lines[here].language if here in self.desk.lines else None
        return Reader(self.texts.language(spoken or self.desk.language), ZoneInfo(self.desk.timezone), None)

    def _line_in(self, tx: Connection, channel: str) -> str | None:
        return next((place.line for place in places(tx, self.desk) if place.channel == channel), None)

    def _view(self, tx: Connection, ticket_id: int, slot: str) -> TicketView | None:
        found = ticket_store.find(tx, ticket_id)
        if found is None:
            return None
        access = Access(found.ticket, frozenset(), found.requester, found.assignee)
        return views.ticket_view(tx, self.desk, access, slot)

    def _card(self, tx: Connection, queued: QueuedMessage, address: Address, reader: "Reader") -> Step:
        known = entitled.card_of(tx, queued, reader.person)
        if reader.person and not entitled.may_see_card(tx, self.desk, queued, reader.person):
            if known is None:
                return PassOn()
            gone, slot = message(notices.not_yours(reader.text)), (queued.ticket or 0, queued.slot or "")
            return Update(address.within(known.conversation), known.activity, gone, ends=slot)
        shown = self._shown_in(tx, queued, reader, is_new=known is None)
        if shown is None:
            return None
        if known is None:
            return Post(
                address, message(shown, alert=queued.what in _ASKING), keep=(queued.ticket or 0, queued.slot or "")
            )
        return Update(address.within(known.conversation), known.activity, message(shown))

    def _shown_in(
        self, tx: Connection, queued: QueuedMessage, reader: "Reader", *, is_new: bool
    ) -> notices.Message | None:
        """The card of a slot as it is now."""
        match queued.what:
            case "ping":
                return self._ping(tx, queued, reader, is_new=is_new)
            case "prevention":
                return self._prevention(tx, queued, reader, is_new=is_new)
            case _:
                return self._living_card(tx, queued.ticket or 0, queued.slot or "", reader)

    def _living_card(self, tx: Connection, ticket_id: int, slot: str, reader: "Reader") -> notices.Message | None:
        view = self._view(tx, ticket_id, slot)
        if view is None:
            return None
        here = line_of(slot)
        named = views.line_view(self.desk, here) if here else None
        is_public = reader.person is None
        return _with_summary(view, card_at(view, reader.text, reader.zone, named, in_public=is_public), reader.text)

    def _ping(self, tx: Connection, queued: QueuedMessage, reader: "Reader", *, is_new: bool) -> notices.Message | None:
        """Nobody is asked any more for what is settled: a ping that was not sent by then stays unsent.

        One that only ran out is sent all the same: whoever was asked last would otherwise never hear of it.
        """
        known = pings.ping_in(queued.slot or "")
        stored = ping_store.find(tx, known[0]) if known else None
        view = self._view(tx, queued.ticket or 0, PINGED_SLOT)
        if stored is None or view is None or (is_new and stored.state not in UNANSWERED):
            return None
        asked = pings.view(tx, self.desk, view.ticket, stored)
        if asked is None:
            return None
        actor = agents.as_actor(tx, self.desk, reader.person or "")
        theirs, is_hidden = roles_of(tx, self.desk, actor, view.ticket), is_kept_from(self.desk, actor, view.ticket)
        shown = ping_card(view, asked, reader.text, reader.zone, theirs, is_hidden=is_hidden)
        summary = hidden_summary(view, reader.text) if is_hidden else ping_summary(view, asked, reader.text)
        return notices.Message(summary, None, shown)

    def _prevention(
        self, tx: Connection, queued: QueuedMessage, reader: "Reader", *, is_new: bool
    ) -> notices.Message | None:
        known = preventions.action_in(queued.slot or "")
        stored = prevention_store.find(tx, known) if known else None
        view = self._view(tx, queued.ticket or 0, PINGED_SLOT)
        if stored is None or view is None or (is_new and stored.done_at):
            return None
        shown = prevention_card(view, preventions.view(tx, self.desk, stored), reader.text, reader.zone)
        return notices.Message(prevention_summary(view, reader.text), None, shown)

    def _notice(self, tx: Connection, queued: QueuedMessage, reader: "Reader") -> notices.Message | None:
        event = history.find(tx, queued.event or 0)
        found = ticket_store.find(tx, queued.ticket or 0)
        if event is None or found is None:
            return None
        is_requester = reader.person == found.ticket.requester
        view = self._view(tx, queued.ticket or 0, REQUESTER_SLOT if is_requester else line_slot(found.ticket.line))
        if view is None:
            return None
        if (data := views.as_it_holds(tx, event)) is None:
            return None
        of = ticket_store.find(tx, event.ticket) if event.ticket != queued.ticket else None
        named = (data.other_line or event.changes.new_line, data.own_line)
        line, own_line = (views.line_view(self.desk, each) if each else None for each in named)
        actor, spoken_to = views.actor_of(self.desk, event), self._spoken_to(tx, view, line_of(queued.slot or ""))
        number = of.ticket.number if of else None
        happened = notices.EventView(
            actor, event.at, data, line, own_line, spoken_to, event.changes, event.files, number
        )
        in_chat = reader.person is not None
        return notices.notice(queued.what, view, happened, reader.text, reader.zone, in_chat=in_chat)

    def _spoken_to(self, tx: Connection, view: TicketView, here: str | None) -> Person | None:
        """Whom a line in the channel concerns: whoever has the ticket there, else the lead; never the whole team."""
        hears = in_charge(tx, self.desk, view.ticket, here or view.line.id)
        return views.person(tx, hears) if hears else None

    def _tell(self, tx: Connection, queued: QueuedMessage, address: Address, reader: "Reader") -> Step:
        if reader.person and not entitled.may_be_told(tx, self.desk, queued, reader.person):
            return entitled.passed_on(tx, self.desk, queued, reader.person)
        told = self._notice(tx, queued, reader)
        return Post(address, message(told, alert=True), repeats=_typed_words(tx, queued)) if told else None

    def _thread(self, tx: Connection, queued: QueuedMessage, address: Address, reader: "Reader") -> Step:
        root = card_store.find(tx, queued.ticket or 0, queued.slot or "")
        found = ticket_store.find(tx, queued.ticket or 0)
        if root is None or found is None or found.ticket.confidential:
            return None
        told = self._notice(tx, queued, reader)
        if told is None:
            return None
        return Post(address.within(root.conversation), message(told), repeats=_typed_words(tx, queued))

    def _write_anew(
        self, tx: Connection, queued: QueuedMessage, address: Address, reader: "Reader", now: datetime
    ) -> Step:
        """A message that repeats what somebody said, with what they have made of it since."""
        sent = copies.find(tx, queued.copy or 0)
        if sent is None:
            return None
        if not entitled.may_be_told(tx, self.desk, queued, reader.person):
            shown = notices.not_yours(reader.text)
        elif queued.event is None:
            shown = self._said(tx, queued, reader, now) or notices.Message(
                reader.text("talk.withdrawn"), None, withdrawn_card(reader.text)
            )
        else:
            shown = self._notice(tx, queued, reader) or self._taken_back(tx, queued, reader)
        return Update(address.within(sent.conversation), sent.activity, message(shown))

    def _taken_back(self, tx: Connection, queued: QueuedMessage, reader: "Reader") -> notices.Message:
        event = history.find(tx, queued.event or 0)
        return notices.taken_back(views.actor_of(self.desk, event).name if event else "", reader.text)

    def _edit(self, tx: Connection, queued: QueuedMessage, address: Address, reader: "Reader") -> Step:
        if queued.what == "told":
            told = told_card(reader.text, queued.payload["verb"])
            return Update(
                address, queued.replaces or "", message(notices.Message(reader.text("talk.which"), None, told))
            )
        view = self._view(tx, queued.ticket or 0, REQUESTER_SLOT)
        if view is None:
            return None
        if queued.what == "taken_out":
            gone = taken_out_card(view.ticket.number, reader.text)
            return Update(address, queued.replaces or "", message(notices.Message(view.ticket.number, None, gone)))
        shown = _with_summary(view, talk.raised(view, reader.text, reader.zone), reader.text)
        return Update(address, queued.replaces or "", message(shown))

    def _said(self, tx: Connection, queued: QueuedMessage, reader: "Reader", now: datetime) -> notices.Message | None:
        """The answer to something typed; None where that was taken back before it was answered."""
        try:
            return self._answer(tx, queued, reader, now)
        except NotAllowed as refused:  # they might when they typed it
            sentence = reader.text(refused.key)
            return notices.Message(sentence, sentence, None)

    def _answer(self, tx: Connection, queued: QueuedMessage, reader: "Reader", now: datetime) -> notices.Message | None:
        t, zone, data = reader.text, reader.zone, queued.payload
        match queued.what:
            case "form":
                form = ticket_form_card(self.desk, t, EMPTY_FORM, data["nonce"])
                return notices.Message(t("form.submit.title"), None, form)
            case "my_tickets":
                page = self._listed(tx, queued, ListQuery(ListName.MINE), t)
                return notices.Message(lists.title(page, t), None, lists.my_tickets(page, t, zone))
            case "list":
                page = self._listed(tx, queued, ListQuery.from_json(data["query"]), t)
                return notices.Message(lists.title(page, t), None, lists.list_card(page, t, zone))
            case "views":
                page = self._listed(tx, queued, ListQuery(), t)
                return notices.Message(t("list.views.title"), None, list_choices.saved_views(page, t))
            case "ticket":
                return self._asked_for(tx, queued, reader)
            case "explain":
                return self._explained(tx, queued, reader, now)
            case "welcome":
                return notices.Message(
                    t("talk.welcome_title", desk=self.desk.name.text(t.language)), None, talk.welcome(t, self.desk.name)
                )
            case "team_welcome":
                named_lines = [views.line_view(self.desk, line_id) for line_id in self.desk.lines]
                return notices.Message(
                    t("talk.welcome_title", desk=self.desk.name.text(t.language)),
                    None,
                    talk.team_welcome(t, self.desk.name, named_lines),
                )
            case "help":
                shown = talk.help_card(t, in_channel=data["in_channel"], is_agent=data["is_agent"])
                return notices.Message(t("help.title"), None, shown)
            case "absence":
                sentence = t("absence.noted", date=t.date(date.fromisoformat(data["until"])))
                return notices.Message(sentence, sentence, None)
            case "language":
                return notices.Message(t("language.title"), None, talk.language_card(t, self.texts.names))
            case "free_text":
                return self._free_text(tx, data, reader)
            case "which":
                view = self._view(tx, queued.ticket or 0, line_slot(""))
                words = conversation.said_under(tx, data["draft"])
                if view is None or words is None:
                    return None
                return notices.Message(t("talk.which"), None, which_card(view, words, data["draft"], t))
            case "greeting":
                return notices.Message(t("talk.greeting_nobody"), None, greeting_card(t, data["name"]))
            case "thanks":
                waiting = conversation.resolved_tickets(tx, data["person"])
                return notices.Message(t("talk.thanks"), None, thanks_card(t, waiting))
            case "deliveries":
                admin_ids = self._ids(tx, reader.person)
                items, total = deliveries.undeliverable(tx, self.desk, admin_ids)
                absent = deliveries.passed_over(tx, self.desk, admin_ids)
                shown = admin.deliveries(items, t, zone, total=total, absent=absent)
                return notices.Message(t("admin.title"), None, shown)
            case "binding":
                bound = binding_news.view(tx, self.desk, data["binding"])
                if bound is None:
                    return None
                return notices.Message(binding_summary(bound, t), None, binding_card(bound, t, zone))
            case "alarm":
                since = datetime.fromisoformat(data["since"])
                sentence = admin.alarm(data["fault"], data["count"], data["example"], since, t, zone)
                return notices.Message(sentence, sentence, None)
            case _:
                sentence = t(data["key"], **data.get("values", {}))
                return notices.Message(sentence, sentence, None)

    @staticmethod
    def _ids(tx: Connection, person: str | None) -> frozenset[str]:
        """The ids that a desk file may know the reader by."""
        known = people_store.find(tx, person) if person else None
        return frozenset(each for each in (person, known and known.id, known and known.teams_id) if each)

    def _free_text(self, tx: Connection, data: Mapping[str, Any], reader: "Reader") -> notices.Message | None:
        """What somebody said freely, with what can become of it."""
        t = reader.text
        actor = entitled.as_they_are(tx, self.desk, Onlooker.from_json(data), t.language)
        offer = conversation.offer(tx, self.desk, actor, data["draft"])
        if offer is None:
            return None
        return notices.Message(t("talk.free_text"), None, free_text_card(offer, t, reader.zone))

    def _listed(self, tx: Connection, queued: QueuedMessage, query: ListQuery, t: Text) -> ListView:
        """A list as whoever typed for it sees it, at the time they did."""
        data = queued.payload
        actor = entitled.as_they_are(tx, self.desk, Onlooker.from_json(data), t.language)
        reader = pages.Reader(actor, data.get("here"), data.get("in_public", False))
        return pages.listed(tx, self.desk, reader, query, queued.created_at)

    def _asked_for(self, tx: Connection, queued: QueuedMessage, reader: "Reader") -> notices.Message:
        """A ticket somebody asked for by its number, in the form that suits where they asked."""
        person, slot = reader.person, str(queued.payload["slot"])
        own = entitled.slot_for_reader(tx, self.desk, queued, person) if person else slot
        view = self._view(tx, queued.ticket or 0, own) if own else None
        if own is None or view is None:
            sentence = reader.text("error.not_found")
            return notices.Message(sentence, sentence, None)
        here = line_of(own)
        named = views.line_view(self.desk, here) if here else None
        shown = asked_card_at(view, reader.text, reader.zone, named, in_channel=reader.person is None)
        return _with_summary(view, shown, reader.text)

    def _explained(self, tx: Connection, queued: QueuedMessage, reader: "Reader", now: datetime) -> notices.Message:
        """What happens to a ticket. By now it may have left the line in whose channel that was asked."""
        try:
            if line := queued.payload.get("line"):
                explain.check_channel(tx, queued.ticket or 0, line)
            if reader.person:
                actor = agents.as_actor(tx, self.desk, reader.person)
                explain.check_reader(tx, self.desk, actor, queued.ticket or 0)
            explained = explain.explain(tx, self.desk, queued.ticket or 0, now)
        except DomainError as refused:
            sentence = reader.text(refused.key)
            return notices.Message(sentence, sentence, None)
        shown = explain_card(explained, reader.text, reader.zone)
        return notices.Message(explain_summary(explained, reader.text), None, shown)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose language and time zone count."""

    text: Text
    zone: ZoneInfo
    person: str | None


def _kept_under(data: Mapping[str, Any]) -> str | None:
    """The name under which an answer is remembered, where it is written anew when something changes."""
    if "binding" in data:
        return binding_news.words_of(data["binding"])
    return outgoing.words_of_draft(data["draft"]) if data.get("draft") else None


def _typed_words(tx: Connection, queued: QueuedMessage) -> str | None:
    """What the message repeats, where its author can still edit or delete it."""
    return outgoing.words_of_event(queued.event or 0) if sources.is_typed(tx, queued.event or 0) else None


def _with_summary(view: TicketView, card: Json, t: Text) -> notices.Message:
    ticket = view.ticket
    summary = t("summary.ticket", number=ticket.number, status=t(f"status.{ticket.status.value}"))
    return notices.Message(summary, None, card)


def message(shown: notices.Message, *, alert: bool = False) -> Json:
    """The activity of a message: a text or a card, never both (Teams splits those), with what the toast says."""
    activity: Json = {"type": "message", "summary": shown.summary}
    if shown.card is not None:
        card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": shown.card}
        activity["attachments"] = [card]
    else:
        activity |= {"text": shown.text or shown.summary, "textFormat": "plain"}
    if alert:
        activity["channelData"] = {"notification": {"alert": True}}
    return activity
