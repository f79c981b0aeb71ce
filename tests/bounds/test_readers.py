"""Row T44 of the threat table, for the functions that read people's words: none takes long, and none fails."""

import ast
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount, Mention

from app import logs
from app.actions.fields import DayField, Refused, TextField
from app.bot.clicks import ticket_links
from app.bot.edge import turns
from app.bot.edge.markup import unescape
from app.bot.files import file_addresses, file_types
from app.bot.files.file_fetcher import offered
from app.bot.out import addresses
from app.bot.words import quoted
from app.bot.words.commands import Commands
from app.bot.words.days import Days
from app.bot.words.intents import SmallTalk
from app.cards import text as visible
from app.cards.articles import article_card
from app.cards.parts import long_text
from app.desk import routing
from app.domain import article, markdown, merging, ticket_number
from app.domain.errors import DomainError
from app.domain.files import safe_name
from app.domain.normal_form import normal_form
from app.domain.requests import LONG_TEXT
from app.i18n import Texts
from app.services import conversation
from app.services.file_links import FileLinks
from app.services.lookup import LONGEST_QUERY
from app.store import analysis
from app.store.secrets import StoredKey
from tests.bounds.test_patterns import modules
from tests.support.hostile import SECONDS_MAX, seconds, texts

TEXTS = Texts.load()
COMMANDS, DAYS, SMALL_TALK = Commands(TEXTS), Days(TEXTS), SmallTalk(TEXTS)
TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = StoredKey(b"x" * 32, NOW)
BOT = ChannelAccount(id="28:bot", name="Bot")


def said(text: str) -> Activity:
    """A message that mentions the bot and others in every way the text has room for."""
    mentions = [Mention(mentioned=BOT, text=text[:length], type="mention") for length in (1, 7, 400, 8000)]
    attachment = Attachment(content_type="image/png", name=text, content_url=text)
    return Activity(
        type="message",
        text=text,
        locale=text,
        local_timezone=text,
        service_url="https://smba.trafficmanager.net/",
        recipient=BOT,
        from_property=ChannelAccount(id="29:ada", name=text),
        conversation=ConversationAccount(id="a:1"),
        entities=mentions,
        attachments=[attachment],
    )


def record(text: str) -> str:
    """A line of the log with the text in it."""
    line = logs.logging.makeLogRecord({"name": "library", "msg": "%s", "args": (text,)})
    return logs.JsonLines(["secret"]).format(line)


READERS: Mapping[str, Callable[[str], object]] = {
    "addresses.is_loopback": addresses.is_loopback,
    "addresses.parse": addresses.parse.__wrapped__,
    "addresses.is_content": lambda text: addresses.is_content(text),
    "addresses.allow": addresses.ServiceHosts(["host"]).allow,
    "commands.parse": COMMANDS.parse,
    "days.day_in": lambda text: DAYS.day_in(text, TODAY),
    "file_addresses.parse": file_addresses.parse,
    "file_types.recognise": lambda text: file_types.recognise(io.BytesIO(text.encode())),
    "files.offered": lambda text: offered(said(text)),
    "fields.TextField.read": lambda text: TextField(id="x", limit=LONG_TEXT).read({"x": text}),
    "fields.DayField.read": lambda text: DayField(id="x", not_before=TODAY).read({"x": text}),
    "intents.intent": SMALL_TALK.intent,
    "intents.is_greeting": SMALL_TALK.is_greeting,
    "markup.unescape": unescape,
    "quoted.author_name": quoted.author_name,
    "quoted.forwarded_text": lambda text: quoted.forwarded_text(said(text)),
    "quoted.message_link": quoted.message_link,
    "quoted.quoted": lambda text: quoted.quoted({"subject": text, "body": {"content": text}}),
    "ticket_links.ticket_in": lambda text: ticket_links.ticket_in(text, "https://desk"),
    "ticket_number.find_all": ticket_number.find_all,
    "ticket_number.parse": ticket_number.parse,
    "ticket_number.parse_alone": ticket_number.parse_alone,
    "ticket_number.parse_path": ticket_number.parse_path,
    "ticket_number.parse_searched": ticket_number.parse_searched,
    "ticket_number.replace_all": lambda text: ticket_number.replace_all(text, "ticket"),
    "ticket_number.split_leading": ticket_number.split_leading,
    "ticket_number.without_prefixes": ticket_number.without_prefixes,
    "turns.spoken": lambda text: turns.spoken(said(text)),
    "turns.text_of": lambda text: turns.text_of(said(text)),
    "parts.long_text": lambda text: long_text(text, LONG_TEXT, TEXTS.language("de")),
    "text.cut": lambda text: visible.cut(text, 80),
    "text.cut_lines": lambda text: visible.cut_lines(text, 80),
    "text.inert": visible.inert,
    "text.name": visible.name,
    "text.one_line": lambda text: visible.one_line(text, 80),
    "text.plain": visible.plain,
    "text.typed": visible.typed,
    "routing.contains": lambda text: routing.contains(text, "vpn"),
    "routing.fold": lambda text: routing.fold(text[:LONG_TEXT]),
    "article.summary": lambda text: an_article(text).summary,
    "files.safe_name": safe_name,
    "articles.article_card": lambda text: article_card(an_article(text), TEXTS.language("de")),
    "markdown.blocks": lambda text: markdown.blocks(text[:16_000]),
    "markdown.spans": markdown.spans,
    "merging.main_ticket": merging.main_ticket,
    "normal_form.normal_form": partial(normal_form, "NFKD"),
    "logs.format": record,
    "logs.pseudonym": logs.pseudonym,
    "conversation.fitting": conversation.fitting,
    "conversation.title_of": lambda text: conversation.title_of(text, SMALL_TALK.is_greeting),
    "file_links.read": lambda text: FileLinks([KEY]).read(text, NOW),
    "analysis.fold": lambda text: analysis.fold(text[:LONG_TEXT]),
    "analysis.terms": lambda text: analysis.terms(text[:LONGEST_QUERY], most=20),
    "analysis.words": lambda text: analysis.words(text[:LONG_TEXT]),
}
"""By the last name of the module and its own: what reads people's words. What its caller cuts is cut here."""
NOT_PEOPLES = {
    "quoted.plain_text",
    *("routing.fold_phrase", "routing.mentions"),
    *("files.of", "markdown.take", "merging.together_with"),
    *("logs.configure", "file_links.link", "file_addresses.is_public"),
    *("file_addresses.resolve", "people.canonical", "analysis.allowed_edits"),
    *(
        "markdown.plain",
        "analysis.residues",
        "analysis.is_slip_of",
        "analysis.stems",
    ),
    *("conversation.prefilled", "conversation.suggested_category"),
    *("analysis.stemWord", "markdown.plain"),
}
"""What is given words of ours, single words, or a text that was cut, and reads it by something that is tried above."""
OF_IDS = "app.bot.directory"
"""Whose functions are asked about ids, which the door has judged."""
OF_OPERATORS = ("app.cli", "app.demo", "app.package", "app.settings", "app.desk.values", "app.store.migrations")


def an_article(body: str) -> article.Article:
    no, now = (), NOW
    audience, source = article.Audience.EVERYONE, article.Source.TEAMS
    return article.Article(1, "a", "de", "A", audience, body, no, source, False, None, None, now, now)


def readers_in(module: str, tree: ast.Module) -> set[str]:
    """The public functions of a module that looks into texts which are given one, and no database."""
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    if imported.isdisjoint({"re", "unicodedata", "html"}) or module.startswith((*OF_OPERATORS, OF_IDS)):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            kinds = [ast.unparse(each.annotation) for each in node.args.args if each.annotation]
            if "str" in kinds and "Connection" not in kinds:
                found.add(f"{module.rpartition('.')[2]}.{node.name}")
    return found


def test_every_function_that_reads_a_text_is_tried_here() -> None:
    found = {name for module, tree in modules() for name in readers_in(module, tree)}
    assert found - NOT_PEOPLES - READERS.keys() == set()
    assert found >= NOT_PEOPLES


@pytest.mark.parametrize("name", READERS)
def test_no_text_keeps_a_reader_busy(name: str) -> None:
    read: Callable[[str], Any] = READERS[name]

    def reading(text: str) -> None:
        with suppress(DomainError, Refused):
            read(text)

    reading("a")  # what is loaded or remembered at the first time
    for text in texts():
        took = seconds(partial(reading, text))
        assert took <= SECONDS_MAX, f"{took:.3f} s for {text[:40]!r}…{text[-3:]!r}"
