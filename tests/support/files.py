"""A host of files as SharePoint and the connector are, and as nobody should be; and files of every kind."""

import asyncio
import io
import struct
import zipfile
import zlib
from typing import NamedTuple

from aiohttp import web
from botbuilder.schema import Activity, Attachment

from tests.support.loopback import Loopback

ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "http://localhost:{port}/x",
    "https://localhost:{port}/x",
    "http://127.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[::]:{port}/x",
    "http://0.0.0.0:{port}/x",
    "https://10.0.0.5/x",
    "https://192.168.1.1/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "file:///etc/passwd",
    "ftp://contoso.sharepoint.com/x",
    "data:text/plain,x",
    "https://contoso.sharepoint.com.evil.example/x",
    "https://sharepoint.com/x",
    "https://a.b.sharepoint.com/x",
    "https://evilsharepoint.com/x",
    "https://contoso.sharepoint.com@127.0.0.1:{port}/x",
    "https://127.0.0.1:{port}#@contoso.sharepoint.com/x",
    "https://127.0.0.1:{port}\\@contoso.sharepoint.com/x",
    "https://contoso.sharepoint.com:{port}/x",
    "http://contoso.sharepoint.com/x",
    "https://contoso.sharepoint.com./x",
    "https://.sharepoint.com/x",
    "https://contoso。sharepoint.com/x",
    "https://contoso.sharepoint.com/\r\nHost: x",
    "https://rebinding.sharepoint.com/x",
    "http://[::ffff:169.254.169.254]/latest/meta-data/",
    "https://[::ffff:a9fe:a9fe]/latest/meta-data/",
    "https://[64:ff9b::a9fe:a9fe]/latest/meta-data/",
    "https://[fe80::1%25eth0]/x",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://0xa9fea9fe/latest/meta-data/",
    "https://0251.0376.0251.0376/latest/meta-data/",
    "https://169.254.43518/latest/meta-data/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://127.0.0.1.nip.io:{port}/x",
    "https://localhost.localdomain:{port}/x",
    "https://127。0。0。1:{port}/x",
    "https://①②⑦.⓪.⓪.①:{port}/x",
    "FILE:///etc/passwd",
    "file://127.0.0.1:{port}/x",
    "gopher://127.0.0.1:{port}/x",
    "javascript:alert(1)",
    "https://contoso.sharepoint.com%2f@127.0.0.1:{port}/x",
    "https://contoso.sharepoint.com%00.evil.example/x",
    "https://contoso.sharepoint.com\\.evil.example/x",
    "https://contoso-sharepoint.com/x",
    "https://contoso.sharepoint.com.co/x",
    "https://cοntoso.sharepοint.com/x",
    "//contoso.sharepoint.com/x",
    "",
]
"""Where nothing is fetched from; `port` is that of somebody who listens on this machine."""


class Seen(NamedTuple):
    path: str
    authorization: str | None


class FakeFileHost(Loopback):
    """Hands out `files`; the other paths misbehave as they are called."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.redirects: dict[str, tuple[int, str]] = {}
        self.seen: list[Seen] = []
        self.arrived = asyncio.Event()
        """A request is being left without an answer."""
        self.sent = 0
        self._never = asyncio.Event()

    def address(self, path: str, content: bytes | None = None, content_type: str = "application/octet-stream") -> str:
        """The address of a path; with `content` a file is laid there."""
        if content is not None:
            self.files[path], self.types[path] = content, content_type
        return f"{self.url}/{path}?tempauth=v1.eyJ%2Fzp%3D&x=1"

    def picture(self, content: bytes, name: str = "0-weu-d8-1", content_type: str = "image/png") -> str:
        """Lay down a part of a message, and its address as Teams writes it."""
        path = f"emea/b7a3f0de-0000-4000-8000-000000000001/v3/attachments/{name}/views/original"
        self.files[path], self.types[path] = content, content_type
        return f"{self.url}/{path}"

    def let_go(self) -> None:
        """Whoever waits for an answer gets one: there is no such file."""
        self._never.set()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/{path:.*}", self._answer)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.seen.append(Seen(path, request.headers.get("Authorization")))
        if path in self.redirects:
            status, location = self.redirects[path]
            return web.Response(status=status, headers={"Location": location})
        if path in self.files:
            return web.Response(body=self.files[path], headers={"Content-Type": self.types.get(path, "image/png")})
        match path:
            case "hang":
                self.arrived.set()
                await self._never.wait()
            case "slow":
                return await self._drip(request)
            case "endless":
                return await self._endless(request)
            case "huge":
                return await self._endless(request, length=1_000_000_000)
            case "redirect":
                raise web.HTTPFound(f"{self.url}/elsewhere")
            case "packed":
                packed = zlib.compressobj(wbits=31)
                body = packed.compress(b"\0" * 50_000_000) + packed.flush()
                return web.Response(body=body, headers={"Content-Encoding": "gzip"})
            case "broken":
                answer = web.StreamResponse(headers={"Content-Length": "100"})
                await answer.prepare(request)
                await answer.write(b"half")
                assert request.transport
                request.transport.abort()
                return answer
            case "elsewhere":
                return web.Response(body=b"never asked for")
        raise web.HTTPNotFound

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"s")
        self.arrived.set()
        await self._never.wait()
        return answer

    async def _endless(self, request: web.Request, length: int = 0) -> web.StreamResponse:
        """A gigabyte, unless the other side hangs up first."""
        answer = web.StreamResponse(headers={"Content-Length": str(length)} if length else {})
        await answer.prepare(request)
        chunk = b"e" * 65536
        while self.sent < 1_000_000_000:
            await answer.write(chunk)
            self.sent += len(chunk)
        return answer


def upload(url: str, name: str = "a.log", file_type: str = "log") -> Activity:
    """A message with an uploaded file."""
    content = {"downloadUrl": url, "uniqueId": "1", "fileType": file_type}
    kind = "application/vnd.microsoft.teams.file.download.info"
    return Activity(attachments=[Attachment(content_type=kind, name=name, content=content)])


def pasted(url: str) -> Activity:
    """A message with a picture, and its HTML copy as Teams adds it."""
    copy = Attachment(content_type="text/html", content=f'<p><img src="{url}"></p>')
    return Activity(attachments=[Attachment(content_type="image/*", content_url=url), copy])


def png(width: int = 3, height: int = 2) -> bytes:
    header = struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    rows = zlib.compress(b"\0" * 16)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(*frames: tuple[int, int]) -> bytes:
    """With a long comment before the frames, as cameras write."""
    parts = [b"\xff\xd8", b"\xff\xe0\0\x10JFIF\0" + b"\0" * 9, b"\xff\xfe\x75\x30" + b"c" * (30000 - 2), b"\xff"]
    parts += [b"\xff\xc2\0\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\0\0\0" for width, height in frames]
    return b"".join([*parts, b"\xff\xda\0\x02", b"scan", b"\xff\xd9"])


def gif(width: int = 3, height: int = 2) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def webp(kind: bytes, width: int, height: int) -> bytes:
    body = {
        b"VP8X": b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        b"VP8L": b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little"),
        b"VP8 ": b"\0" * 3 + b"\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[kind].ljust(10, b"\0")
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


def packed(*names: str, zeros: int = 0) -> bytes:
    """A zip with these entries; `zeros` is what the last unpacks to."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"x")
        if zeros:
            archive.writestr("bomb.bin", b"\0" * zeros)
    return out.getvalue()


def outlook_mail() -> bytes:
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    header[30:32], header[48:52] = b"\x09\0", (1).to_bytes(4, "little")
    return bytes(header) + b"\0" * 512 + "__properties_version1.0".encode("utf-16-le").ljust(512, b"\0")
