"""botbuilder's adapter around our own entry and connector: any `Bot`, with its middleware, runs behind it."""

import logging
from typing import Any

from aiohttp import web
from botbuilder.core import Bot, BotAdapter, InvokeResponse, TurnContext
from botbuilder.core.serializer_helper import serializer_helper
from botbuilder.integration.aiohttp.bot_framework_http_adapter_integration_base import (
    BotFrameworkHttpAdapterIntegrationBase,
)
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse
from prometheus_client import CollectorRegistry, Counter

from app import logs
from app.bot.edge import refusals
from app.bot.edge.gate import Gate
from app.bot.edge.responses import invoke_failure, invoke_response
from app.bot.out.connector import Connector

_COUNTED = frozenset({"message", "invoke", "conversationUpdate", "installationUpdate", "messageReaction"})
_NEVER_SENT = frozenset({"trace", "delay"})
"""Teams takes neither: traces are for the emulator, and who sends a delay wants the adapter to hold up the turn."""


class _Turn(TurnContext):  # type: ignore[misc]
    """botbuilder would copy the whole conversation to "send" the answer of an invoke, also where nobody listens."""

    async def send_activity(
        self, activity_or_text: Activity | str, *more: Any, **named: Any
    ) -> ResourceResponse | None:
        is_answer = isinstance(activity_or_text, Activity) and activity_or_text.type == ActivityTypes.invoke_response
        if not is_answer or self._on_send_activities:
            return await super().send_activity(activity_or_text, *more, **named)
        (response,) = await self.adapter.send_activities(self, [activity_or_text])
        self.responded = True
        return response


class Adapter(BotAdapter, BotFrameworkHttpAdapterIntegrationBase):  # type: ignore[misc]
    """Runs turns, as `CloudAdapter` does. What a turn sends goes through the connector and raises what that raises."""

    def __init__(
        self,
        connector: Connector,
        gate: Gate,
        *,
        registry: CollectorRegistry,
        unavailable: tuple[type[Exception], ...] = (),
    ) -> None:
        """`unavailable` are the errors of a bot that mean: come again later."""
        super().__init__()
        self._connector = connector
        self._gate = gate
        self._unavailable = unavailable
        self._inbound = Counter("ticketbot_inbound", "Activities taken in.", ["type", "result"], registry=registry)

    async def process(
        self, request: web.Request, bot: Bot, ws_response: web.WebSocketResponse | None = None
    ) -> web.Response:
        """Answer one request by one turn of the bot; raises `RequestRefused` for whoever may not come in.

        What the bot raises goes to `on_turn_error` where there is one, else is answered: 500, or to an invoke as
        Teams shows it. Sockets are not spoken: `ws_response` is there because the interface has it.
        """
        activity = await self._gate.read_activity(request)
        is_invoke = activity.type == ActivityTypes.invoke
        try:
            answer = await self._run_turn(activity, bot)
        except self._unavailable as away:
            self._count(activity, "unavailable")
            raise refusals.Unavailable("database") from away
        except Exception as bug:
            self._count(activity, "error")
            if not is_invoke:
                raise
            logs.event("turn.failed", level=logging.ERROR, error=bug, type="invoke", name=activity.name)
            return invoke_failure()
        self._count(activity, "done")
        return invoke_response(answer) if is_invoke else web.Response(status=201)

    async def _run_turn(self, activity: Activity, bot: Bot) -> InvokeResponse | None:
        turn = _Turn(self, activity)
        await self.run_pipeline(turn, bot.on_turn)
        answer = turn.turn_state.get(self._INVOKE_RESPONSE_KEY)
        return answer.value if answer else None

    def _count(self, activity: Activity, result: str) -> None:
        kind = activity.type if activity.type in _COUNTED else "other"
        self._inbound.labels(kind, result).inc()

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        return [ResourceResponse(id=await self._send(context, activity)) for activity in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        here = context.activity
        await self._connector.update(here.service_url, here.conversation.id, activity.id, _wire_form(activity))
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        await self._connector.delete(reference.service_url, reference.conversation.id, reference.activity_id)

    async def _send(self, context: TurnContext, activity: Activity) -> str:
        if activity.type == ActivityTypes.invoke_response:
            context.turn_state[self._INVOKE_RESPONSE_KEY] = activity
            return ""
        if activity.type in _NEVER_SENT:
            return ""
        here = context.activity
        return await self._connector.send(here.service_url, here.conversation.id, _wire_form(activity))


def _wire_form(activity: Activity) -> dict[str, Any]:
    form: dict[str, Any] = serializer_helper(activity)
    return form
