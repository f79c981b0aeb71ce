"""Names of files as their senders write them; row T54 of the threat table."""

import unicodedata

import pytest

from app.domain.files import safe_name


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("vpn.log", "vpn.log"),
        ("Übersicht (2).xlsx", "Übersicht (2).xlsx"),
        ("../../x", "x"),
        ("..\\..\\x.txt", "x.txt"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("C:win.ini", "C_win.ini"),
        ("a.txt:evil.exe", "a.txt_evil.exe"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("   ", "file"),
        ("a/", "file"),
        (".htaccess", "htaccess"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("exe.\u202egnp.log", "exe.gnp.log"),
        ("a\u200b\u2066b.txt", "ab.txt"),
        ("\u3164.txt", "txt"),
        ("a\ud800b.txt", "ab.txt"),
        ("trailing.txt. . ", "trailing.txt"),
        ('"<a>|b?*.txt', "__a__b__.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Aux.tar.gz", "_Aux.tar.gz"),
        ("com1.log", "_com1.log"),
        ("LPT³", "_LPT³"),
        ("CON .txt", "_CON .txt"),
        ("CONOUT$", "_CONOUT$"),
        ("\u200bCON.txt", "_CON.txt"),
        ("console.log", "console.log"),
    ],
)
def test_t54_a_name_is_only_a_name(written: str, shown: str) -> None:
    assert safe_name(written) == shown


@pytest.mark.parametrize(
    "written", ["x" * 1000, "x" * 1000 + ".log", "x." + "y" * 1000, "ä" * 119 + ".log", "." * 1000]
)
def test_t54_a_long_name_is_cut_and_keeps_its_extension(written: str) -> None:
    name = safe_name(written)
    assert 0 < len(name) <= 120
    assert name.endswith(".log") == written.endswith(".log")


def test_t54_no_name_holds_what_cannot_be_seen() -> None:
    every = "".join(map(chr, range(0x3200))) + "".join(map(chr, range(0xD800, 0x10000)))
    for start in range(0, len(every), 50):
        name = safe_name(every[start : start + 50])
        assert not {unicodedata.category(letter) for letter in name} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        assert not set(name) & set('/\\<>:"|?*')
