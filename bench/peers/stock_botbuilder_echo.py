"""The peer: an echo bot on botbuilder 4.17.1 as published, run in its own environment.

Only what an operator would set is set: the key, login and issuer addresses are configuration of the SDK. One defect is
mended, because without it every card action is answered with status 500 (the SDK serialises the answer twice).
"""

import os
from typing import Any

from aiohttp import web
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.integration.aiohttp import cloud_adapter as published
from botbuilder.schema import AdaptiveCardInvokeResponse
from msrest.serialization import Model

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "echo"}]}
serialised_once = published.serializer_helper


class Configuration:
    APP_ID = os.environ["BENCH_APP_ID"]
    APP_PASSWORD = "loopback"
    APP_TYPE = "SingleTenant"
    APP_TENANTID = os.environ["BENCH_TENANT"]
    TO_CHANNEL_FROM_BOT_LOGIN_URL = os.environ["BENCH_LOGIN_URL"]
    TO_CHANNEL_FROM_BOT_OAUTH_SCOPE = "https://api.botframework.com"
    TO_BOT_FROM_CHANNEL_TOKEN_ISSUER = "https://api.botframework.com"
    TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL = os.environ["BENCH_OPENID_URL"]
    TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL = os.environ["BENCH_OPENID_URL"]
    OAUTH_URL = "https://token.botframework.com"
    CALLER_ID = None


class Echo(ActivityHandler):
    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await turn_context.send_activity(f"echo {turn_context.activity.text}")

    async def on_adaptive_card_invoke(self, turn_context: TurnContext, invoke_value: Any) -> AdaptiveCardInvokeResponse:
        return AdaptiveCardInvokeResponse(status_code=200, type="application/vnd.microsoft.card.adaptive", value=CARD)


def serialise(body: Any) -> Any:
    return serialised_once(body) if isinstance(body, Model) else body


def main() -> None:
    published.serializer_helper = serialise
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration))
    bot = Echo()

    async def messages(request: web.Request) -> web.Response:
        return await adapter.process(request, bot)

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    app.router.add_get("/readyz", ready)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
