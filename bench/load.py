"""The load: prepared HTTP requests over kept connections, as cheap for this side's core as it can be."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

AT_ONCE = 16
PATIENCE = 60.0
RUN_LIMIT = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Run:
    """What came back, in the order of the requests, and how long all of it took."""

    answers: list[Answer]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.answers) / self.seconds


def prepare(activity: dict[str, Any], token: str) -> bytes:
    """Return the bytes of one request as the Bot Framework's service sends it."""
    body = json.dumps(activity, separators=(",", ":")).encode()
    head = (
        "POST /api/messages HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        "User-Agent: Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def together(port: int, requests: Sequence[bytes], at_once: int = AT_ONCE) -> Run:
    """Send all requests, `at_once` of them in flight at any moment; raise TimeoutError after three minutes."""
    answers: dict[int, Answer] = {}
    waiting = iter(enumerate(requests))
    connections = [await _Connection.open(port) for _ in range(min(at_once, len(requests)))]
    started = time.perf_counter()
    async with asyncio.timeout(RUN_LIMIT):
        await asyncio.gather(*(_work(connection, waiting, answers) for connection in connections))
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return Run([answers[n] for n in range(len(requests))], seconds)


async def steadily(port: int, requests: Sequence[bytes], per_second: float) -> Run:
    """Send one request every 1/`per_second` s whether or not the ones before were answered.

    An answer's time counts from the moment its request was due, so a server that stalls cannot hide it.
    """
    idle = [await _Connection.open(port) for _ in range(AT_ONCE)]
    everyone = list(idle)
    started = time.perf_counter()

    async def one(number: int, request: bytes) -> Answer:
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if idle:
            connection = idle.pop()
        else:
            connection = await _Connection.open(port)
            everyone.append(connection)
        answer = await connection.ask(request, since=due)
        idle.append(connection)
        return answer

    answers = await asyncio.gather(*(one(n, request) for n, request in enumerate(requests)))
    seconds = time.perf_counter() - started
    for connection in everyone:
        connection.close()
    return Run(list(answers), seconds)


async def _work(connection: "_Connection", waiting: Iterator[tuple[int, bytes]], answers: dict[int, Answer]) -> None:
    for number, request in waiting:
        answers[number] = await connection.ask(request)


class _Connection:
    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "_Connection":
        return cls(port, *await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes, since: float | None = None) -> Answer:
        begun = time.perf_counter() if since is None else since
        async with asyncio.timeout(PATIENCE):
            if self._reader.at_eof():  # a server may end a connection that was idle for long
                await self._reopen()
            self._writer.write(request)
            head = await self._reader.readuntil(b"\r\n\r\n")
            body = await self._reader.readexactly(_length(head))
            if b"\r\nconnection: close" in head.lower():
                await self._reopen()
        return Answer(int(head[9:12]), body, time.perf_counter() - begun)

    async def _reopen(self) -> None:
        self._writer.close()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        self._writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
