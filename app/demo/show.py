"""`ticketbot demo`: a fresh desk, the bot, a Teams to see it in, and a story."""

import asyncio
import os
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from app.cli.terminal import say
from app.demo import playground, story
from app.demo.front import Front
from app.demo.loopback import Loopback
from app.demo.playground import Playground
from app.demo.processes import CannotStart, Program, clean_environment, free_port, require_free
from app.demo.stage import Stage, Stuck

FOLDER = Path(".demo")
CODE = Path(__file__).resolve().parents[2]
ARTICLES = CODE / "app" / "demo" / "articles"
EXAMPLE = CODE / "app" / "desk" / "examples" / "demo.yaml"

_WITH_WINDOWS = """
The desk is running, with sample tickets. Open  {playground}

  Personal Chat   you are Alex, an employee. Say what is wrong ("my VPN drops"), or type  new,  status,  help
  General         the first line's channel: press Take on a card, then Reply, Escalate or Resolve
  Second line     the second line's channel: an offer waits for Accept

The bot's log is {log}. Ctrl-C ends everything; the next start begins afresh.
"""
_WITHOUT_WINDOWS = """
That was the story. The bot goes on listening at {bot}
With Node.js 18 or later the same demo opens in Microsoft's Playground, to click in.
The bot's log is {log}. Ctrl-C ends it.
"""


def show(port: int, playground_port: int) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code. Problems are one sentence on stderr."""
    try:
        return asyncio.run(_run(port, playground_port))
    except CannotStart as problem:
        say(str(problem), error=True)
        return 1
    except asyncio.CancelledError:
        return 0


async def _run(port: int, playground_port: int) -> int:
    require_free(port, "TICKETBOT_PORT")
    node = playground.available()
    if node:
        require_free(playground_port, "PLAYGROUND_PORT")
    folder = _fresh_folder()
    _end_on_signals()
    bot_url = f"http://127.0.0.1:{port}/api/messages"
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bot = await _start_bot(folder, port)
        stack.push_async_callback(bot.stop)
        await bot.answering(session, f"http://127.0.0.1:{port}/readyz")
        await _import_articles(folder, port)
        if node:
            inner = f"http://localhost:{free_port()}"
            windows = await _start_playground(folder, node, bot_url, inner)
            stack.push_async_callback(windows.stop)
            await windows.answering(session, f"{inner}/_debug/ping")
            await stack.enter_async_context(Front(session, inner).serving(playground_port))
            await _play(Playground(session, bot_url, inner))
            _say(_WITH_WINDOWS.format(playground=f"http://localhost:{playground_port}", log=bot.log))
        else:
            _say("No Node.js 18 or later with Microsoft's Playground here: the story plays in the terminal.\n")
            terminal = await _in_terminal(stack, session, bot_url)
            await _play(terminal)
            await terminal.quiet()
            _say(_WITHOUT_WINDOWS.format(bot=bot_url, log=bot.log))
        await bot.ended()
        raise CannotStart(f"The bot ended unexpectedly: see {bot.log}.")


def _fresh_folder() -> Path:
    """The Playground forgets everything when it ends, so the tickets of the last time go with it."""
    folder = FOLDER.absolute()
    folder.mkdir(exist_ok=True)
    for old in folder.glob("demo.db*"):
        old.unlink()
    shutil.copyfile(EXAMPLE, folder / "desk.yaml")
    return folder


def _environment(folder: Path, port: int) -> dict[str, str]:
    return clean_environment(
        TICKETBOT_AUTH="anonymous",
        TICKETBOT_HOST="127.0.0.1",
        TICKETBOT_PORT=str(port),
        TICKETBOT_DATABASE_URL=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        TICKETBOT_DESK_FILE=str(folder / "desk.yaml"),
        TICKETBOT_PUBLIC_URL=f"http://127.0.0.1:{port}",
        PYTHONPATH=os.pathsep.join(filter(None, [str(CODE), os.environ.get("PYTHONPATH")])),
    )


async def _start_bot(folder: Path, port: int) -> Program:
    command = [sys.executable, "-m", "app", "serve", "--migrate"]
    return await Program.start("bot", command, folder=folder, environment=_environment(folder, port))


async def _import_articles(folder: Path, port: int) -> None:
    """Give the demo its articles, as an operator would."""
    command = [sys.executable, "-m", "app", "articles", "import", str(ARTICLES)]
    program = await Program.start("articles", command, folder=folder, environment=_environment(folder, port))
    await program.ended()


async def _start_playground(folder: Path, node: str, bot_url: str, address: str) -> Program:
    command = playground.command(node, bot_url, int(address.rpartition(":")[2]))
    return await Program.start("playground", command, folder=folder, environment=playground.environment(folder))


async def _in_terminal(stack: AsyncExitStack, session: aiohttp.ClientSession, bot_url: str) -> Loopback:
    stage = Loopback(session, bot_url, _say)
    stack.push_async_callback(stage.close)
    await stage.open()
    return stage


async def _play(stage: Stage) -> None:
    try:
        await story.tell(stage)
    except Stuck as stuck:
        # the desk runs all the same, only with fewer tickets in it
        say(f"The sample tickets stop early: {stuck}.", error=True)


def _end_on_signals() -> None:
    """Let the first Ctrl-C or SIGTERM end this task wherever it is; further ones do not disturb the cleaning up."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    asked: list[int] = []

    def end(number: int) -> None:
        if running and not asked:
            asked.append(number)
            _say("Ending …")
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)


def _say(lines: str) -> None:
    say(*lines.split("\n"))
