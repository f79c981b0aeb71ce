"""From botbuilder's turns to what the desk does. The handler never sends: answers are invoke results or outbox rows."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity, ChannelAccount

from app import logs
from app.actions import registry
from app.bot.clicks.card_actions import CardActions
from app.bot.clicks.click import Answer, Click, sentence_answer
from app.bot.clicks.extension import ANSWERS_WITHIN, LOOKS_UP, NAMES, ROSTERS_WITHIN, Asked, MessageExtension
from app.bot.directory.contacts import Contacts
from app.bot.directory.rosters import Instead, Membership, Rosters, RosterUnknown
from app.bot.edge.pace import Pace
from app.bot.edge.turns import Spoken, spoken, text_of, where_members_changed
from app.bot.files.file_fetcher import offered
from app.bot.files.incoming_files import IncomingFiles
from app.bot.words.quoted import forwarded_text
from app.bot.words.typed import TypedWords, place_of, source_in
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import TooManyActions
from app.domain.people import Actor, Role
from app.i18n import Texts
from app.messages.answers.welcome import TeamWelcome, Welcome
from app.services import answering, following, installation
from app.services.outgoing import say
from app.services.tickets import Turn
from app.services.unit_of_work import Database
from app.zones import zone_of

CARD_ACTION = "adaptiveCard/action"
# verbs that need no role in a line: a requester never waits for a team's roster
_WITHOUT_ROLE = frozenset(
    {
        *(verbs.NEW, verbs.SUBMIT, verbs.MINE, verbs.SET_LANGUAGE, verbs.RETRY, verbs.DROP, verbs.UNBIND),
        *(verbs.ACKNOWLEDGE, verbs.PREVENTION_DONE, verbs.PREVENTION_NAME, verbs.RATE_AGAIN),
    }
)


def _needs_no_role(verb: str) -> bool:
    """Whether a verb needs no role in a line: a requester never waits for a team's roster."""
    action, _ = registry.find_action(verb)
    return verb in _WITHOUT_ROLE or (action is not None and action.roles == {Role.REQUESTER})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handler works with."""

    desk: Desk
    texts: Texts
    database: Database
    contacts: Contacts
    rosters: Rosters
    actions: CardActions
    words: TypedWords
    files: IncomingFiles
    extension: MessageExtension
    now: Callable[[], datetime]
    wake: Callable[[], None]
    pace: Pace = field(default_factory=Pace)


class DeskHandler(TeamsActivityHandler):  # type: ignore[misc]
    """One turn: remember who speaks, find out what they may, do it, wake the dispatcher."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts

    # --- what people type and click

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Typed words; a click of an old client (Action.Submit) carries no words and gets help."""
        activity = turn_context.activity
        said = spoken(activity)
        turn, instead = await self._turn(said, key=_key(said), afresh=True)
        if await self._is_flood(said):
            return
        if not said.is_addressed:
            await self._parts.words.overhear(text_of(activity), said, turn)
            self._parts.wake()
            return
        offers = offered(activity) if said.is_personal else ()
        picture = self._parts.texts.language(turn.actor.language)("talk.picture")
        names = list(dict.fromkeys(offer.name or picture for offer in offers))
        arriving = self._parts.files.arriving(offers, said)
        if await self._parts.words.answer(
            text_of(activity) or forwarded_text(activity),
            said,
            turn,
            instead,
            files=names,
            begin=arriving.begin if offers else None,
        ):
            self._parts.files.fetch(arriving)
        self._parts.wake()

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        """Somebody changed what they had written (or brought it back)."""
        activity = turn_context.activity
        said = spoken(activity)
        if (source := source_in(said)) and not await self._is_flood(said):
            text = text_of(activity)
            again = following.Edit(
                source, said.contact.person or "", text, self._parts.words.told_in(text, said), place_of(said)
            )
            await self._follow(partial(following.edited, edit=again))

    async def on_message_delete_activity(self, turn_context: TurnContext) -> None:
        """Somebody took back what they had written."""
        said = spoken(turn_context.activity)
        if source := source_in(said):
            await self._follow(partial(following.deleted, source=source, person=said.contact.person or ""))

    async def _is_flood(self, said: Spoken) -> bool:
        """Whether this is one message too many of somebody. They hear it, of many once for as long as that waits."""
        person, now = said.contact.person or "", self._parts.now()
        try:
            self._parts.pace.count(person, now)
        except TooManyActions as refused:
            logs.event("person.too_fast", person=logs.pseudonym(person))
            place, limit, correlation = place_of(said), refused.limit, logs.correlation_id.get()
            await self._parts.database.write(
                lambda tx: answering.refuse_flood(tx, place, person, limit, now=now, correlation=correlation)
            )
            self._parts.wake()
            return True
        return False

    async def _follow(self, follow: Callable[..., None]) -> None:
        desk, now, correlation = self._parts.desk, self._parts.now(), logs.correlation_id.get()
        await self._parts.database.write(lambda tx: follow(tx, desk, now=now, correlation=correlation))
        self._parts.wake()

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """Card actions and the message extension; everything else is not ours (yet)."""
        activity = turn_context.activity
        if activity.name == CARD_ACTION:
            answer = await self._click(activity)
        elif activity.name in NAMES:
            answer = await self._extend(activity)
        else:
            logs.event("invoke.unknown", name=str(activity.name)[:64])
            return InvokeResponse(status=501)
        self._parts.wake()
        return InvokeResponse(status=200, body=answer)

    async def _click(self, activity: Activity) -> Answer:
        said = spoken(activity)
        action: dict[str, Any] = activity.value["action"]
        verb: str = action["verb"]
        data: dict[str, Any] = action.get("data") or {}
        of_desk = data.get("desk")
        turn, instead = await self._turn(said, with_lines=not _needs_no_role(verb))
        click = Click(
            verb=verb,
            said=said,
            turn=turn,
            t=self._parts.texts.language(turn.actor.language),
            zone=zone_of(said.contact.timezone, self._parts.desk.timezone),
            of_desk=of_desk if isinstance(of_desk, dict) else {},
            inputs={name: value for name, value in data.items() if name != "desk"},
            instead=instead,
        )
        try:
            self._parts.pace.count(turn.actor.id, turn.now)
        except TooManyActions as refused:
            logs.event("person.too_fast", person=logs.pseudonym(turn.actor.id))
            return sentence_answer(click.t(refused.key, **refused.values))
        answer = await self._parts.actions.answer(click)
        if verb == verbs.SET_LANGUAGE:
            self._parts.contacts.forget(turn.actor.id)
        logs.event("card.action", verb=verb, person=logs.pseudonym(turn.actor.id))
        return answer

    async def _extend(self, activity: Activity) -> Answer:
        """What is looked up is answered in time; what is raised is not given up half-way."""
        said, extension = spoken(activity), self._parts.extension
        looks_up = activity.name in LOOKS_UP
        try:
            async with asyncio.timeout(ANSWERS_WITHIN if looks_up else None):
                turn, instead = await self._turn(said, with_lines=looks_up, within=ROSTERS_WITHIN)
                asked = Asked(
                    name=activity.name,
                    value=activity.value,
                    turn=turn,
                    t=self._parts.texts.language(turn.actor.language),
                    zone=zone_of(said.contact.timezone, self._parts.desk.timezone),
                    unknown=instead if isinstance(instead, RosterUnknown) else None,
                )
                answer = await extension.answer(asked)
        except TimeoutError:
            logs.event("compose.too_late", name=activity.name)
            language = said.contact.language or self._parts.desk.language
            return extension.too_late(activity.name, self._parts.texts.language(language))
        logs.event("compose.answered", name=activity.name, person=logs.pseudonym(turn.actor.id))
        return answer

    async def _turn(
        self,
        said: Spoken,
        *,
        key: str | None = None,
        with_lines: bool = True,
        within: float | None = None,
        afresh: bool = False,
    ) -> tuple[Turn, Instead | None]:
        """Who acts, with the lines they are an agent of as far as Teams says it now (`within` so many seconds)."""
        parts = self._parts
        parts.rosters.channels.learn(said.conversation, said.channel_type)
        language = await parts.contacts.meet(said.contact, afresh=afresh)
        member = await parts.rosters.membership(said.ids, within=within) if with_lines else Membership(frozenset())
        actor = Actor(
            id=said.contact.person or "",
            name=said.contact.name,
            language=parts.texts.language(language or parts.desk.language).language,
            lines=member.lines,
            is_admin=not said.ids.isdisjoint(parts.desk.admins),
            teams_id=said.contact.teams_id,
        )
        return Turn(actor, parts.now(), logs.correlation_id.get(), key), member.instead

    # --- where the bot comes and goes

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """The bot or somebody else joined or left, or a channel changed."""
        activity = turn_context.activity
        said = spoken(activity)
        bot = said.contact.bot
        self._parts.rosters.channels.learn(said.conversation, said.channel_type)
        await self._parts.rosters.left(where_members_changed(activity), frozenset(_ids(activity.members_removed)))
        if _is_among(bot, activity.members_removed):
            await self._gone(said)
            return
        await self._parts.contacts.meet(said.contact, afresh=True)
        if _is_among(bot, activity.members_added):
            await self._welcome(said)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """The welcome hangs on the conversation update that comes with it; here only the way to speak is kept."""
        said = spoken(turn_context.activity)
        if str(turn_context.activity.action or "").startswith("remove"):
            await self._gone(said)
        else:
            await self._parts.contacts.meet(said.contact, afresh=True)

    async def _welcome(self, said: Spoken) -> None:
        parts, now = self._parts, self._parts.now()
        greeting = (
            say(f"person:{said.contact.person}", Welcome())
            if said.is_personal and said.contact.person
            else say(f"chat:{said.conversation}", TeamWelcome())
        )

        correlation = logs.correlation_id.get()
        await parts.database.write(
            lambda tx: installation.welcome(tx, said.conversation, greeting, now=now, correlation=correlation)
        )
        parts.wake()

    async def _gone(self, said: Spoken) -> None:
        if not said.is_personal:  # perhaps nobody ever wrote there: that the bot is gone must be known all the same
            await self._parts.contacts.meet(said.contact, afresh=True)
        self._parts.contacts.forget(said.contact.person)
        await self._parts.database.write(lambda tx: installation.leave(tx, said.conversation))


def _key(said: Spoken) -> str | None:
    """What makes a repeated delivery of the same activity the same."""
    return f"message:{source}" if (source := source_in(said)) else None


def _is_among(bot: str, members: list[ChannelAccount] | None) -> bool:
    return any(member.id == bot for member in members or ())


def _ids(members: list[ChannelAccount] | None) -> Iterator[str]:
    for member in members or ():
        yield from (each for each in (member.id, member.aad_object_id) if each)
