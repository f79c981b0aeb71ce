"""The peer: an echo agent on the Microsoft 365 Agents SDK 1.9.0, run in its own environment.

The lean way to write one: `ActivityHandler` rather than `AgentApplication`, which does more on each turn. The SDK keeps
the address of the Bot Framework's keys in a table without a setting, so that entry points to the loopback key server;
the RS256 check on each request is the SDK's own.
"""

import os
from typing import Any

from aiohttp import web
from microsoft_agents.activity import AdaptiveCardInvokeResponse
from microsoft_agents.authentication.msal import MsalConnectionManager
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_decorator
from microsoft_agents.hosting.core import ActivityHandler, AgentAuthConfiguration, AuthTypes, TurnContext
from microsoft_agents.hosting.core.authorization import _entra_issuers

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "echo"}]}


class Echo(ActivityHandler):
    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await turn_context.send_activity(f"echo {turn_context.activity.text}")

    async def on_adaptive_card_invoke(self, turn_context: TurnContext, invoke_value: Any) -> AdaptiveCardInvokeResponse:
        return AdaptiveCardInvokeResponse(status_code=200, type="application/vnd.microsoft.card.adaptive", value=CARD)


def main() -> None:
    _entra_issuers.BOTFRAMEWORK_JWKS_URIS["https://api.botframework.com"] = os.environ["BENCH_JWKS_URL"]
    connection = AgentAuthConfiguration(
        auth_type=AuthTypes.client_secret,
        client_id=os.environ["BENCH_APP_ID"],
        client_secret="loopback",
        tenant_id=os.environ["BENCH_TENANT"],
        authority=os.environ["BENCH_LOGIN_URL"],
    )
    connections = MsalConnectionManager(connections_configurations={"SERVICE_CONNECTION": connection})
    adapter = CloudAdapter(connection_manager=connections)
    echo = Echo()

    @jwt_authorization_decorator
    async def messages(request: web.Request) -> web.Response:
        return await adapter.process(request, echo)

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app["agent_configuration"] = connections.get_default_connection_configuration()
    app.router.add_post("/api/messages", messages)
    app.router.add_get("/readyz", ready)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
