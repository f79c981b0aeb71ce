"""Clicks of people who were asked to look at something: pings, and preventive actions they own."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.actions.prevention_fields import read_prevention
from app.bot.clicks.click import Answer, Answering, Click, card_answer, id_in, ticket_answer, wrong_inputs
from app.cards.ping import ping_card
from app.cards.prevention import prevention_card
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import InvalidInput, NotFound, NotNow
from app.domain.people import Role
from app.domain.verbs import Verb
from app.domain.views import EMPTY_FORM, FormState, PingView, PreventionView, TicketView
from app.services import pings, preventions, tickets, views
from app.services.access import PINGED_SLOT
from app.services.confidential import is_kept_from
from app.services.unit_of_work import Database


class PingActions:
    """Answers the verbs of whoever was asked; for anybody else there is no such ping."""

    def __init__(self, desk: Desk, database: Database) -> None:
        self._desk = desk
        self._database = database
        self.verbs: Mapping[str, Answering] = {
            verbs.ACKNOWLEDGE: self._acknowledge,
            Verb.TAKE_OVER.value: self._take_over,
            verbs.PREVENTION_DONE: self._prevented,
            verbs.PREVENTION_NAME: self._named,
        }

    async def _acknowledge(self, click: Click) -> Answer:
        ping, turn = id_in(click.of_desk, "ping"), click.turn
        await self._database.write(lambda tx: pings.acknowledge(turn.work(tx, self._desk), turn.actor, ping))
        return await self._ping(click, ping)

    async def _take_over(self, click: Click) -> Answer:
        ping = id_in(click.of_desk, "ping")
        try:
            shown = await self._database.write(lambda tx: tickets.take_over(tx, self._desk, click.turn, ping))
        except NotNow:
            return await self._ping(click, ping)
        return ticket_answer(self._desk, click, shown)

    async def _ping(self, click: Click, ping: int) -> Answer:
        """The ping's own card, as it is now."""

        def read(tx: Connection) -> tuple[TicketView, PingView, frozenset[Role]]:
            asked, access = pings.asked(tx, self._desk, click.actor, ping)
            shown = pings.view(tx, self._desk, access.ticket, asked)
            if shown is None:
                raise NotFound
            return views.ticket_view(tx, self._desk, access, PINGED_SLOT), shown, access.roles

        view, asked, theirs = await self._database.write(read)
        is_hidden = is_kept_from(self._desk, click.actor, view.ticket)
        return card_answer(ping_card(view, asked, click.t, click.zone, theirs, is_hidden=is_hidden))

    async def _prevented(self, click: Click) -> Answer:
        action, turn = id_in(click.of_desk, "prevention"), click.turn

        def write(tx: Connection) -> tuple[TicketView, PreventionView]:
            done = preventions.done(turn.work(tx, self._desk), turn.actor, action)
            return preventions.ticket_view(tx, self._desk, done), preventions.view(tx, self._desk, done)

        return self._prevention(click, *await self._database.write(write))

    async def _named(self, click: Click) -> Answer:
        """What is done, of an action that was owed. Wrong input shows the question again; an answer that comes second,
        the answer that was given.
        """
        action, turn, desk = id_in(click.of_desk, "prevention"), click.turn, self._desk

        def read(tx: Connection) -> tuple[TicketView, PreventionView]:
            owed = preventions.owed(tx, desk, turn.actor, action)
            return preventions.ticket_view(tx, desk, owed), preventions.view(tx, desk, owed)

        view, owed = await self._database.write(read)
        if owed.done_at:
            return self._prevention(click, view, owed)
        today = turn.now.astimezone(click.zone).date()
        try:
            named = read_prevention(click.inputs, owed.owners, today)
        except InvalidInput as wrong:
            return self._prevention(click, view, owed, wrong_inputs(click, wrong))

        def write(tx: Connection) -> PreventionView:
            known = preventions.name(turn.work(tx, desk), turn.actor, action, named)
            return preventions.view(tx, desk, known)

        return self._prevention(click, view, await self._database.write(write))

    @staticmethod
    def _prevention(click: Click, view: TicketView, action: PreventionView, state: FormState = EMPTY_FORM) -> Answer:
        return card_answer(prevention_card(view, action, click.t, click.zone, state))
