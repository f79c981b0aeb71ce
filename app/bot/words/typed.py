"""What typed words do: each becomes messages in the outbox, or a change that causes its own.

Longer than other modules: every typed word is answered here, by one table.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from app.actions.note import Note
from app.actions.reply import Reply
from app.bot.clicks import line_actions
from app.bot.directory.rosters import Instead, Rosters, told_instead
from app.bot.edge.turns import Spoken
from app.bot.words.commands import Command, Commands, Word
from app.bot.words.days import Days
from app.bot.words.intents import Intent, SmallTalk
from app.cards import text as visible
from app.desk.model import Desk
from app.domain import ticket_number
from app.domain.errors import DomainError, NotAllowed, NotFound
from app.domain.lists import ListName, ListQuery
from app.domain.people import Actor, Role
from app.domain.requests import LONG_TEXT
from app.i18n import Texts
from app.messages.answers.absence import AbsenceNoted
from app.messages.answers.deliveries import UndeliverableMessages
from app.messages.answers.explanation import ExplanationAnswer
from app.messages.answers.free_text import FreeTextAnswer
from app.messages.answers.help import Help
from app.messages.answers.language import LanguageChoice
from app.messages.answers.lists import MyTickets, SavedViews, TicketList
from app.messages.answers.sentence import Sentence
from app.messages.answers.small_talk import Greeting, ThanksAnswer
from app.messages.answers.ticket import AskedTicket
from app.messages.answers.ticket_form import TicketForm
from app.messages.answers.whom_for import WhomFor
from app.messages.message import Message
from app.messages.onlooker import Onlooker
from app.screens.forms import nonce
from app.services import absence, answering, conversation, explain, following, lines, lists, people, tickets
from app.services.access import access_ticket, check_known_at, line_slot
from app.services.answering import Draft
from app.services.attachments import Place
from app.services.following import source_of
from app.services.lines import Change
from app.services.lists import Reader
from app.services.outgoing import say
from app.services.tickets import Origin, Turn
from app.services.unit_of_work import Database
from app.zones import zone_of


class NoTicketHere(DomainError):
    """Neither a number was typed nor does the thread belong to a ticket's card."""

    key = "error.no_ticket_here"


class TooLong(DomainError):
    """More text than a comment may have."""

    key = "error.input.too_long"


class NothingTyped(DomainError):
    """A reply or a note without words."""

    key = "error.nothing_typed"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command and the moment it was typed in; `text` is all that was typed."""

    command: Command
    text: str
    said: Spoken
    turn: Turn
    changes: list[Change] = field(default_factory=list)
    """What was bound or unbound by it."""

    @property
    def target(self) -> str:
        """Where the answer goes."""
        return place_of(self.said)

    def say(self, message: Message[Any], ticket: int | None = None) -> Draft:
        """An answer where it was typed."""
        return say(self.target, message, ticket)


class TypedWords:
    """Answers typed words. A refusal is an answer too; a message delivered twice is answered once."""

    def __init__(
        self, desk: Desk, texts: Texts, database: Database, rosters: Rosters, *, changed: Callable[[str], None]
    ) -> None:
        """`changed` hears of a person whose language was chosen."""
        self._desk = desk
        self._texts = texts
        names = [name for line in desk.lines.values() for name in line.name.texts.values()]
        self._commands = Commands(texts, names)
        self._days = Days(texts)
        self._small_talk = SmallTalk(texts)
        self._database = database
        self._rosters = rosters
        self._changed = changed

    async def answer(
        self,
        text: str,
        said: Spoken,
        turn: Turn,
        instead: Instead | None = None,
        *,
        files: Sequence[str] = (),
        begin: Callable[[Connection, str], None] | None = None,
    ) -> bool:
        """Do what was typed and queue the answer; `instead`: why the actor may be no agent where they think they are.

        `files` are the names of what came with it. `begin` gets the key under which they are to be kept, in the unit of
        work that keeps the words; returned is whether there was one.
        """
        command = Command(Word.UNKNOWN, text) if files and said.is_personal else self._commands.parse(text)
        typed = Typed(command, text, said, turn)
        line = None if said.is_personal else await self._rosters.line_in(said.conversation)

        def once(tx: Connection, do: Callable[[], Iterable[Draft]]) -> bool:
            if answering.is_repeated(tx, turn):
                return False
            drafts = list(do())
            answering.queue_messages(tx, drafts, turn)
            key = next((each.content.draft for each in drafts if isinstance(each.content, FreeTextAnswer)), None)
            if key and begin:
                begin(tx, key)
            return key is not None

        kept = False
        try:
            kept = await self._database.write(lambda tx: once(tx, lambda: self._do(tx, typed, line, files)))
        except DomainError as refused:
            told = told_instead(refused, instead)
            values = {name: str(value) for name, value in told.values.items()}
            sorry = typed.say(Sentence(told.key, values))
            await self._database.write(lambda tx: once(tx, lambda: [sorry]))
        for change in typed.changes[-1:]:  # a unit of work may have been begun more than once
            line_actions.log(change, turn.actor)
            self._rosters.forget()
        if typed.command.word is Word.LANGUAGE:
            self._changed(turn.actor.id)
        return kept

    def _do(self, tx: Connection, typed: Typed, line: str | None, files: Sequence[str]) -> Iterable[Draft]:
        actor, command = typed.turn.actor, typed.command
        is_agent = bool(actor.lines) or actor.is_admin
        match command.word:
            case Word.NEW if typed.said.is_personal:
                return [typed.say(TicketForm(nonce()))]
            case Word.NEW:
                return [typed.say(Sentence("talk.only_in_chat"))]
            case Word.MINE if typed.said.is_personal:
                return [typed.say(MyTickets(Onlooker(actor.id)))]
            case Word.TICKET if command.number is not None:
                return [self._ticket(tx, typed, command.number, line)]
            case Word.EXPLAIN:
                return [self._explain(tx, typed, line)]
            case Word.LANGUAGE:
                return [self._language(tx, typed)]
            case Word.MINE if not is_agent:
                return [typed.say(Sentence("list.only_in_chat"))]
            case Word.QUEUE | Word.MINE:
                return [self._queue(typed, line)]
            case Word.BIND | Word.UNBIND if typed.said.is_personal and not lines.may_bind_any(self._desk, actor):
                return [self._free_text(tx, typed, files)]
            case Word.BIND | Word.UNBIND:
                return self._bind(tx, typed, line)
            case Word.ABSENT | Word.BACK:
                return [self._absence(tx, typed)]
            case Word.VIEWS | Word.WORK if is_agent and not typed.said.is_personal:
                return [typed.say(Sentence("list.only_in_chat"))]
            case Word.VIEWS if is_agent:
                return [typed.say(SavedViews(Onlooker.of(actor)))]
            case word if word in _LISTS and is_agent:
                return [self._list(typed, ListQuery(_LISTS[word]), line)]
            case Word.REPLY | Word.NOTE if typed.said.is_personal and not _may_speak(tx, self._desk, typed):
                return [self._free_text(tx, typed, files)]
            case Word.REPLY | Word.NOTE:
                return self._speak(tx, typed)
            case Word.DELIVERIES if actor.is_admin and typed.said.is_personal:
                return [typed.say(UndeliverableMessages())]
            case Word.UNKNOWN if typed.said.is_personal:
                return [self._free_text(tx, typed, files)]
            case Word.UNKNOWN if self._says_something(command.rest) and (about := self._ticket_here(tx, typed)):
                return [self._ask_which(tx, typed, about)]
            case Word.UNKNOWN if len(named := ticket_number.find_all(command.rest)) == 1:
                return [self._ticket(tx, typed, named[0], line)]
            case _:
                return [typed.say(Help(in_channel=not typed.said.is_personal, is_agent=bool(actor.lines)))]

    def _free_text(self, tx: Connection, typed: Typed, files: Sequence[str]) -> Draft:
        """Words that are no command: small talk, or something that may become a ticket or belong to one."""
        actor, text = typed.turn.actor, typed.text.strip()
        if not visible.typed(text).strip() and not files:
            return typed.say(Help(in_channel=False, is_agent=bool(actor.lines)))
        numbers = ticket_number.find_all(text)
        if (bare := ticket_number.parse_alone(text)) and not files and _may_see(tx, self._desk, actor, bare):
            return self._ticket(tx, typed, bare, None)
        match None if files else self._small_talk.intent(ticket_number.replace_all(text, "ticket")):
            case Intent.GREETING:
                return typed.say(Greeting(actor.name))
            case Intent.THANKS:
                return typed.say(ThanksAnswer(actor.id))
            case Intent.AGREES if not conversation.is_asked(tx, actor.id):
                return typed.say(ThanksAnswer(actor.id))
            case Intent.STATUS if len(numbers) == 1:
                return self._ticket(tx, typed, numbers[0], None)
            case Intent.STATUS:
                return typed.say(MyTickets(Onlooker(actor.id)))
            case _:
                words = text or ", ".join(files)
                key = conversation.keep(tx, actor.id, words, source=source_in(typed.said), now=typed.turn.now)
                conversation.keep_whole(tx, actor.id, words, Place(form=key), typed.turn.now)
                return typed.say(FreeTextAnswer(key, Onlooker.of(actor)))

    def _ticket_here(self, tx: Connection, typed: Typed) -> int | None:
        """The ticket in whose thread it was said, for those who work on it."""
        about = _number_of_thread(tx, typed)
        if about is None:
            return None
        access_ticket(tx, self._desk, typed.turn.actor, about)
        return about

    def _says_something(self, words: str) -> bool:
        return bool(words.strip()) and not self._small_talk.is_greeting(words)

    def _ask_which(self, tx: Connection, typed: Typed, ticket: int) -> Draft:
        """Words in a ticket's thread that do not say whom they are for."""
        words, source = typed.command.rest.strip(), source_in(typed.said)
        _check_length(words)
        key = conversation.keep(tx, typed.turn.actor.id, words, source=source, now=typed.turn.now)
        return typed.say(WhomFor(key), ticket)

    def told_in(self, text: str, said: Spoken) -> str:
        """What a reply or a note tells its reader: the words without the command they were typed with."""
        command = self._commands.parse(text)
        return command.rest if said.is_addressed and command.word in (Word.REPLY, Word.NOTE) else text

    async def overhear(self, text: str, said: Spoken, turn: Turn) -> None:
        """Agents talk in a ticket's thread without addressing the bot: that is a work note."""
        words = visible.typed(text).strip()
        line = await self._rosters.line_in(said.conversation)

        def unit(tx: Connection) -> None:
            about = conversation.ticket_of_thread(tx, said.thread)
            if about is not None and words and not answering.is_repeated(tx, turn):
                note, once = Note(conversation.fitting(words), heard_at=line), replace(turn, key=None)
                tickets.act(tx, self._desk, once, about, note, Origin(source=source_in(said)))
                answering.queue_messages(tx, following.too_long(place_of(said), words), turn)

        with suppress(DomainError):  # somebody who may not write here, or a ticket that has ended: people talk
            await self._database.write(unit)

    def _ticket(self, tx: Connection, typed: Typed, number: int, line: str | None) -> Draft:
        shown = tickets.show(tx, self._desk, typed.turn.actor, number, line_slot(line) if line else None)
        if not typed.said.is_personal:  # what stands in a channel, everybody in it can read
            if line not in typed.turn.actor.lines:
                raise NotFound
            check_known_at(tx, number, line)
        return typed.say(AskedTicket(shown.slot), number)

    def _explain(self, tx: Connection, typed: Typed, line: str | None) -> Draft:
        """What happens to a ticket, for those who work on it; everybody else gets the card that is theirs."""
        number, actor = _number(tx, typed), typed.turn.actor
        if not explain.may_ask(tx, self._desk, actor, number):
            return self._ticket(tx, typed, number, line)
        if typed.said.is_personal:
            return typed.say(ExplanationAnswer(), number)
        if line is None or line not in actor.lines:
            raise NotFound
        explain.check_channel(tx, number, line)
        return typed.say(ExplanationAnswer(line), number)

    def _absence(self, tx: Connection, typed: Typed) -> Draft:
        actor, now = typed.turn.actor, typed.turn.now
        if typed.command.word is Word.BACK:
            absence.end(tx, actor.id)
            return typed.say(Sentence("absence.over"))
        zone = zone_of(typed.said.contact.timezone, self._desk.timezone)
        day = self._days.day_in(typed.command.rest, now.astimezone(zone).date())
        until = absence.announce(tx, actor.id, day, now=now, zone=zone)
        return typed.say(AbsenceNoted(until))

    def _language(self, tx: Connection, typed: Typed) -> Draft:
        code = self._texts.called(typed.command.rest.strip(" .!"))
        if code is None:
            return typed.say(LanguageChoice())
        people.choose_language(tx, typed.turn.actor.id, code, typed.turn.now)
        if typed.said.is_personal:
            return typed.say(Sentence("language.chosen"))
        chosen = {"name": typed.turn.actor.name, "language": dict(self._texts.names)[code]}
        return typed.say(Sentence("language.chosen_for", chosen))

    def _queue(self, typed: Typed, line: str | None) -> Draft:
        """The queue of the channel's line, of the one that was named, or of all the actor may see."""
        wanted = line or self._line_called(typed.command.rest) or None
        may_see = lists.lines_of(self._desk, Reader(typed.turn.actor))
        if not may_see or wanted not in (None, *may_see):
            raise NotAllowed(verb="queue")
        return self._list(typed, ListQuery(line=wanted), line)

    def _line_called(self, words: str) -> str:
        """The id of the line with this id or name; the words where there is none."""
        said = " ".join(words.casefold().split())
        called = (
            line.id
            for line in self._desk.lines.values()
            if said == line.id.casefold() or said in map(str.casefold, line.name.texts.values())
        )
        return next(called, said)

    def _list(self, typed: Typed, query: ListQuery, line: str | None) -> Draft:
        actor, in_public = typed.turn.actor, not typed.said.is_personal
        if not lists.lines_of(self._desk, Reader(actor, line, in_public)):
            raise NotAllowed(verb=query.list.value)
        if in_public and line is None:
            return typed.say(Sentence("list.only_in_chat"))
        return typed.say(TicketList(Onlooker.of(actor), query, line, in_public=in_public))

    def _bind(self, tx: Connection, typed: Typed, here: str | None) -> Iterable[Draft]:
        named, said, turn = self._line_called(typed.command.rest), typed.said, typed.turn
        if typed.command.word is Word.BIND:
            change = line_actions.bind(tx, self._desk, said, turn, named)
        else:
            change = line_actions.unbind(tx, self._desk, turn, named or here)
        typed.changes.append(change)
        return line_actions.told(tx, self._desk, typed.target, turn, change)

    def _speak(self, tx: Connection, typed: Typed) -> Iterable[Draft]:
        """A reply or a note. In the ticket's thread its own messages are the answer, elsewhere a sentence is."""
        is_reply, words = typed.command.word is Word.REPLY, visible.typed(typed.command.rest).strip()
        number = _number(tx, typed)
        if not words:
            raise NothingTyped
        _check_length(words)
        request = Reply(words) if is_reply else Note(words)
        once, source = replace(typed.turn, key=None), source_in(typed.said)
        tickets.act(tx, self._desk, once, number, request, Origin(source=source))
        if number == _number_of_thread(tx, typed):
            return []
        return [typed.say(Sentence("talk.told.reply" if is_reply else "talk.told.note"))]


def _number(tx: Connection, typed: Typed) -> int:
    """The ticket that was named, or whose thread it is."""
    number = typed.command.number or _number_of_thread(tx, typed)
    if number is None:
        raise NoTicketHere
    return number


def _number_of_thread(tx: Connection, typed: Typed) -> int | None:
    return conversation.ticket_of_thread(tx, typed.said.thread)


def _may_speak(tx: Connection, desk: Desk, typed: Typed) -> bool:
    """Whether somebody replies and notes at all; for everybody else the words begin a sentence like any other."""
    actor, number = typed.turn.actor, typed.command.number
    if actor.lines or actor.is_admin:
        return True
    with suppress(NotFound):
        return number is not None and Role.AGENT in access_ticket(tx, desk, actor, number).roles
    return False


def _may_see(tx: Connection, desk: Desk, actor: Actor, number: int) -> bool:
    with suppress(NotFound):
        return bool(access_ticket(tx, desk, actor, number))
    return False


def _check_length(words: str) -> None:
    if len(words) > LONG_TEXT:
        raise TooLong(limit=LONG_TEXT, length=len(words))


def place_of(said: Spoken) -> str:
    """Where something typed is answered: in the person's chat, or in the thread it was typed in."""
    return f"person:{said.contact.person}" if said.is_personal else f"chat:{said.thread or said.conversation}"


def source_in(said: Spoken) -> str | None:
    """The name of the message something was typed in."""
    return source_of(said.conversation, said.activity_id) if said.activity_id else None


_LISTS = {
    Word.WORK: ListName.WORK,
    Word.UNASSIGNED: ListName.UNASSIGNED,
    Word.AT_RISK: ListName.AT_RISK,
    Word.RESOLVED: ListName.RESOLVED,
}
