"""A canvas measured in pixels of the final image, drawn larger for smooth edges."""

from __future__ import annotations

import math
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SCALE = 2
WIDTH, HEIGHT = 1600, 900

Points = list[tuple[float, float]]


class Canvas:
    """A canvas; colours are hexadecimal, with two more digits for opacity."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, color: str = "#fff"):
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), color)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def jpeg(self) -> BytesIO:
        file = BytesIO()
        size = (self.width, self.height)
        finished = self.image.resize(size, Image.Resampling.LANCZOS)
        finished.save(file, "JPEG", quality=88, subsampling=0, optimize=True)
        file.seek(0)
        return file

    def polygon(self, points: Points, fill: str) -> None:
        self.pen.polygon(_scaled(points), fill=fill)

    def line(self, points: Points, fill: str, width: float) -> None:
        self.pen.line(
            _scaled(points), fill=fill, width=round(width * SCALE), joint="curve"
        )

    def dashes(self, start, end, fill: str, width: float, dash: float = 14) -> None:
        count = int(math.dist(start, end) / dash)
        for i in range(0, count, 2):
            piece = [_between(start, end, (i + step) / count) for step in (0, 1)]
            self.line(piece, fill, width)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self.pen.ellipse(_scaled_box(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        self.ellipse(x, y, radius, radius, fill)

    def box(self, left, top, right, bottom, fill: str, radius: float = 0) -> None:
        self.pen.rounded_rectangle(
            _scaled_box(left, top, right, bottom), radius * SCALE, fill=fill
        )

    def slice(self, x, y, rx, ry, start, end, fill: str) -> None:
        """Draw a slice of an ellipse between two angles, clockwise from the right."""
        box = _scaled_box(x - rx, y - ry, x + rx, y + ry)
        self.pen.pieslice(box, start, end, fill=fill)

    def text(self, x, y, text, fill: str, size: float, anchor="ls", halo=None) -> None:
        """Write text; the halo separates it from the background."""
        self.pen.text(
            (x * SCALE, y * SCALE),
            text,
            fill,
            ImageFont.load_default(size * SCALE),
            anchor,
            stroke_width=4 * SCALE if halo else 0,
            stroke_fill=halo,
        )

    def gradient(self, top: float, bottom: float, *colors: str) -> None:
        """Fill the full width with a gradient from top to bottom."""
        strip = Image.new("RGB", (1, len(colors)))
        for i, color in enumerate(colors):
            strip.paste(color, (0, i, 1, i + 1))
        size = (self.width * SCALE, round((bottom - top) * SCALE))
        # From the middle of the first pixel to the middle of the last.
        centres = (0, 0.5, 1, len(colors) - 0.5)
        strip = strip.resize(size, Image.Resampling.BILINEAR, box=centres)
        self.image.paste(strip, (0, round(top * SCALE)))

    def glow(self, x, y, radius: float, color: str, strength: float = 1) -> None:
        """Draw light that fades from its centre."""
        # Pillow's gradient ends in the corners of its square; this one at its sides.
        mask = Image.radial_gradient("L").point(
            lambda value: strength * max(0, 255 - value * math.sqrt(2)) ** 2 / 255
        )
        size = round(2 * radius * SCALE)
        mask = mask.resize((size, size), Image.Resampling.BICUBIC)
        corner = round((x - radius) * SCALE), round((y - radius) * SCALE)
        self.image.paste(color, (*corner, corner[0] + size, corner[1] + size), mask)


def place(points: Points, x: float, y: float, angle: float = 0, size: float = 1):
    """Rotate points clockwise around the origin (in degrees), scale and move them."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [
        (x + size * (px * cos - py * sin), y + size * (px * sin + py * cos))
        for px, py in points
    ]


def _between(start, end, share):
    return tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))


def _scaled(points):
    return [(x * SCALE, y * SCALE) for x, y in points]


def _scaled_box(*edges):
    return tuple(edge * SCALE for edge in edges)
