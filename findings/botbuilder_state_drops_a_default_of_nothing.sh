#!/usr/bin/env bash
# botbuilder-core 4.17.1: the default of a state property is dropped where it counts as false.
#
# `accessor.get(turn_context, 0)` on a property that was never set answers None, as does a default of "" or []; a default
# of 1 comes back. A counter that begins at 0 fails at its first `+ 1`, and only for people who are new.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botbuilder-core==4.17.1 aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio

from botbuilder.core import ConversationState, MemoryStorage, TurnContext
from botbuilder.core.adapters import TestAdapter
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount


async def main():
    told = Activity(
        type="message",
        channel_id="test",
        conversation=ConversationAccount(id="1"),
        from_property=ChannelAccount(id="2"),
    )
    context = TurnContext(TestAdapter(), told)
    state = ConversationState(MemoryStorage())
    seen = {repr(default): await state.create_property(f"p{n}").get(context, default) for n, default in enumerate((0, "", [], 1))}
    print("default → answer:", seen)
    assert seen == {"0": None, "''": None, "[]": None, "1": 1}, seen


asyncio.run(main())
PYTHON
