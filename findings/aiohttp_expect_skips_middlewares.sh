#!/usr/bin/env bash
# aiohttp 3.14.5: a request with an unknown `Expect` header is answered 417 before any middleware runs.
#
# A middleware that "stands around every answer" (security headers, one form of error, an audit line) does not see it,
# and the value of the header comes back in the body. Seen: without Expect the middleware runs and its header is there;
# with `Expect: 200-ok` it does not run, and the body is "Unknown Expect: 200-ok".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio

from aiohttp import web

ran = []


@web.middleware
async def mark(request, handler):
    ran.append(request.path)
    answer = await handler(request)
    answer.headers["X-Marked"] = "yes"
    return answer


async def hello(_request):
    return web.Response(text="hello")


async def ask(port, more):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{more}Connection: close\r\n\r\n".encode())
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer.decode()


async def main():
    app = web.Application(middlewares=[mark])
    app.router.add_post("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    plain = await ask(port, "")
    assert "200 OK" in plain and "X-Marked: yes" in plain and ran == ["/"], plain
    ran.clear()
    unknown = await ask(port, "Expect: 200-ok\r\n")
    print(unknown.splitlines()[0], "| middlewares that ran:", ran, "| body:", unknown.rpartition("\r\n")[2])
    assert "417" in unknown and "X-Marked" not in unknown and "200-ok" in unknown and ran == [], unknown
    await runner.cleanup()


asyncio.run(main())
PYTHON
