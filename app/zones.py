"""Time zones by name, as people's clients and the desk file name them."""

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=512)
def zone_of(name: str | None, otherwise: str) -> ZoneInfo:
    """The zone a Teams client named, or `otherwise` (a known one) where this machine does not know it."""
    try:
        return ZoneInfo(name or otherwise)
    except (ValueError, OSError, KeyError):
        return ZoneInfo(otherwise)
