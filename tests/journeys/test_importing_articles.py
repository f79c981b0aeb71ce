"""What somebody who writes articles reads from `ticketbot articles import`."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

import app.demo
from app.cli.articles import FolderError, read_folder
from tests.support.desk import Cast, World, desk_file

EXAMPLES = Path(app.demo.__file__).with_name("articles")
GOOD = "---\ntitle: VPN\naudience: everyone\ntags: [Tunnel]\n---\n1. Verbinden.\n"


async def imported(address: str, folder: Path, home: Path) -> tuple[int, str, str]:
    """Exit code, what was printed, and the complaints."""
    desk = home / "desk.yaml"
    desk.write_text(desk_file(Cast()), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "articles", "import", str(folder)),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "TICKETBOT_AUTH": "anonymous",
            "TICKETBOT_DATABASE_URL": address,
            "TICKETBOT_DESK_FILE": str(desk),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await process.communicate()
    return process.returncode or 0, printed.decode().strip(), complaints.decode().strip()


async def test_articles_are_imported_while_the_desk_serves(desk: World, address: str, tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES, tmp_path / "articles")

    async def told() -> tuple[int, str, str]:
        return await imported(address, folder, tmp_path)

    assert await told() == (
        0,
        "Articles: 12 added, 0 updated, 0 removed, 0 unchanged.",
        "",
    )
    assert await told() == (
        0,
        "Articles: 0 added, 0 updated, 0 removed, 12 unchanged.",
        "",
    )

    (folder / "vpn.de.md").write_text(GOOD, "utf-8")
    (folder / "vpn.en.md").unlink()
    (folder / "beamer.de.md").write_text(GOOD, "utf-8")
    assert await told() == (
        0,
        "Articles: 1 added, 1 updated, 1 removed, 10 unchanged.",
        "",
    )

    (folder / "vpn.de.md").write_text("no front matter", "utf-8")
    (folder / "beamer.de.md").unlink()
    code, printed, complaints = await told()
    assert (code, printed) == (1, "")
    assert complaints == (
        f"{folder / 'vpn.de.md'}:1: the front matter is missing: "
        "the first line is ---, then title and audience, then ---"
    )
    (folder / "vpn.de.md").write_text(GOOD, "utf-8")
    (folder / "beamer.de.md").write_text(GOOD, "utf-8")
    assert await told() == (
        0,
        "Articles: 0 added, 0 updated, 0 removed, 12 unchanged.",
        "",
    )


async def test_a_mistake_of_the_operator_is_a_sentence_and_no_trace(tmp_path: Path) -> None:
    nowhere = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"
    code, printed, complaints = await imported(nowhere, EXAMPLES, tmp_path)
    assert (code, printed) == (1, "")
    assert complaints == "TICKETBOT_DATABASE_URL: the database does not exist yet: run `ticketbot migrate`"
    code, printed, complaints = await imported(nowhere, tmp_path / "missing", tmp_path)
    assert (code, printed) == (2, "")
    assert "does not exist" in complaints.splitlines()[-1]


REFUSALS = {
    ("vpn.de.md", b"Text only\n"): ":1: the front matter is missing",
    ("vpn.de.md", b""): ":1: the front matter is missing",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: everyone\n"): ":1: the front matter has no end",
    ("vpn.de.md", b"---\naudience: everyone\n---\nText"): ":1: the title is missing",
    ("vpn.de.md", b"---\ntitle: ' '\naudience: everyone\n---\nText"): ":2: the title is missing",
    ("vpn.de.md", b"---\ntitle: %s\naudience: everyone\n---\nText" % (b"x" * 101)): ":2: the title has 101 characters",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: staff\n---\nText"): ":3: the audience must be everyone or agents",
    ("vpn.de.md", b"---\ntitle: VPN\n---\nText"): ":1: the audience is missing: everyone or agents",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: [everyone]\n---\nText"): ":3: the audience must be everyone or agents",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\ntag: x\n---\nText"): ":4: tag is unknown: did you mean tags?",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\ntags: {a: b}\n---\nText"): ":4: the tags must be words",
    (
        "vpn.de.md",
        b"---\ntitle: VPN\naudience: agents\ntags: [%s]\n---\nText" % b"a,".join([b""] * 22),
    ): ":4: at most 20",
    ("vpn.de.md", b"---\ntitle: VPN: new\naudience: agents\n---\nText"): ":2: this cannot be read",
    ("vpn.de.md", b"---\ntitle: VPN\ntitle: VPN\naudience: agents\n---\nText"): ":3: title stands here twice",
    ("vpn.de.md", b"---\ntitle: &a VPN\naudience: *a\n---\nText"): ":3: write the value again",
    ("vpn.de.md", b"---\n- title\n---\nText"): ":1: the front matter holds no title",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\n---\n  \n\n"): ":5: there is no text below",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\n---\nK\xfcche"): ":5: it is not UTF-8",
    ("vpn.de.md", b"\x89PNG\r\n\x1a\n\x00\x00"): ":1: it is not UTF-8",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\n---\nA\x00B"): ":5: it holds a character that is no text",
    ("vpn.de.md", b"---\ntitle: VPN\naudience: agents\n---\n" + b"x" * 100_000): ":1: it is too large",
    ("vpn.de.md", b'---\ntitle: "V\\0PN"\naudience: agents\n---\nText'): ":2: the title holds a character that is no",
    ("vpn.de.md", b'---\ntitle: VPN\naudience: agents\ntags: ["\\ud800"]\n---\nText'): ":4: the tags hold a character",
    ("vpn.fr.md", GOOD.encode()): ":1: the language 'fr' is unknown: known are de, en",
    ("vpn.md", GOOD.encode()): ":1: the file name says no language",
    ("öl spur.de.md", GOOD.encode()): ":1: the name may hold",
}


@pytest.mark.parametrize(("file", "content"), REFUSALS)
def test_an_article_with_a_mistake_is_refused_with_its_line(tmp_path: Path, file: str, content: bytes) -> None:
    (tmp_path / file).write_bytes(content)
    (tmp_path / "good.de.md").write_text(GOOD, "utf-8")
    with pytest.raises(FolderError) as refused:
        read_folder(tmp_path)
    [problem] = refused.value.problems
    assert problem.startswith(f"{tmp_path / file}{REFUSALS[file, content]}")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.de.md").write_text("---\ntitle: ''\naudience: all\n---\n", "utf-8")
    (tmp_path / "b.xx.md").write_text("nothing", "utf-8")
    with pytest.raises(FolderError) as refused:
        read_folder(tmp_path)
    assert [problem.removeprefix(f"{tmp_path}/").split(" ")[0] for problem in refused.value.problems] == [
        *("a.de.md:2:", "a.de.md:3:", "a.de.md:5:"),
        *("b.xx.md:1:", "b.xx.md:1:"),
    ]


def test_two_files_of_one_name_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "VPN.de.md").write_text(GOOD, "utf-8")
    (tmp_path / "vpn.DE.md").write_text(GOOD, "utf-8")
    with pytest.raises(FolderError) as refused:
        read_folder(tmp_path)
    [problem] = refused.value.problems
    assert problem.endswith("this is the same article as VPN.de.md: remove or rename one")


def test_a_folder_without_an_article_removes_nothing(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("x", "utf-8")
    with pytest.raises(FolderError):
        read_folder(tmp_path)


def test_an_article_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A byte order mark, line ends of Windows and tags in one line are how editors and people write."""
    text = "\ufeff---\r\ntitle:  VPN   neu\r\naudience: agents\r\ntags: Tunnel, zu Hause\r\n---\r\n\r\n1. Größe\r\n"
    (tmp_path / "vpn-2.de.md").write_bytes(text.encode())
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.md").write_bytes(b"\x00")
    [article] = read_folder(tmp_path)
    assert (article.name, article.language, article.title) == ("vpn-2", "de", "VPN neu")
    assert (article.audience, article.tags, article.body) == ("agents", ("Tunnel", "zu Hause"), "1. Größe")
