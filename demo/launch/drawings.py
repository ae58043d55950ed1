"""The pictures of the demo, drawn here so that the repository holds no binary files."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1600, 900
SCALE = 2  # drawn twice as large and reduced: smooth edges

NIGHT, DUSK, DAWN = (22, 40, 66), (92, 96, 140), (246, 190, 150)
SNOW, PINE, ROCK = (236, 240, 245), (32, 54, 60), (70, 84, 104)
PAPER, INK, RED, BLUE = (250, 247, 241), (34, 44, 54), (200, 60, 44), (40, 110, 170)

Draw = ImageDraw.ImageDraw


def draw(name: str) -> BytesIO:
    """The picture of this name as a JPEG."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
    DRAWINGS[name](ImageDraw.Draw(image))
    image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=86)
    buffer.seek(0)
    return buffer


def rail(d: Draw) -> None:
    """The rocket on its rail at dawn, before the hills."""
    _sky(d, NIGHT, DAWN)
    _hills(d, 560, 120, DUSK, seed=3)
    _hills(d, 660, 70, ROCK, seed=8)
    _rect(d, 0, 740, WIDTH, HEIGHT, SNOW)
    _line(d, [(560, 750), (900, 220)], INK, 22)
    _line(d, [(560, 750), (700, 750), (700, 532)], INK, 14)
    _rocket(d, 735, 455, 0.57, 1.25)
    for x in range(60, WIDTH, 130):
        _pine(d, x, 745 + (x * 37 % 60), 60 + x % 40)


def control(d: Draw) -> None:
    """Mission control: screens and people seen from behind."""
    _rect(d, 0, 0, WIDTH, HEIGHT, (26, 34, 44))
    for column in range(3):
        x = 120 + column * 480
        _rect(d, x, 110, x + 400, 360, (14, 20, 28))
        points = [
            (x + 20 + i * 9, 330 - 180 * math.sin(math.pi * i / 40) ** (column + 1))
            for i in range(41)
        ]
        _line(d, points, ((120, 220, 170), (240, 190, 90), (120, 190, 250))[column], 6)
    _rect(d, 60, 560, WIDTH - 60, 600, (90, 74, 58))
    for i, x in enumerate(range(240, WIDTH, 280)):
        shirt = (BLUE, RED, (90, 130, 100))[i % 3]
        _ellipse(d, x - 110, 590, x + 110, 1000, shirt)
        _ellipse(d, x - 58, 450, x + 58, 590, (70 + i * 20, 52 + i * 14, 44 + i * 10))


def wind(d: Draw) -> None:
    """The wind measured by the balloon, by height."""
    _chart(d, "Height, km", "Wind at the range, m/s")
    speeds = [6, 7, 9, 12, 14, 13, 11, 9, 8, 8, 7]
    points = [(260 + speed * 70, 760 - i * 58) for i, speed in enumerate(speeds)]
    _line(d, [(260 + 16 * 70, 150), (260 + 16 * 70, 790)], RED, 5)
    _text(d, 260 + 16 * 70 - 150, 100, "limit 16", RED, 40)
    _line(d, points, BLUE, 10)
    for x, y in points:
        _ellipse(d, x - 12, y - 12, x + 12, y + 12, BLUE)
    for speed in range(0, 17, 4):
        _text(d, 245 + speed * 70, 805, str(speed), INK, 36)
    for height in range(0, 11, 2):
        _text(d, 190, 740 - height * 58, str(height), INK, 36)


def altitude(d: Draw) -> None:
    """The height of the flight over time, with the parachute at its end."""
    _chart(d, "Height, km", "Minutes after lift-off")
    points = []
    for i in range(101):
        t = i / 100 * 5.5
        points.append((250 + t * 145, 780 - 620 * max(0, 1 - ((t - 2.85) / 2.85) ** 2)))
    points.append((250 + 8.6 * 145, 778))
    _line(d, points, RED, 10)
    _ellipse(d, 250 + 2.85 * 145 - 14, 146, 250 + 2.85 * 145 + 14, 174, RED)
    _text(d, 250 + 2.85 * 145 + 90, 110, "251.3 km", RED, 44)
    for minute in range(0, 10, 2):
        _text(d, 240 + minute * 145, 805, str(minute), INK, 36)
    for height in range(0, 251, 50):
        _text(d, 160, 760 - height * 2.47, str(height), INK, 36)


def parachute(d: Draw) -> None:
    """The payload under its parachute, above the clouds."""
    _sky(d, (52, 120, 180), (206, 228, 244))
    for i in range(26):
        x, y = i * 173 % WIDTH, 720 + i * 61 % 190
        _ellipse(d, x - 160, y, x + 200, y + 150, (244, 248, 252))
    d.pieslice(_box(540, 110, 1060, 630), 180, 360, fill=RED)
    for i in (1, 3):
        d.pieslice(_box(540, 110, 1060, 630), 180 + i * 36, 216 + i * 36, fill=PAPER)
    for x in (540, 670, 800, 930, 1060):
        _line(d, [(x, 370), (800, 600)], INK, 3)
    _rect(d, 772, 600, 828, 720, PAPER)
    _rect(d, 772, 640, 828, 660, INK)


def boat(d: Draw) -> None:
    """The recovery boat in the fjord."""
    _sky(d, (150, 190, 214), (240, 232, 214))
    _hills(d, 430, 150, (96, 118, 136), seed=12)
    _rect(d, 0, 560, WIDTH, HEIGHT, (38, 78, 104))
    for i in range(60):
        x, y = i * 211 % WIDTH, 585 + i * 37 % 300
        _line(d, [(x, y), (x + 70, y)], (70, 112, 138), 4)
    hull = [(480, 600), (1120, 600), (1040, 720), (560, 720)]
    d.polygon(_scaled(hull), fill=RED)
    _rect(d, 620, 480, 820, 600, PAPER)
    for x in (645, 715):
        _rect(d, x, 510, x + 50, 550, (60, 96, 122))
    _line(d, [(900, 600), (900, 400), (1060, 500)], INK, 10)
    _line(d, [(1060, 500), (1060, 545)], INK, 4)
    _rect(d, 1042, 545, 1078, 595, PAPER)


DRAWINGS: dict[str, Callable[[Draw], None]] = {
    "rail": rail,
    "control": control,
    "wind": wind,
    "altitude": altitude,
    "parachute": parachute,
    "boat": boat,
}


def _scaled(points):
    return [(x * SCALE, y * SCALE) for x, y in points]


def _box(left, top, right, bottom):
    return (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)


def _rect(d, left, top, right, bottom, fill):
    d.rectangle(_box(left, top, right, bottom), fill=fill)


def _ellipse(d, left, top, right, bottom, fill):
    d.ellipse(_box(left, top, right, bottom), fill=fill)


def _line(d, points, fill, width):
    d.line(_scaled(points), fill=fill, width=width * SCALE, joint="curve")


def _text(d, x, y, text, fill, size):
    font = ImageFont.load_default(size * SCALE)
    d.text((x * SCALE, y * SCALE), text, fill=fill, font=font)


def _sky(d, top, bottom):
    for y in range(HEIGHT):
        share = y / HEIGHT
        mixed = (a + (b - a) * share for a, b in zip(top, bottom, strict=True))
        _rect(d, 0, y, WIDTH, y + 1, tuple(round(value) for value in mixed))


def _hills(d, base, height, fill, seed):
    shape = random.Random(seed)
    waves = [(shape.uniform(0.002, 0.009), shape.uniform(0, 6)) for _ in range(3)]
    points = [(0, HEIGHT)]
    for x in range(0, WIDTH + 20, 20):
        swell = sum(math.sin(x * rate + shift) for rate, shift in waves) / 3
        points.append((x, base - height * swell))
    d.polygon(_scaled([*points, (WIDTH, HEIGHT)]), fill=fill)


def _pine(d, x, y, height):
    for i in range(3):
        top, half = y - height + i * height / 4, height * (0.16 + i * 0.07)
        bottom = top + height / 2.4
        d.polygon(
            _scaled([(x, top), (x - half, bottom), (x + half, bottom)]), fill=PINE
        )


def _rocket(d, x, y, angle, size):
    outline = [(0, -240), (16, -200), (18, 150), (42, 190), (-42, 190), (-18, 150)]
    band = [(-18, -60), (18, -60), (18, -30), (-18, -30)]
    for shape, fill in (([*outline, (-16, -200)], PAPER), (band, RED)):
        turned = [
            (
                x + size * (px * math.cos(angle) - py * math.sin(angle)),
                y + size * (px * math.sin(angle) + py * math.cos(angle)),
            )
            for px, py in shape
        ]
        d.polygon(_scaled(turned), fill=fill)


def _chart(d, title, subtitle):
    _rect(d, 0, 0, WIDTH, HEIGHT, PAPER)
    _text(d, 240, 40, title, INK, 52)
    _text(d, WIDTH - 520, 845, subtitle, INK, 36)
    for y in range(160, 781, 124):
        _line(d, [(240, y), (WIDTH - 80, y)], (222, 216, 204), 3)
    _line(d, [(240, 150), (240, 790), (WIDTH - 80, 790)], INK, 5)
