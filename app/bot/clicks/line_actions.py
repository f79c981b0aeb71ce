"""Where a line works, decided from inside Teams: the words `bind` and `unbind`, and the button that undoes it."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app import logs
from app.bot.clicks.click import Answer, Answering, Click, card_answer, id_in
from app.bot.directory.rosters import Rosters
from app.bot.edge.turns import Spoken
from app.cards.binding import binding_card
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import NotFound
from app.domain.people import Actor
from app.domain.views import BindingView
from app.messages.answers.sentence import Sentence
from app.services import binding_news, binding_view, lines
from app.services.answering import Draft, queue_messages
from app.services.lines import Change, Channel
from app.services.outgoing import say
from app.services.tickets import Turn
from app.services.unit_of_work import Database


def bind(tx: Connection, desk: Desk, said: Spoken, turn: Turn, line: str) -> Change:
    """Bind the line to the channel in which it was typed; raise a `DomainError` where that is not possible."""
    if said.is_personal or said.team is None:
        raise lines.NotAChannel
    channel = Channel(said.conversation, said.team, said.channel_name, said.team_name)
    return lines.bind(tx, desk, line, channel, turn.actor, turn.now)


def unbind(tx: Connection, desk: Desk, turn: Turn, line: str | None) -> Change:
    """Undo the line's binding; raise a `DomainError` where that is not possible."""
    if line is None and lines.may_bind_any(desk, turn.actor):
        raise lines.UnknownLine(line="", lines=", ".join(desk.lines))
    return lines.unbind(tx, desk, line or "", turn.actor, turn.now)


def told(tx: Connection, desk: Desk, target: str, turn: Turn, change: Change) -> list[Draft]:
    """The answer where it was typed, and every message the change causes."""
    seen = binding_view.view(tx, desk, change.binding)
    name = desk.lines[change.line].name.text(turn.actor.language)
    if not change.undone:
        key, values = "talk.bound", {"line": name}
    elif seen and seen.now_in:
        key, values = "talk.bound_again", {"line": name, "channel": seen.now_in}
    else:
        key, values = "talk.unbound", {"line": name}
    answer = say(target, Sentence(key, values))
    return [answer, *binding_news.drafts(tx, desk, change, turn.actor, turn.now)]


def log(change: Change, actor: Actor) -> None:
    """The line of the audit; `ticketbot bindings` tells of each binding by its id."""
    what = "channel.unbound" if change.undone else "channel.bound"
    person = logs.pseudonym(actor.id)
    logs.event(what, line=change.line, binding=change.binding, has_channel=change.now_in is not None, person=person)


class LineActions:
    """Answers the button of a binding's notice."""

    def __init__(self, desk: Desk, database: Database, rosters: Rosters) -> None:
        self._desk = desk
        self._database = database
        self._rosters = rosters
        self.verbs: Mapping[str, Answering] = {verbs.UNBIND: self._undo}

    async def _undo(self, click: Click) -> Answer:
        """Undo it, or show what became of it where it holds no longer."""
        binding, turn, desk = id_in(click.of_desk, "binding"), click.turn, self._desk

        def unit(tx: Connection) -> tuple[Change | None, BindingView | None]:
            change = lines.undo(tx, desk, binding, turn.actor, turn.now)
            if change:
                caused = binding_news.drafts(tx, desk, change, turn.actor, turn.now)
                queue_messages(tx, caused, turn)
            return change, binding_view.view(tx, desk, binding)

        change, seen = await self._database.write(unit)
        if change:
            log(change, turn.actor)
            self._rosters.forget()
        if seen is None:
            raise NotFound
        return card_answer(binding_card(seen, click.t, click.zone))
