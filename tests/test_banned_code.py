"""Ways of running what somebody sent, which the desk does not use: row T74 of the threat table.

Ruff forbids the same (`S`, `TID251`), but a `noqa` would silence it; nothing silences this.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "app"
MODULES = frozenset(
    {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "dbm", "jsonpickle"}
    | {"code", "codeop", "runpy", "imp", "ctypes", "xmlrpc", "telnetlib", "ftplib"}
)
"""They make objects or code of bytes, or speak without encryption."""
PARSERS = frozenset({"xml.sax", "xml.dom.minidom", "xml.dom.pulldom", "xml.etree.ElementTree", "lxml"})
"""They follow entities that unfold without end."""
NAMES = frozenset({"eval", "exec", "compile", "__import__", "breakpoint"})
CALLS = frozenset(
    {"yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.unsafe_load", "yaml.unsafe_load_all"}
    | {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"}
    | {"importlib.import_module", "builtins.eval", "builtins.exec", "tempfile.mktemp", "ssl._create_unverified_context"}
)
LOADERS = frozenset(f"yaml.{c}{kind}Loader" for c in ("", "C") for kind in ("", "Unsafe", "Full"))
LAST_NAMES = frozenset(each.rpartition(".")[2] for each in CALLS | LOADERS)


OWN_MODULES = ("actions/registry.py:", "messages/registry.py:")
"""It imports every module of its own folder, and takes no name from anywhere else."""


def banned_in(source: str) -> list[tuple[int, str]]:
    """Line and name of everything in a module that is not used here."""
    return [(node.lineno, name) for node in ast.walk(ast.parse(source)) for name in _banned(node)]  # type: ignore[attr-defined]


def _banned(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (each.name for each in names if _is_banned(each.name))
        case ast.ImportFrom(module=str(module), names=names, level=0):
            for whole in (f"{module}.{each.name}" for each in names):
                if _is_banned(module) or _is_banned(whole) or whole in CALLS | LOADERS:
                    yield whole
        case ast.Attribute(attr=attribute) if attribute in LAST_NAMES and ast.unparse(node) in CALLS | LOADERS:
            yield ast.unparse(node)
        case ast.Name(id=name) if name in NAMES:
            yield name
        case ast.Call(keywords=keywords):
            for each in keywords:
                if each.arg == "shell" and not (isinstance(each.value, ast.Constant) and each.value.value is False):
                    yield "shell="
                if each.arg == "verify" and isinstance(each.value, ast.Constant) and each.value.value is False:
                    yield "verify=False"


def _is_banned(module: str) -> bool:
    return module.partition(".")[0] in MODULES or any(f"{module}.".startswith(f"{each}.") for each in PARSERS)


def test_t74_nothing_that_is_read_can_become_code() -> None:
    modules = list(APP.rglob("*.py"))
    assert len(modules) > 200
    found = {f"{path.relative_to(APP)}:{line} {name}" for path in modules for line, name in banned_in(path.read_text())}
    assert {name for name in found if not name.startswith(OWN_MODULES)} == set()


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import os, marshal as m",
        "from jsonpickle import decode",
        "from jsonpickle.unpickler import Unpickler",
        "def f():\n    from shelve import open",
        "import xml.etree.ElementTree as ET",
        "from xml.etree import ElementTree",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "import yaml\nyaml.unsafe_load(text)",
        "from yaml import full_load",
        "import yaml\nclass L(yaml.FullLoader): ...",
        "from yaml import UnsafeLoader",
        "eval(text)",
        "run = exec",
        "__import__(name)",
        "import importlib\nimportlib.import_module(name)",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "subprocess.run(text, shell=is_shell)",
        "import os\nos.system(text)",
        "session.get(url, verify=False)",
    ],
)
def test_t74_what_is_forbidden_is_found_however_it_is_written(source: str) -> None:
    assert banned_in(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.loads(text)",
        "import yaml\nclass L(yaml.SafeLoader): ...",
        "import re\nre.compile(pattern)",
        "import subprocess\nsubprocess.run([program], shell=False)",
        "session.execute(statement)",
    ],
)
def test_t74_what_is_harmless_is_not(source: str) -> None:
    assert banned_in(source) == []
