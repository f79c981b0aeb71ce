"""The look for known vulnerabilities in what is locked: row T73 of the threat table."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKED = ["requirements.txt", "requirements-dev.txt", "requirements-audit.txt"]


def audit(folder: Path, answer: str, *, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the audit with somebody who answers like this in pip-audit's place."""
    program = folder / "pip-audit"
    program.write_text(f"#!{sys.executable}\nprint({answer!r})\nraise SystemExit({status})\n")
    program.chmod(0o755)
    lock = folder / "lock.txt"
    lock.write_text("aiohttp==3.14.5 \\\n    --hash=sha256:00\n")
    command = [sys.executable, ROOT / ".ci/audit.py", program, lock]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def known(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def test_t73_a_known_vulnerability_fails_and_is_named(tmp_path: Path) -> None:
    bad = {"name": "aiohttp", "version": "3.14.5", "vulns": [{"id": "PYSEC-2099-1"}]}
    done = audit(tmp_path, known(bad), status=1)
    assert done.returncode == 1
    assert "aiohttp 3.14.5 has PYSEC-2099-1" in done.stdout


def test_t73_without_one_it_says_how_many_were_looked_up(tmp_path: Path) -> None:
    done = audit(tmp_path, known({"name": "aiohttp", "version": "3.14.5", "vulns": []}))
    assert (done.returncode, done.stdout) == (0, "audit: 1 packages looked up, 0 with known vulnerabilities\n")


@pytest.mark.parametrize(
    "answer",
    ["", "Traceback", "[]", known(), known({"name": "aiohttp", "skip_reason": "not found on PyPI"})],
    ids=["nothing", "no JSON", "another shape", "no package", "a mirror without the list"],
)
def test_t73_where_nothing_is_known_it_says_so_and_never_that_all_is_well(tmp_path: Path, answer: str) -> None:
    done = audit(tmp_path, answer, status=1)
    assert done.returncode == 0
    assert re.fullmatch(
        r"audit: known vulnerabilities cannot be looked up here \(.+\); going on without\n", done.stdout
    )


@pytest.mark.parametrize("file", LOCKED)
def test_t73_everything_that_is_installed_is_pinned_by_hash(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert len(packages) > 20
    assert [line for line in packages if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_t73_whatever_is_installed_is_installed_by_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    installs = [line for line in makefile.splitlines() if "--requirement" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line for line in installs)
    assert "make audit" in (ROOT / ".ci/run").read_text()
