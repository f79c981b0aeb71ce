"""botbuilder's turn around our own entry and connector: one activity in, at most one direct answer out."""

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.core.serializer_helper import serializer_helper
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse

from app.bot.out.connector import Connector

TurnHandler = Callable[[TurnContext], Awaitable[object]]


class _Turn(TurnContext):  # type: ignore[misc]
    """A turn that keeps the answer of an invoke; botbuilder would copy the whole conversation to "send" it."""

    answer: InvokeResponse | None = None

    async def send_activity(
        self, activity_or_text: Activity | str, *more: Any, **named: Any
    ) -> ResourceResponse | None:
        if isinstance(activity_or_text, Activity) and activity_or_text.type == ActivityTypes.invoke_response:
            self.answer = activity_or_text.value
            return None
        return await super().send_activity(activity_or_text, *more, **named)


class Adapter(BotAdapter):  # type: ignore[misc]
    """Runs turns. The answer of an invoke is captured; anything else that a turn sends goes through the connector."""

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._connector = connector

    async def process(self, activity: Activity, handler: TurnHandler) -> InvokeResponse | None:
        """Run one turn; what the handler raises comes out as it is."""
        turn = _Turn(self, activity)
        await self.run_pipeline(turn, handler)
        return turn.answer

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        return [ResourceResponse(id=await self._send(context, activity)) for activity in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        here = context.activity
        await self._connector.update(here.service_url, here.conversation.id, activity.id, _wire_form(activity))
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        raise NotImplementedError("messages of the desk are edited, never deleted")

    async def _send(self, context: TurnContext, activity: Activity) -> str:
        here = context.activity
        return await self._connector.send(here.service_url, here.conversation.id, _wire_form(activity))


def _wire_form(activity: Activity) -> dict[str, Any]:
    form: dict[str, Any] = serializer_helper(activity)
    return form
