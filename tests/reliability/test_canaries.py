"""Secrets and people's words, looked for wherever they have no business: row T69 of the threat table.

A real process lives through a ticket from raising to rating, with faults on every side; every secret and every text is
one that stands nowhere else. What must hold one is named: `KEPT`.
"""

import asyncio
import base64
import json
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest
import trustme
from sqlalchemy import make_url, select, text

from app.store.connect import connect
from app.store.schema import metadata
from app.store.schema import secrets as keys
from tests.reliability.processes import Bot
from tests.support.desk import FIRST, FIRST_TEAM, FORM, NETWORK, NETWORK_TEAM, Cast, desk_file, number_in
from tests.support.entra import FakeEntra
from tests.support.graph import FakeGraph
from tests.support.inbound import Inbound, Json, Person
from tests.support.teams import FakeTeams

KEPT = {"secrets"}
"""Tables that hold a secret: the key of links to files, which every replica needs."""
WORDS = (
    "title",
    "description",
    "device",
    "comment",
    "reply",
    "note",
    "tried",
    "needed",
    "resolution",
    "rating",
    "free",
)


def canary(what: str) -> str:
    return f"canary-{what}-{uuid4().hex}"


@dataclass
class Watched:
    """Everything that left the desk, and what must not be in it."""

    bot: Bot
    teams: FakeTeams
    entra: FakeEntra
    graph: FakeGraph
    cast: Cast
    inbound: Inbound
    secrets: dict[str, str]
    words: dict[str, str] = field(default_factory=lambda: {each: canary(each) for each in WORDS})
    answers: list[tuple[int, str]] = field(default_factory=list)
    """Status, and headers and body, of everything that was asked over HTTP."""
    printed: str = ""
    """What commands said."""

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        async with aiohttp.ClientSession() as session, session.request(method, self.bot.url + path, **more) as answer:
            body = await answer.text()
            self.answers.append((answer.status, f"{dict(answer.headers)}\n{body}"))
            return json.loads(body) if body.startswith("{") else body

    async def post(self, activity: Json) -> Any:
        token = self.entra.token(self.teams.service_url)
        self.secrets[f"token of Teams {len(self.secrets)}"] = token.rpartition(".")[2]
        return await self.ask("POST", "/api/messages", json=activity, headers={"Authorization": f"Bearer {token}"})

    async def click(self, person: Person, verb: str, data: Json, channel: str | None = None) -> Any:
        where = {"channel": channel} if channel else {}
        return await self.post(self.inbound.card_action(person, verb, data, **where))

    async def done(self, person: Person, verb: str, data: Json, channel: str | None = None) -> Any:
        """Click something that must work: the answer is a card."""
        answer = await self.click(person, verb, data, channel)
        assert isinstance(answer["value"], dict), (verb, answer)
        return answer

    async def command(self, *arguments: str, **settings: str) -> str:
        """Run a command of the operator's beside the process."""
        program = await asyncio.create_subprocess_exec(
            *(self.bot.python, "-m", "app", *arguments),
            cwd=self.bot.folder,
            env=self.bot.environment | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await program.communicate()
        self.printed += out.decode()
        return out.decode()

    @property
    def people(self) -> dict[str, str]:
        ours = (self.cast.requester, self.cast.mara, self.cast.nina, self.cast.lead)
        named = {f"name of {each.name}": each.name for each in ours}
        mails = {f"mail of {each.name}": f"{each.aad_id[:8]}@example.com" for each in ours}
        return named | mails | {f"id of {each.name}": each.aad_id for each in ours}


def found(needles: dict[str, str], hay: str) -> list[str]:
    return [name for name, needle in needles.items() if needle in hay]


def guises(key: bytes) -> Iterable[str]:
    """A key as it may be written."""
    yield key.hex()
    yield base64.b64encode(key).decode().rstrip("=")
    yield base64.urlsafe_b64encode(key).decode().rstrip("=")
    yield repr(key)[2:-1]


async def raise_and_rate(here: Watched) -> None:
    """A ticket's life through both lines, with everything people write in it."""
    cast, words = here.cast, here.words
    await here.post(here.inbound.message(cast.requester, f"Hilfe {words['free']} password=hunter2-{words['free']}"))
    form = {**FORM, "title": words["title"], "description": words["description"], "device": words["device"]}
    number = number_in(await here.done(cast.requester, "ticket.submit", {**form, "desk": {"form": uuid4().hex}}))
    desk = {"desk": {"ticket": int(number[4:])}}
    hand_over = {"line": "network", "reason": "skill", "tried": words["tried"], "needed": words["needed"]}
    mara, nina, ada = cast.mara, cast.nina, cast.requester
    await here.teams.until(lambda: words["title"] in str(here.teams.chat(FIRST)), within=30)
    await here.done(mara, "ticket.take", desk, FIRST)
    await here.done(mara, "ticket.reply", {**desk, "text": words["reply"]}, FIRST)
    await here.done(mara, "ticket.note", {**desk, "text": words["note"]}, FIRST)
    await here.done(ada, "ticket.comment", {**desk, "text": words["comment"]})
    await here.done(mara, "ticket.escalate", {**desk, **hand_over}, FIRST)
    await here.done(nina, "offer.accept", desk, NETWORK)
    await here.done(nina, "ticket.resolve", {**desk, "resolution": words["resolution"]}, NETWORK)
    await here.done(ada, "ticket.confirm", desk)
    await here.done(ada, "ticket.rate", {**desk, "rating": "5", "text": words["rating"]})
    await here.teams.until(lambda: words["resolution"] in str(here.teams.chat(ada)), within=60)
    commands = (("explain", number), ("outbox", "list"), ("outbox", "drop", "999999"))
    await asyncio.gather(*(here.command(*each) for each in commands))


async def suffer(here: Watched, address: str) -> None:
    """Faults on every side, each with words or secrets at hand."""
    words, ada = here.words["free"], here.cast.requester
    token = here.entra.token(here.teams.service_url)
    good = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    message = here.inbound.message(ada, words)
    here.teams.fail(502, on="send", body=f"<html>{words} {here.secrets['app password']}</html>")
    here.teams.fail(
        400, on="send", body={"error": {"code": "BadArgument", "message": f"{words} {here.secrets['token']}"}}
    )
    here.teams.fail(on="send", mode="reset")
    here.teams.fail(403, on="members", body={"error": {"message": words}})
    for data in (f'{{"text": "{words}"', f'["{words}"]', "\0", words * 10_000):
        await here.ask("POST", "/api/messages", data=data.encode(), headers=good)
    for odd in ({"from": words}, {"channelId": words}, {"serviceUrl": f"https://{words}.example"}, {"type": 1}):
        await here.ask("POST", "/api/messages", json=message | odd, headers=good)
    for headers in ({}, {"Authorization": f"Bearer {here.secrets['app password']}"}, {"Authorization": words}):
        await here.ask("POST", "/api/messages", json=message, headers=headers)
    for path in (f"/{words}", f"/files/{words}", f"/t/{words}", "/livez", "/readyz", "/metrics"):
        await here.ask("GET", path)
    await here.post(here.inbound.invoke(ada, "something/else", {"a": words}))
    await here.post(message)
    database = connect(address)
    try:
        await database.write(lambda tx: tx.execute(text("ALTER TABLE drafts RENAME TO lost")))
        await here.post(here.inbound.message(ada, f"Noch etwas {words}"))
        await database.write(lambda tx: tx.execute(text("ALTER TABLE lost RENAME TO drafts")))
        # what no version of ours wrote: reading it is an error that quotes it
        here.words["status"] = f"canary-{uuid4().hex[:8]}"
        odd_status = text("UPDATE tickets SET status = :odd").bindparams(odd=here.words["status"])
        await database.write(lambda tx: tx.execute(odd_status))
        [[ticket]] = await database.read(lambda tx: tx.execute(text("SELECT id FROM tickets")).all())
        await here.post(here.inbound.message(ada, f"INC-{ticket}"))
        failed = await here.click(ada, "ticket.view", {"desk": {"ticket": ticket}})
        assert failed["statusCode"] == 500
    finally:
        await database.close()
    assert {status for status, _ in here.answers} >= {200, 201, 400, 401, 403, 404, 413, 501}
    assert {status for status, _ in here.answers} >= {500, 503}


async def mistaken(here: Watched) -> None:
    """Commands with settings that are wrong, and a secret in each."""
    password = here.secrets["database password"]
    here.entra.error = "invalid_client"
    said = await asyncio.gather(
        here.command("check"),
        here.command("migrate"),
        here.command("check", TICKETBOT_DATABASE_URL=f"postgresql+asyncpg://u:{password}@127.0.0.1:9/none"),
        here.command("migrate", TICKETBOT_DATABASE_URL=f"postgresql+asyncpg://u:{password}@127.0.0.1:9/none"),
        here.command("check", MicrosoftAppType="Wrong", TICKETBOT_DATABASE_URL=f"mysql://u:{password}@h/d"),
        here.command("check", TICKETBOT_PORT=here.secrets["app password"]),
    )
    here.entra.error = None
    assert "invalid_client" in said[0]
    assert all("TICKETBOT_DATABASE_URL" in each for each in said[2:5])
    assert "TICKETBOT_PORT" in said[5]


async def dumped(address: str) -> dict[str, str]:
    """Everything in the database, table by table."""
    database = connect(address)
    try:
        tables = [each for each in metadata.sorted_tables if not each.name.startswith("search_")]
        return {
            each.name: "\n".join(map(str, await database.read(lambda tx, each=each: tx.execute(select(each)).all())))  # type: ignore[misc]
            for each in tables
        }
    finally:
        await database.close()


async def key_of_links(address: str) -> bytes:
    database = connect(address)
    try:
        value: bytes = await database.read(lambda tx: tx.execute(select(keys.c.value)).scalars().first()) or b""
        return value
    finally:
        await database.close()


def with_password(address: str, secret: str) -> tuple[str, str]:
    """The address with a password in it, and which: a server that trusts this machine takes any."""
    url = make_url(address)
    if not url.drivername.startswith("postgresql"):
        return address, secret
    url = url.set(password=url.password or secret)
    return url.render_as_string(hide_password=False), str(url.password)


@pytest.mark.parametrize("signs_in_by", ["secret", "certificate"])
async def test_t69_no_secret_and_nobodys_words_are_where_they_have_no_business(
    address: str, tmp_path: Path, signs_in_by: str
) -> None:
    if (signs_in_by == "certificate") != address.startswith("sqlite"):
        pytest.skip("each way of signing in on one database")
    secrets = {"app password": canary("app"), "token": canary("token")}
    url, secrets["database password"] = with_password(address, canary("database"))
    pem = tmp_path / "bot.pem"
    trustme.CA().issue_cert("bot.example", key_type=trustme.KeyType.RSA).private_key_and_cert_chain_pem.write_to_path(
        pem
    )
    private = pem.read_text().partition("-----BEGIN CERTIFICATE")[0].splitlines()[1:-1]
    secrets |= {f"key line {number}": line for number, line in enumerate(private) if len(line) > 40}
    by = {"MicrosoftAppPassword": secrets["app password"]}
    if signs_in_by == "certificate":
        by = {"MicrosoftAppPassword": "", "MicrosoftAppCertificateFile": str(pem)}
    cast = Cast()
    async with AsyncExitStack() as stack:
        teams, entra = await stack.enter_async_context(FakeTeams()), await stack.enter_async_context(FakeEntra())
        graph = await stack.enter_async_context(FakeGraph())
        entra.token_text = secrets["token"]
        for channel, team, agent in ((FIRST, FIRST_TEAM, cast.mara), (NETWORK, NETWORK_TEAM, cast.nina)):
            teams.roster(team, agent)
            teams.channel(channel, team)
        more = {"TICKETBOT_GRAPH_URL": graph.url, "TICKETBOT_PUBLIC_URL": "https://desk.contoso.example", **by}
        bot = await stack.enter_async_context(Bot(tmp_path, url, desk_file(cast), teams, entra, **more))
        here = Watched(bot, teams, entra, graph, cast, Inbound(teams.service_url), secrets)
        await raise_and_rate(here)
        await suffer(here, address)
        if signs_in_by == "secret":  # once is enough
            await mistaken(here)
        running_as = psutil.Process(bot.pid).cmdline()
        bot.terminate()
        assert await bot.ended(within=20) == 0
    key = await key_of_links(address)
    assert len(key) >= 32
    here.secrets |= {f"key of links {number}": guise for number, guise in enumerate(guises(key))}
    assert_clean(here, running_as)
    await assert_kept_where_it_belongs(here, address)


def assert_clean(here: Watched, running_as: list[str]) -> None:
    log, secrets = here.bot.log, here.secrets
    assert log.count('"event"') > 20
    assert found(secrets | here.words | here.people, log) == []
    assert "Traceback" not in log + here.printed
    assert found(secrets, " ".join(running_as)) == []
    assert found(secrets, here.printed) == []
    everything = "\n".join(each for _, each in here.answers)
    assert found(secrets, everything) == []
    refused = "\n".join(each for status, each in here.answers if status >= 300)
    assert found(here.words | here.people, refused) == []
    shown = json.dumps([[each.path, each.body] for each in here.teams.seen])
    assert found(secrets, shown) == []
    assert here.words["note"] in shown
    assert here.words["note"] not in str(here.teams.chat(here.cast.requester))
    assert {each.authorization for each in here.teams.seen} <= {f"Bearer {secrets['token']}-{n}" for n in range(99)}
    asked = json.dumps([[each.path, each.body] for each in here.graph.seen])
    assert found(secrets | here.words, asked) == []
    for request in here.entra.token_requests:
        assertion = request.get("client_assertion", "").partition(".")[0]
        told = str(request) + base64.urlsafe_b64decode(assertion + "==").decode()
        given = {name: each for name, each in secrets.items() if name != "app password"}
        assert found(given | here.words, told) == []


async def assert_kept_where_it_belongs(here: Watched, address: str) -> None:
    """What people wrote is in the database, that is what it is for; of secrets only those that must be."""
    kept = await dumped(address)
    assert {table for table, rows in kept.items() if found(here.secrets, rows)} == KEPT
    assert found(here.words, "".join(kept.values())) == list(here.words)
    if file := make_url(address).database if address.startswith("sqlite") else None:
        written = b"".join(path.read_bytes() for path in Path(file).parent.glob(f"{Path(file).name}*"))
        assert [
            name for name, each in here.secrets.items() if not name.startswith("key of") and each.encode() in written
        ] == []
