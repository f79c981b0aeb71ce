"""The desk on one machine, with sample tickets, in Microsoft's Playground or in the terminal."""

import os
import sys

from app.cli.terminal import say


def run() -> None:
    """Show it until Ctrl-C; exits with 1 and one sentence on stderr when something is in the way."""
    from app.demo.show import show

    sys.exit(show(_port("TICKETBOT_PORT", 3978), _port("PLAYGROUND_PORT", 56150)))


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        say(f"{name} must be a number from 1 to 65535.", error=True)
        sys.exit(1)
    return int(text)
