"""The random kills of the tests for as long as one likes: `python -m tests.reliability.soak --minutes 30`.

Rounds with a new seed each, on SQLite (one process) and on PostgreSQL (two replicas, where it answers), ten kills in
each. Ends with 1 at the first round in which anything was lost, stale or told twice without a reason.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import _postgres_answers
from tests.reliability.load import Verdict, is_sound
from tests.reliability.test_kills import kill_and_check
from tests.support.desk import fresh_database

KILLS = 10


async def one_round(kind: str, seed: int) -> tuple[Verdict, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with fresh_database(kind, folder) as address:
            replicas = 1 if kind == "sqlite" else 2
            return await kill_and_check(address, folder, replicas=replicas, kills=KILLS, seed=seed, pause=2.0)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    chosen = options.parse_args()
    kinds = ["sqlite", "postgres"] if _postgres_answers() else ["sqlite"]
    end, seed, kills, tickets, sends, repeated = time.monotonic() + chosen.minutes * 60, chosen.seed, 0, 0, 0, 0
    while time.monotonic() < end:
        kind = kinds[seed % len(kinds)]
        verdict, told = asyncio.run(one_round(kind, seed))
        kills, tickets = kills + KILLS, tickets + verdict.tickets
        sends, repeated = sends + verdict.sends, repeated + verdict.repeated
        print(f"seed {seed} {kind}: {told} numbers told; all together {kills} kills, {tickets} tickets, ", end="")  # noqa: T201
        print(f"{sends} sends, {repeated} repeated", flush=True)  # noqa: T201
        if not is_sound(verdict):
            print(f"not sound: {verdict}", file=sys.stderr)  # noqa: T201
            return 1
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
