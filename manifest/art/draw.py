"""Draws color.png and outline.png: a ticket that is a speech bubble, with a check mark on it.

Needs Pillow, which the product itself does not: `pip install pillow && python manifest/art/draw.py`.
Everything is drawn on a 32 × 32 grid and much too large, then scaled down, so both icons share one shape.
"""

from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

GRID = 32
FOLDER = Path(__file__).resolve().parent.parent
TOP, BOTTOM = (0x5B, 0x6C, 0xF0), (0x2B, 0x38, 0xA8)
WHITE = (255, 255, 255)

Point = tuple[float, float]
CHECK: tuple[Point, ...] = ((11.6, 14.1), (14.8, 17.2), (20.6, 10.9))


def ticket_bubble(scale: int) -> Image.Image:
    """The silhouette: a rounded ticket with a notch on either side and the tail of a speech bubble."""
    shape = Image.new("L", (GRID * scale, GRID * scale))
    pen = ImageDraw.Draw(shape)
    pen.rounded_rectangle([at * scale for at in (2, 4, 30, 24)], radius=4 * scale, fill=255)
    pen.polygon([(x * scale, y * scale) for x, y in ((7.5, 22), (7.5, 30), (15.5, 23))], fill=255)
    for middle in (2, 30):
        pen.ellipse([at * scale for at in (middle - 3, 11, middle + 3, 17)], fill=0)
    return shape


def check_mark(scale: int, width: float) -> Image.Image:
    """The stroke of the check mark, with round ends."""
    shape = Image.new("L", (GRID * scale, GRID * scale))
    pen = ImageDraw.Draw(shape)
    points = [(x * scale, y * scale) for x, y in CHECK]
    pen.line(points, fill=255, width=round(width * scale))
    radius = width * scale / 2
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return shape


def shrunk(shape: Image.Image, by: int) -> Image.Image:
    """What is left of a silhouette when its edge moves inwards by so many pixels, evenly in every direction."""
    left = shape
    for step in range(48):
        angle = 2 * pi * step / 48
        moved = Image.new("L", shape.size)
        moved.paste(shape, (round(by * cos(angle)), round(by * sin(angle))))
        left = ImageChops.darker(left, moved)
    return left


def outline(size: int = 32) -> Image.Image:
    """White lines on nothing; only the transparency differs from pixel to pixel."""
    scale = 24
    bubble = ticket_bubble(scale)
    lines = ImageChops.subtract(bubble, shrunk(bubble, 2 * scale))
    lines = ImageChops.lighter(lines, check_mark(scale, 2.4))
    icon = Image.new("RGBA", (size, size), (*WHITE, 0))
    icon.putalpha(lines.resize((size, size), Image.Resampling.BOX))
    return icon


def color(size: int = 192) -> Image.Image:
    """The same ticket in white on our blue, inside the 120 pixels that Teams never crops."""
    scale = 24
    full = GRID * scale
    background = Image.new("RGB", (full, full))
    pen = ImageDraw.Draw(background)
    for y in range(full):
        share = y / (full - 1)
        mixed = [round(a + (b - a) * share) for a, b in zip(TOP, BOTTOM, strict=True)]
        pen.line([(0, y), (full, y)], fill=(mixed[0], mixed[1], mixed[2]))
    bubble = ImageChops.subtract(ticket_bubble(scale), check_mark(scale, 3.2))
    inner = round(full * 0.68)
    small = bubble.resize((inner, inner), Image.Resampling.LANCZOS)
    background.paste(WHITE, ((full - inner) // 2, (full - inner) // 2 - scale // 2), small)
    return background.resize((size, size), Image.Resampling.LANCZOS).convert("RGBA")


def main() -> None:
    """Writes both icons beside the template."""
    color().save(FOLDER / "color.png", optimize=True)
    outline().save(FOLDER / "outline.png", optimize=True)


if __name__ == "__main__":
    main()
