"""Links to tickets, `<public address>/t/INC-12`: what they name, and the page behind them.

The page is the same for every number, also for those that do not exist: who may see what is decided in Teams.
"""

from html import escape
from urllib.parse import quote

from aiohttp import web

from app.domain import ticket_number
from app.i18n import Text

PATH = "/t/{number}"
LONGEST_URL = 2000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
<p>{words}
<p><a href="{url}">{link}</a>
</html>
"""


def ticket_in(url: object, public_url: str | None) -> int | None:
    """The id of the ticket that a link names; None for a link that is not one of ours."""
    if not public_url or not isinstance(url, str) or len(url) > LONGEST_URL:
        return None
    ours, rest = url[: len(public_url)], url[len(public_url) :]
    return ticket_number.parse_path(rest) if ours.lower() == public_url.lower() else None


def bot_chat(app_id: str, words: str = "") -> str:
    """The address of somebody's chat with the bot, with these words ready to be sent (Teams: deep links)."""
    return f"https://teams.microsoft.com/l/chat/0/0?users=28:{app_id}" + (f"&message={quote(words)}" if words else "")


class TicketPage:
    """Leads into the chat with the bot, where the number can be written."""

    def __init__(self, app_id: str, desk_name: str, t: Text) -> None:
        self._body = _PAGE.format(
            language=escape(t.language),
            title=escape(desk_name),
            words=escape(t("extension.page", desk=desk_name)),
            url=bot_chat(app_id),
            link=escape(t("extension.page_open")),
        )

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.answer)]

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(text=self._body, content_type="text/html", headers=_HEADERS)
