"""Looks for known vulnerabilities of everything that is locked, where the list of them can be had.

`python .ci/audit.py PROGRAM FILE…`: PROGRAM is pip-audit, FILE a lock file. Fails when something is found. Where nobody
answers, or an answer knows none of the packages (a mirror without that list), it says so in one line and is content:
to know nothing is not the same as to find nothing.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REQUEST_SECONDS_MAX = 10
PROBE_SECONDS_MAX = 30
AUDIT_SECONDS_MAX = 240

ACCEPTED: dict[str, str] = {}
"""Id of a vulnerability → why it does no harm here, and until when that is to be looked at again."""


class NoData(Exception):
    """The list of known vulnerabilities cannot be had."""


def dependencies(program: str, file: Path, seconds: float) -> list[dict[str, Any]]:
    """What is known of each package in a lock file; raises NoData."""
    options = ["--format", "json", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    command = [program, *options, "--timeout", str(REQUEST_SECONDS_MAX), "--requirement", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        raise NoData(f"no answer within {seconds:.0f} s") from None
    except (ValueError, KeyError, TypeError):
        raise NoData((done.stderr.strip().splitlines() or ["no answer"])[-1][:200]) from None
    if all("vulns" not in each for each in found):
        raise NoData("the registry here does not have it")
    return found


def probe(program: str, file: Path) -> None:
    """Ask about one package, so that nobody waits for the others in vain; raises NoData."""
    first = next(line.split(" ")[0] for line in file.read_text().splitlines() if "==" in line)
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        one.write_text(f"{first}\n")
        dependencies(program, one, PROBE_SECONDS_MAX)


def main(program: str, *files: str) -> int:
    """Print what was found; 1 if anything was."""
    known: dict[tuple[str, str], list[str]] = {}
    unknown: set[str] = set()
    try:
        probe(program, Path(files[0]))
        for file in files:
            for each in dependencies(program, Path(file), AUDIT_SECONDS_MAX):
                if "vulns" in each:
                    known[each["name"], each["version"]] = [one["id"] for one in each["vulns"]]
                else:
                    unknown.add(each["name"])
    except NoData as why:
        print(f"audit: known vulnerabilities cannot be looked up here ({why}); going on without")  # noqa: T201
        return 0
    found = {package: [one for one in ids if one not in ACCEPTED] for package, ids in known.items()}
    for (name, version), ids in sorted(found.items()):
        for one in ids:
            print(f"audit: {name} {version} has {one}")  # noqa: T201
    if unknown:
        print(f"audit: not looked up: {', '.join(sorted(unknown))}")  # noqa: T201
    bad = sum(bool(ids) for ids in found.values())
    print(f"audit: {len(known)} packages looked up, {bad} with known vulnerabilities")  # noqa: T201
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
