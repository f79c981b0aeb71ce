"""The peers, each in an environment of its own under `.bench/` with pinned versions; never dependencies of ours."""

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".bench"


@dataclass(frozen=True)
class Peer:
    name: str
    script: Path
    environment: Path
    requirements: tuple[str, ...]

    @property
    def python(self) -> Path:
        folder = "Scripts" if os.name == "nt" else "bin"
        return self.environment / folder / "python"

    def install(self) -> None:
        """Make the environment on first use; a later run with the same pins finds it ready."""
        done = self.environment / "installed.txt"
        wanted = "\n".join(self.requirements)
        if done.exists() and done.read_text() == wanted:
            return
        print(f"installing {self.name} into {self.environment} …", file=sys.stderr)
        venv.create(self.environment, with_pip=True, clear=True)
        quiet = ("--quiet", "--disable-pip-version-check")
        subprocess.run([str(self.python), "-m", "pip", "install", *quiet, *self.requirements], check=True)
        done.write_text(wanted)


AGENTS_SDK = Peer(
    name="Agents SDK 1.9.0",
    script=HERE / "agents_sdk_echo.py",
    environment=CACHE / "agents_sdk",
    requirements=(
        "microsoft-agents-hosting-aiohttp==1.9.0",
        "microsoft-agents-hosting-core==1.9.0",
        "microsoft-agents-activity==1.9.0",
        "microsoft-agents-authentication-msal==1.9.0",
        "aiohttp==3.14.5",
        "PyJWT==2.15.1",
        "msal==1.39.0",
    ),
)
STOCK = Peer(
    name="botbuilder 4.17.1",
    script=HERE / "stock_botbuilder_echo.py",
    environment=CACHE / "botbuilder",
    requirements=(
        "botbuilder-integration-aiohttp==4.17.1",
        "botbuilder-core==4.17.1",
        "aiohttp==3.14.5",
        "PyJWT==2.15.1",
        "msal==1.39.0",
    ),
)
DJANGO_HELPDESK = Peer(
    name="django-helpdesk 2.6.1",
    script=HERE / "django_helpdesk_sweep.py",
    environment=CACHE / "django_helpdesk",
    requirements=(
        "django-helpdesk==2.6.1",
        "Django==5.2.19",
        "djangorestframework==3.18.3",
        "django-model-utils==5.0.0",
    ),
)
#: Those that answer Teams.
PEERS = (AGENTS_SDK, STOCK)
