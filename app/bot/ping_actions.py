"""Clicks of people who were asked to look at something: pings, and preventive actions they own."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.bot.clicks import Answer, Answering, Click, card_answer, id_in, ticket_answer
from app.cards.ping import ping_card
from app.cards.prevention import prevention_card
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import NotFound, NotNow
from app.domain.verbs import Verb
from app.domain.views import PingView, PreventionView, TicketView
from app.services import pings, preventions, tickets
from app.services.access import PINGED_SLOT
from app.store.database import Database


class PingActions:
    """Answers the verbs of whoever was asked; for anybody else there is no such ping."""

    def __init__(self, desk: Desk, database: Database) -> None:
        self._desk = desk
        self._database = database
        self.verbs: Mapping[str, Answering] = {
            verbs.ACKNOWLEDGE: self._acknowledge,
            Verb.TAKE_OVER.value: self._take_over,
            verbs.PREVENTION_DONE: self._prevented,
        }

    async def _acknowledge(self, click: Click) -> Answer:
        ping, turn = id_in(click.of_desk, "ping"), click.turn
        await self._database.write(
            lambda tx: pings.acknowledge(tx, turn.actor.id, ping, now=turn.now, correlation=turn.correlation)
        )
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

        def read(tx: Connection) -> tuple[TicketView, PingView]:
            row = pings.asked(tx, click.actor.id, ping)
            view = tickets.view(tx, self._desk, click.actor, row.ticket, PINGED_SLOT)
            asked = pings.view(tx, self._desk, view.ticket, row)
            if asked is None:
                raise NotFound
            return view, asked

        view, asked = await self._database.write(read)
        return card_answer(ping_card(view, asked, click.t, click.zone))

    async def _prevented(self, click: Click) -> Answer:
        action, turn = id_in(click.of_desk, "prevention"), click.turn

        def write(tx: Connection) -> tuple[TicketView, PreventionView]:
            row = preventions.done(tx, turn.actor, action, now=turn.now, correlation=turn.correlation)
            return preventions.ticket_view(tx, self._desk, row), preventions.view(tx, row)

        view, done = await self._database.write(write)
        return card_answer(prevention_card(view, done, click.t, click.zone))
