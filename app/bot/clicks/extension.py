"""The message extension: search tickets, make one from a message, unfold a link. It works in any chat, also where the
bot is not: everything is said in the answer, nothing is sent into that chat.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection

from app.actions.new_ticket import read_submission
from app.bot.clicks.card_actions import digest
from app.bot.clicks.click import CARD
from app.bot.clicks.ticket_links import bot_chat, ticket_in
from app.bot.directory.rosters import RosterUnknown
from app.bot.edge.turns import EXTENSION
from app.bot.words.quoted import author_name, message_link, quoted
from app.cards import text
from app.cards.extension import AGAIN, inserted_card, preview, unfolded_card
from app.cards.parts import Card
from app.desk.model import Desk
from app.domain.errors import InvalidInput, NotFound, TooManyTickets
from app.domain.ticket import MESSAGE_AUTHOR, MESSAGE_LINK, FieldValue
from app.domain.views import FormState, Row
from app.i18n import Text
from app.screens.forms import nonce, ticket_dialog_card
from app.services import lookup, tickets
from app.services.conversation import suggested_category
from app.services.tickets import Turn
from app.services.unit_of_work import Database

QUERY, FETCH, SUBMIT = f"{EXTENSION}query", f"{EXTENSION}fetchTask", f"{EXTENSION}submitAction"
LINK, ANONYMOUS_LINK = f"{EXTENSION}queryLink", f"{EXTENSION}anonymousQueryLink"
NAMES = frozenset({QUERY, FETCH, SUBMIT, LINK, ANONYMOUS_LINK})
LOOKS_UP = frozenset({QUERY, LINK})
"""What is asked while somebody types: the answer comes in time or says that it does not."""

SEARCH, CREATE = "searchTickets", "createTicket"
ANSWERS_WITHIN, ROSTERS_WITHIN = 0.9, 0.4
"""Seconds. Who is in a team is not waited for as long: what somebody raised themselves is found without it."""

PAGE = 25
_THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
_LONGEST_NONCE = 64

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One invoke of the extension; `unknown` says that Teams did not tell all of the person's lines."""

    name: str
    value: Mapping[str, Any]
    turn: Turn
    t: Text
    zone: tzinfo
    unknown: RosterUnknown | None = None

    @property
    def command(self) -> str:
        """Which command of the manifest."""
        return _text(self.value.get("commandId"))

    @property
    def in_compose_box(self) -> bool:
        """Whether the answer is put where the person is writing."""
        return _text(self.value.get("commandContext")).lower() == "compose"


class MessageExtension:
    """Answers what the extension is asked, in the shapes Teams expects. Refusals are sentences."""

    def __init__(
        self,
        desk: Desk,
        database: Database,
        public_url: str | None,
        app_id: str,
        *,
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        """`catch_up` lets search know what was said a moment ago."""
        self._catch_up = catch_up
        self._desk = desk
        self._database = database
        self._public_url = public_url
        self._app_id = app_id
        self._commands: dict[tuple[str, str], Callable[[Asked], Awaitable[Json]]] = {
            (QUERY, SEARCH): self._search,
            (FETCH, CREATE): self._fetch,
            (SUBMIT, CREATE): self._submit,
        }

    async def answer(self, asked: Asked) -> Json:
        """Do what was asked; what it changes is durable before it answers."""
        if asked.name == ANONYMOUS_LINK:
            return _results([])
        if asked.name == LINK:
            return await self._link(asked)
        if do := self._commands.get((asked.name, asked.command)):
            return await do(asked)
        return _sentence(asked.name, asked.t("extension.unknown_command"))

    @staticmethod
    def too_late(name: str, t: Text) -> Json:
        """What is said when an answer would not come in time: nothing was changed."""
        return _results([]) if name == LINK else _sentence(name, t("extension.too_late"))

    # --- looking up

    async def _search(self, asked: Asked) -> Json:
        words = _words(asked.value)
        if words.strip():
            await self._catch_up()
        skip, count = _page(asked.value)
        rows = await self._database.read(
            lambda tx: lookup.find(tx, self._desk, asked.turn.actor, words, skip=skip, limit=count)
        )
        if rows or skip:
            return _results([self._inserted(row, asked) for row in rows])
        if asked.unknown:
            return _told(asked.t(asked.unknown.key))
        return _told(asked.t("extension.nothing_found" if words.strip() else "extension.nothing_open"))

    async def _link(self, asked: Asked) -> Json:
        """A ticket unfolds only for those who may see it; everybody else pastes a link."""
        named = ticket_in(asked.value.get("url"), self._public_url)
        if named is None:
            return _results([])
        try:
            row = await self._database.read(lambda tx: lookup.seen_by(tx, self._desk, asked.turn.actor, named))
        except NotFound:
            return _results([])
        link = bot_chat(self._app_id, row.number)
        return _results(
            [_attachment(unfolded_card(row, asked.t, asked.zone, at=asked.turn.now, link=link), row, asked)]
        )

    @staticmethod
    def _inserted(row: Row, asked: Asked) -> Json:
        return _attachment(inserted_card(row, asked.t, asked.zone, at=asked.turn.now), row, asked)

    # --- raising a ticket

    async def _fetch(self, asked: Asked) -> Json:
        payload = asked.value.get("messagePayload")
        said = quoted(payload) if isinstance(payload, dict) else None
        typed = {"title": said.title, "description": said.text} if said else {}
        if said and (category := suggested_category(self._desk, said.text)):
            typed["category"] = category
        data: Json = {"form": nonce()}
        if said and (said.author or said.link):
            data["origin"] = {"author": said.author, "link": said.link}
        return self._dialog(asked, FormState(typed, {}), data)

    async def _submit(self, asked: Asked) -> Json:
        inputs = asked.value.get("data")
        inputs = inputs if isinstance(inputs, dict) else {}
        of_desk = inputs.get("desk")
        of_desk = of_desk if isinstance(of_desk, dict) else {}
        typed = {name: str(value) for name, value in inputs.items() if isinstance(value, str | int | float)}
        data = self._kept(of_desk)
        if of_desk.get(AGAIN):
            return self._dialog(asked, FormState(typed, {}), data)
        try:
            filled = replace(read_submission(self._desk, inputs), origin=self._origin(data))
        except InvalidInput as wrong:
            problems = {name: asked.t(key, **values) for name, (key, values) in wrong.problems.items()}
            return self._dialog(asked, FormState(typed, problems), data)
        # without a nonce (a client's own invention) the same words on the same day are the same form
        form = _text(of_desk.get("form")) or [typed, str(asked.turn.now.date())]
        turn = replace(asked.turn, key=digest([asked.turn.actor.id, "submit", form]))

        def raise_ticket(tx: Connection) -> tuple[Row, str]:
            view = tickets.submit(tx, self._desk, turn, filled)
            row = lookup.seen_by(tx, self._desk, turn.actor, view.ticket.id)
            return row, text.name(view.line.label.text(asked.t.language))

        try:
            row, line = await self._database.write(raise_ticket)
        except TooManyTickets as refused:
            return _sentence(asked.name, asked.t(refused.key, **refused.values))
        if asked.in_compose_box:
            return _results([self._inserted(row, asked)])
        desk = text.name(self._desk.name.text(asked.t.language))
        said = asked.t("extension.raised", number=row.number, line=line, desk=desk)
        return {"task": {"type": "message", "value": said}}

    def _dialog(self, asked: Asked, state: FormState, data: Json) -> Json:
        shown = {
            "title": asked.t("form.submit.title"),
            "height": "large",
            "width": "medium",
            "card": {"contentType": CARD, "content": ticket_dialog_card(self._desk, asked.t, state, data)},
        }
        return {"task": {"type": "continue", "value": shown}}

    @staticmethod
    def _kept(of_desk: Mapping[str, Any]) -> Json:
        """What the form says about itself, judged again: it comes from the client."""
        form = _text(of_desk.get("form"))
        data: Json = {"form": form if 0 < len(form) <= _LONGEST_NONCE else nonce()}
        told = of_desk.get("origin")
        if isinstance(told, dict):
            origin = {"author": author_name(told.get("author")), "link": message_link(told.get("link"))}
            data |= {"origin": origin} if any(origin.values()) else {}
        return data

    @staticmethod
    def _origin(data: Mapping[str, Any]) -> tuple[FieldValue, ...]:
        told = data.get("origin", {})
        values = ((MESSAGE_AUTHOR, told.get("author")), (MESSAGE_LINK, told.get("link")))
        return tuple(FieldValue(id, {}, value) for id, value in values if value)


def _attachment(content: Card, row: Row, asked: Asked) -> Json:
    shown = preview(row, asked.t)
    return {"contentType": CARD, "content": content, "preview": {"contentType": _THUMBNAIL, "content": shown}}


def _results(attachments: list[Json]) -> Json:
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}


def _told(words: str) -> Json:
    return {"composeExtension": {"type": "message", "text": words}}


def _sentence(name: str, words: str) -> Json:
    return {"task": {"type": "message", "value": words}} if name in (FETCH, SUBMIT) else _told(words)


def _words(value: Mapping[str, Any]) -> str:
    """What was typed; nothing when the list is only opened (`initialRun`)."""
    named = {each.get("name"): each.get("value") for each in value.get("parameters") or ()}
    return _text(named.get("q"))


def _page(value: Mapping[str, Any]) -> tuple[int, int]:
    options = value.get("queryOptions") or {}
    return _within(options.get("skip"), 0, lookup.MOST_FOUND, 0), _within(options.get("count"), 1, PAGE, PAGE)


def _within(told: object, least: int, most: int, otherwise: int) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        return otherwise
    return max(least, min(told, most))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
