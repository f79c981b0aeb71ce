"""`python -m bench [case …]` measures and prints one table; exit code 1 only where something could not be measured."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.cases import CASES, PROMISES, Bench
from bench.peers import CACHE
from bench.report import Row
from bench.servers import CannotMeasureError, NotHereError, load_core, pin
from bench.teams import Teams


def main() -> int:
    arguments = _arguments()
    if arguments.list:
        for name, case in CASES.items():
            print(f"{name:10} {(case.__doc__ or '').splitlines()[0]}")
        return 0
    rows, failures = asyncio.run(_measure(arguments))
    if rows:
        print(report.table(rows), end="\n\n")
    print(report.circumstances(sys.argv[1:], arguments.rounds))
    for failure in failures:
        print(f"not measured: {failure}", file=sys.stderr)
    return 1 if failures else 0


async def _measure(arguments: argparse.Namespace) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    failures: list[str] = []
    CACHE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))
    pin(os.getpid(), load_core())
    try:
        async with Teams(folder) as teams:
            for name in arguments.cases or PROMISES:
                print(f"measuring {name} …", file=sys.stderr)
                try:
                    rows += await CASES[name](Bench(teams, folder / name, arguments.rounds, arguments.earlier))
                except NotHereError as absent:
                    print(f"left out {name}: {absent}", file=sys.stderr)
                except (CannotMeasureError, OSError, EOFError, TimeoutError) as error:
                    failures.append(f"{name}: {error or type(error).__name__}")
    finally:
        if arguments.keep:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return rows, failures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="case", help=f"any of: {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds per case (default: 5)")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs of the run")
    parser.add_argument("--earlier", type=Path, help="a checkout of an earlier version, for the case of that name")
    parser.add_argument("--list", action="store_true", help="say what the cases are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
