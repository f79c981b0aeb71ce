"""What a file is, by what it holds; row T53 of the threat table."""

import io
import time

import pytest

from app.bot.files.file_types import recognise
from tests.support.files import gif, jpeg, outlook_mail, packed, png, webp

OFFICE = "application/vnd.openxmlformats-officedocument"
OPAQUE = "application/octet-stream"
MAIL = b"Received: from a\r\n by b\r\nFrom: Ada <ada@example.com>\r\nSubject: VPN\r\n\r\n<html>Hallo</html>"

KNOWN = [
    (png(), "image/png"),
    (gif(), "image/gif"),
    (jpeg((3, 2)), "image/jpeg"),
    (webp(b"VP8X", 3, 2), "image/webp"),
    (webp(b"VP8L", 3, 2), "image/webp"),
    (webp(b"VP8 ", 3, 2), "image/webp"),
    (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    (b"2026-11-20 Fehler\n", "text/plain; charset=utf-8"),
    ("Zähler;Wert\nä;1\n".encode("utf-8-sig"), "text/plain; charset=utf-8"),
    ("Zähler;Wert\r\n".encode("utf-16"), "text/plain; charset=utf-16"),
    (b"\x1b[31mrot\x1b[0m\n", "text/plain; charset=utf-8"),
    (packed("[Content_Types].xml", "word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
    (packed("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
    (packed("[Content_Types].xml", "ppt/presentation.xml"), f"{OFFICE}.presentationml.presentation"),
    (packed("[Content_Types].xml", "other.xml"), "application/zip"),
    (packed("word/document.xml"), "application/zip"),
    (packed(), "application/zip"),
    (outlook_mail(), "application/vnd.ms-outlook"),
    (MAIL, "message/rfc822"),
]

HARMFUL_OR_UNKNOWN = [
    b"<!DOCTYPE html><p>",
    b"  \n<HTML>",
    b"hello <script>alert(1)</script>",
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    b"<svg/onload=alert(1)>",
    "<html>".encode("utf-16"),
    b"\xef\xbb\xbf<html>",
    b"MZ\x90\0\x03",
    b"\x7fELF\x02\x01",
    b"#!/bin/sh\nrm -rf /\n",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\xff"),
    b"caf\xe9",
    b"text with \0 in it",
    b"a" * 70_000 + b"\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0",
    b"\xff\xd8\xff\xe0\0\0",
    b"\xff\xd8\xff" + b"\xff" * 5000,
    b"\xff\xd8" + b"\xff\xfe\0\x02" * 5000,
    b"GIF89a\0",
    b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\0" + b"\0" * 20,
    b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 20,
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize(("content", "kind"), KNOWN)
def test_a_file_is_known_by_what_it_holds(content: bytes, kind: str) -> None:
    assert recognise(io.BytesIO(content)).content_type == kind


@pytest.mark.parametrize("content", HARMFUL_OR_UNKNOWN)
def test_t53_what_could_act_or_is_broken_is_nothing_but_bytes(content: bytes) -> None:
    assert recognise(io.BytesIO(content)) == (OPAQUE, None)


@pytest.mark.parametrize(
    "picture", [png(70, 40), gif(70, 40), jpeg((70, 40)), *(webp(kind, 70, 40) for kind in (b"VP8X", b"VP8L", b"VP8 "))]
)
def test_a_pictures_size_is_in_its_header(picture: bytes) -> None:
    assert recognise(io.BytesIO(picture)).pixels == (70, 40)


def test_of_several_frames_the_largest_counts() -> None:
    assert recognise(io.BytesIO(jpeg((3, 2), (9000, 4), (5, 8000)))).pixels == (9000, 8000)


def test_t53_a_file_made_to_keep_us_busy_does_not() -> None:
    endless_header = b"From: ada\r\n" + b" a\r\n" * 100_000 + b"x"
    begun = time.process_time()
    assert recognise(io.BytesIO(endless_header)).content_type == "text/plain; charset=utf-8"
    assert time.process_time() - begun < 1
