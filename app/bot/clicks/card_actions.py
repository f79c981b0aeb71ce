"""Clicks on cards: untrusted data in, the fresh card or a sentence out."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from app.actions import forms, registry
from app.actions.action import Action, Choosable, Circumstances, Inputs
from app.actions.comment import Comment
from app.actions.new_ticket import read_submission
from app.actions.rate import Rate
from app.actions.reopen import Reopen
from app.bot.clicks.click import (
    Answer,
    Answering,
    Click,
    card_answer,
    id_in,
    sentence_answer,
    ticket_answer,
    wrong_inputs,
)
from app.bot.directory.company import Company
from app.bot.directory.rosters import Rosters, told_instead
from app.bot.words.intents import SmallTalk
from app.cards import admin, talk
from app.cards.files import earlier_files_card, file_card
from app.cards.text import typed
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import DomainError, InvalidInput, NotAllowed, NotFound, NotNow, ReopenTooLate, Stale
from app.domain.files import Attachment
from app.domain.merging import merged_into
from app.domain.people import Availability, Person, Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import Status, Ticket
from app.domain.views import FormState, TicketView
from app.i18n import Texts
from app.screens.forms import nonce, ticket_form_card
from app.services import absence, attachments, conversation, deliveries, finding, people, tickets
from app.services.access import access_ticket, line_slot
from app.services.tickets import Origin, Shown, Turn
from app.services.unit_of_work import Database

Link = Callable[[str, str, datetime], str]
"""File id, reader and the time → the address."""


class CardActions:
    """Answers every verb. What it changes is durable before it answers."""

    def __init__(
        self,
        desk: Desk,
        texts: Texts,
        database: Database,
        rosters: Rosters,
        company: Company,
        more: Mapping[str, Answering],
        *,
        link: Link | None = None,
    ) -> None:
        """`more` answers further verbs. `link` makes the address of a file; None where no public address is set."""
        self._desk = desk
        self._link = link
        self._texts = texts
        self._small_talk = SmallTalk(texts)
        self._database = database
        self._rosters = rosters
        self._company = company
        self._verbs: dict[str, Answering] = {
            verbs.NEW: self._new,
            verbs.SUBMIT: self._submit,
            verbs.VIEW: self._view,
            verbs.RATE_AGAIN: self._rate_again,
            verbs.SET_LANGUAGE: self._language,
            verbs.RETRY: self._delivery,
            verbs.DROP: self._delivery,
            verbs.FILE: self._file,
            **more,
        }

    async def answer(self, click: Click) -> Answer:
        """Do what was clicked and return the invoke's answer; refusals are answers too."""
        try:
            if click.verb in self._verbs:
                return await self._verbs[click.verb](click)
            action, is_form = registry.find_action(click.verb)
            if action is None:
                return sentence_answer(click.t("error.unknown_verb"))
            if is_form:
                return await self._form(click, action, FormState({}, {}))
            return await self._act(click, action)
        except DomainError as refused:
            told = told_instead(refused, click.instead)
            return sentence_answer(click.t(told.key, **told.values))

    async def _slot(self, click: Click) -> str | None:
        """The slot of the place where the click happened; None in a chat, where the clicker's own card suits."""
        if click.said.is_personal:
            return None
        line = await self._rosters.line_in(click.said.conversation)
        return line_slot(line) if line else None

    # --- a ticket's verbs

    async def _act(self, click: Click, action: Action[Any]) -> Answer:
        slot = await self._slot(click)
        ticket_id, draft = click.ticket, click.draft
        turn = self._keyed(click, action)  # by the button alone: words that were edited since are no other click
        has_said_it = bool(draft and action.words_field and not click.inputs.get(action.words_field))
        if action.words_field and has_said_it:
            click = await self._with_words(click, draft, action.words_field)
        try:
            request = forms.read_static(action, click.inputs) or await self._request(click, action)

            def unit(tx: Connection) -> Shown:
                files: Sequence[str] = ()
                if draft:
                    conversation.check_owner(tx, turn.actor.id, draft)
                    if has_said_it:
                        conversation.check_said(tx, turn.actor.id, draft)
                    files = attachments.names_for(tx, turn.actor.id, draft)
                    attachments.join(tx, turn.actor.id, draft, ticket=ticket_id)
                    conversation.replace_questions(tx, turn, draft, ticket_id, click.verb)
                source = conversation.message_of(tx, turn.actor.id, draft) if has_said_it else None
                origin = Origin(click.version, slot, source, files)
                return tickets.act(tx, self._desk, turn, ticket_id, request, origin)

            shown = await self._database.write(unit)
        except InvalidInput as wrong:
            return await self._form(click, action, wrong_inputs(click, wrong))
        except (Stale, NotNow, ReopenTooLate) as late:
            goes_on = action.code in (Comment.verb, Reopen.verb)
            if goes_on and (followed := await self._follow_up(click, action, turn.key)):
                return followed
            if isinstance(late, ReopenTooLate):
                raise
            return await self._late(click, action, late)
        return ticket_answer(self._desk, click, shown)

    async def _follow_up(self, click: Click, action: Action[Any], key: str | None) -> Answer | None:
        """What a requester says about a ticket that is closed becomes a new one; None where it is not closed.

        One that is handled with another ticket is closed, too, but it is still that one they speak of.
        """
        shown = await self._present(click)
        if shown.view.ticket.status is not Status.CLOSED or Role.REQUESTER not in shown.roles:
            return None
        words = typed(click.typed.get(action.words_field or "", "")).strip()[:LONG_TEXT]
        old, draft = shown.view.ticket, click.draft
        turn = replace(click.turn, key=digest(["follow_up", key]))
        if merged_into(old):
            said = Comment(words or click.t("action.reopen"))
            told = await self._database.write(lambda tx: tickets.act(tx, self._desk, turn, old.id, said))
            return ticket_answer(self._desk, click, told)
        view = await self._database.write(
            lambda tx: tickets.follow_up(tx, self._desk, turn, old.id, words or old.title, draft=draft)
        )
        return card_answer(talk.raised(view, click.t, click.zone))

    async def _with_words(self, click: Click, draft: str, name: str) -> Click:
        """The click with what was said before it, so that a button need not carry the words."""

        def read(tx: Connection) -> str | None:
            conversation.check_said(tx, click.actor.id, draft)
            return conversation.words_to_add(tx, click.actor.id, draft)

        words = await self._database.read(read)
        return replace(click, inputs={**click.inputs, name: words or ""})

    async def _request(self, click: Click, action: Action[Any]) -> Inputs:
        """The typed request of a verb whose inputs are judged by the ticket."""
        at = await self._circumstances(click, action, (await self._present(click)).view)
        request: Inputs = forms.read(action, at, click.inputs)
        return request

    async def _circumstances(
        self, click: Click, action: Action[Any], view: TicketView, *, to_draw: bool = False
    ) -> Circumstances:
        """What the verb's form is drawn and read by; what only a drawn form shows is left out unless `to_draw`."""
        at = Circumstances(self._desk, view, click.turn.now.astimezone(click.zone).date())
        people = await self._people_for(action.chooses_for(at), view.ticket)
        at = replace(at, people=people)
        if not to_draw:
            return at
        if action.shows_availability:
            at = replace(at, availability=await self._availability(people, click.turn.now))
        if action.shows_similar:
            ticket = view.ticket
            similar = await self._database.read(lambda tx: finding.similar(tx, self._desk, click.actor, ticket))
            at = replace(at, similar=similar)
        return at

    def _keyed(self, click: Click, action: Action[Any]) -> Turn:
        """What can be done twice legally gets a key, so that the same click again has no second effect."""
        if action.acts_at_once or not action.has_form or action.asks_first:
            return click.turn
        said = [click.actor.id, action.code, click.ticket, click.version, self._form_of(click), click.typed]
        return replace(click.turn, key=digest(said))

    @staticmethod
    def _form_of(click: Click) -> str | list[str | None]:
        """Which form was sent; without a nonce (a card that carried the inputs itself) today's, in that message."""
        return _text(click.of_desk.get("form")) or [click.said.reply_to, str(click.turn.now.date())]

    async def _late(self, click: Click, action: Action[Any], late: DomainError) -> Answer:
        """Somebody was faster: the fresh card. What was typed stays in its form where it can still be sent."""
        shown = await self._present(click)
        if isinstance(late, Stale) and action.has_form and action.code in shown.view.verbs:
            changed = FormState(click.typed, {"": click.t("error.changed_meanwhile")})
            return await self._form(click, action, changed)
        return ticket_answer(self._desk, click, shown)

    async def _present(self, click: Click) -> Shown:
        slot = await self._slot(click)
        return await self._database.read(lambda tx: tickets.show(tx, self._desk, click.actor, click.ticket, slot))

    async def _form(self, click: Click, action: Action[Any], state: FormState) -> Answer:
        """The form of a verb, or the fresh card where the verb is not possible (any more)."""
        shown = await self._present(click)
        try:
            registry.check(shown.view.ticket, action.code, shown.roles)
        except NotNow:
            return ticket_answer(self._desk, click, shown)
        except NotAllowed:
            if click.version in (None, shown.view.ticket.version):
                raise
            return ticket_answer(self._desk, click, shown)
        at = await self._circumstances(click, action, shown.view, to_draw=True)
        return card_answer(forms.form_card(action, at, click.t, state, nonce()))

    async def _availability(self, people: Sequence[Person], now: datetime) -> Mapping[str, Availability | date]:
        """Who of these people is there, as far as they said themselves (until which day not) or Teams tells."""
        ids = [person.id for person in people]
        away = await self._database.read(lambda tx: absence.among(tx, ids, now=now))
        return {**await self._company.availability(ids), **away}

    async def _people_for(self, choosable: Choosable | None, ticket: Ticket) -> list[Person]:
        """Whom a form lets choose from."""
        line = self._desk.lines.get(ticket.line)
        if line is None or choosable is None:
            return []
        if choosable is Choosable.LINE_AGENTS:
            return await self._rosters.agents(line)
        return await self._rosters.answerable(line)

    async def _view(self, click: Click) -> Answer:
        return ticket_answer(self._desk, click, await self._present(click))

    async def _rate_again(self, click: Click) -> Answer:
        return await self._form(click, registry.actions()[Rate.verb], FormState({}, {}))

    # --- raising a ticket

    async def _new(self, click: Click) -> Answer:
        draft, typed = click.draft, click.typed
        words = await self._database.read(lambda tx: conversation.said(tx, click.actor.id, draft)) if draft else None
        if words is not None:
            typed = {**conversation.prefilled(self._desk, words, self._small_talk.is_greeting), **typed}
        form = _text(click.of_desk.get("form"))
        return card_answer(ticket_form_card(self._desk, click.t, FormState(typed, {}), form, draft=draft))

    async def _submit(self, click: Click) -> Answer:
        form, draft = _text(click.of_desk.get("form")), click.draft
        try:
            filled = read_submission(self._desk, click.inputs)
        except InvalidInput as wrong:
            return card_answer(ticket_form_card(self._desk, click.t, wrong_inputs(click, wrong), form, draft=draft))
        same = [click.actor.id, "submit", form or [*self._form_of(click), click.typed]]
        turn = replace(click.turn, key=digest(same))
        replaces = click.said.reply_to if click.said.is_personal else None

        def unit(tx: Connection) -> TicketView:
            words = conversation.said(tx, click.actor.id, draft) is not None
            kept = draft if words else ""  # of a message that was deleted no file is taken
            return tickets.submit(tx, self._desk, turn, filled, form_message=replaces, draft=kept)

        view = await self._database.write(unit)
        return card_answer(talk.raised(view, click.t, click.zone))

    # --- files

    async def _file(self, click: Click) -> Answer:
        """A link for this reader alone: whoever may see the ticket may have its files."""
        wanted, ticket_id = _text(click.of_desk.get("file")), click.ticket
        if not wanted:
            shown, before = await self._present(click), id_in(click.of_desk, "before")
            files = await self._database.read(lambda tx: attachments.of_ticket(tx, ticket_id, before=before))
            return card_answer(earlier_files_card(shown.view, files, click.t))

        def read(tx: Connection) -> Attachment:
            access_ticket(tx, self._desk, click.actor, ticket_id)
            found = attachments.find(tx, wanted)
            if found is None or found.ticket != ticket_id:
                raise NotFound
            return found

        found = await self._database.read(read)
        if self._link is None:
            return sentence_answer(click.t("file.no_address"))
        return card_answer(file_card(found, self._link(found.id, click.actor.id, click.turn.now), ticket_id, click.t))

    # --- the rest

    async def _language(self, click: Click) -> Answer:
        wanted = _text(click.of_desk.get("language"))
        if wanted not in self._texts.languages:
            return sentence_answer(click.t("error.input.choice"))
        now = click.turn.now
        await self._database.write(lambda tx: people.choose_language(tx, click.actor.id, wanted, now))
        t = self._texts.language(wanted)
        return card_answer(talk.welcome(t, self._desk.name))

    async def _delivery(self, click: Click) -> Answer:
        message = id_in(click.of_desk, "delivery")
        act = deliveries.retry if click.verb == verbs.RETRY else deliveries.drop
        await self._database.write(lambda tx: act(tx, click.actor, message, click.turn.now))
        ids = click.actor.ids
        items, total = await self._database.read(lambda tx: deliveries.undeliverable(tx, self._desk, ids))
        absent = await self._database.read(lambda tx: deliveries.passed_over(tx, self._desk, ids))
        return card_answer(admin.deliveries(items, click.t, click.zone, total=total, absent=absent))


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 200 else ""


def digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
