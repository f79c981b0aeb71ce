"""Checks a package against Microsoft's own schemas, where a checkout has them and jsonschema is installed.

They come with the npm package @microsoft/app-manifest, a development tool: an installation without it relies
on `rules` alone.
"""

import json
from pathlib import Path
from typing import Any

from app.package.contents import Contents, Json

_CHECKOUT = Path(__file__).resolve().parents[2]
_PLACES = (_CHECKOUT / "playground" / "node_modules", _CHECKOUT / "node_modules")
_IN_PACKAGE = Path("@microsoft", "app-manifest", "build", "json-schemas", "teams")
MANIFEST = "MicrosoftTeams.schema.json"
LANGUAGE = "MicrosoftTeams.Localization.schema.json"


def schema(version: str, name: str) -> Json | None:
    """One of Microsoft's schemas (draft-04) for a manifest version, or None where this machine has none."""
    for place in _PLACES:
        file = place / _IN_PACKAGE / f"v{version}" / name
        if file.is_file():
            content: Json = json.loads(file.read_text(encoding="utf-8-sig"))
            return content
    return None


def problems(contents: Contents) -> list[str]:
    """Where the package departs from Microsoft's schemas; empty also when they cannot be asked."""
    version = contents.manifest["manifestVersion"]
    found = _departures("manifest.json", contents.manifest, schema(version, MANIFEST))
    for file, language in contents.languages.items():
        found += _departures(file, dict(language), schema(version, LANGUAGE))
    return found


def _departures(file: str, content: Json, against: Json | None) -> list[str]:
    if against is None:
        return []
    try:
        import jsonschema  # type: ignore[import-untyped]  # a development tool, not there in production
    except ImportError:
        return []
    validator: Any = jsonschema.Draft4Validator(against)
    return [
        f"{file} breaks Microsoft's schema at {error.json_path}: {error.message}."
        for error in validator.iter_errors(content)
    ]
