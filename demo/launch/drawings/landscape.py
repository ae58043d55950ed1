"""The surroundings of the range: mountains, water, snow, pines, clouds and people."""

from __future__ import annotations

import itertools
import random

from .canvas import Canvas, Points

PINE = "#22384a"
SKIN = "#d9a887"


def ridge(peaks: Points, roughness: float, seed: int) -> Points:
    """Return the line along the peaks, broken up like rock."""
    chance = random.Random(seed)

    def broken(start, end):
        if end[0] - start[0] < 12:
            return [end]
        shift = (end[0] - start[0]) * roughness
        middle = (
            (start[0] + end[0]) / 2 + chance.uniform(-shift, shift) / 3,
            (start[1] + end[1]) / 2 + chance.uniform(-shift, shift),
        )
        return broken(start, middle) + broken(middle, end)

    line = [peaks[0]]
    for start, end in itertools.pairwise(peaks):
        line += broken(start, end)
    return line


def mountains(canvas: Canvas, peaks: Points, foot: float, colors, seed: int) -> None:
    """Draw mountains lit from the right: rock, snow in the shade, snow in the light."""
    rock, shade, light = colors
    sides = [
        (ridge(list(side), 0.16, seed + number), side[0][1] < side[1][1])
        for number, side in enumerate(itertools.pairwise(peaks))
    ]
    for line, _ in sides:
        canvas.polygon([*line, (line[-1][0], foot), (line[0][0], foot)], rock)
    # The light ones last: their edges lie over the shade.
    for line, is_lit in sorted(sides, key=lambda side: side[1]):
        snowline = _snowline(line, foot, is_lit, seed)
        canvas.polygon([*line, *snowline[::-1]], light if is_lit else shade)


def _snowline(line: Points, foot: float, is_lit: bool, seed: int) -> Points:
    """Return the depth of the snow: far below the peak, and none in the valley."""
    chance = random.Random(seed)
    below = []
    for i, (x, y) in enumerate(line):
        if i % 3 and i < len(line) - 1:
            continue
        share = i / (len(line) - 1)
        nearness = 1 - share if is_lit else share
        depth = (foot - y) * nearness**0.7 * chance.uniform(0.35, 0.8)
        below.append((x - 0.3 * depth if is_lit else x, y + depth))
    return below


def water(canvas: Canvas, top, bottom, colors, glint: str, seed: int = 1) -> None:
    """Draw water with waves that are longer and further apart in the foreground."""
    canvas.gradient(top, bottom, *colors)
    chance = random.Random(seed)
    for _ in range(150):
        nearness = chance.random() ** 1.6
        x, y = chance.uniform(0, canvas.width), top + 6 + (bottom - top) * nearness
        length = 14 + 90 * nearness
        canvas.ellipse(x, y, length, 0.8 + 2.2 * nearness, glint)


def sunlight_on_water(canvas: Canvas, x, top, bottom, color: str, seed=2) -> None:
    chance = random.Random(seed)
    for y in range(int(top) + 4, int(bottom), 7):
        width = 26 + (y - top) * 0.5
        shift = chance.uniform(-0.4, 0.4) * width
        canvas.ellipse(x + shift, y, width * chance.uniform(0.4, 1), 2, color)


def stars(canvas: Canvas, bottom: float, count: int, seed: int = 4) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        x, y = chance.uniform(0, canvas.width), bottom * chance.random() ** 1.5
        canvas.circle(x, y, chance.uniform(0.7, 1.9), "#ffffffa0")


def snow(canvas: Canvas, edge: Points, colors, seed: int = 5) -> None:
    """Draw the ground from its edge to the bottom of the image, with soft drifts."""
    light, drift = colors
    line = ridge(edge, 0.02, seed)
    canvas.polygon([*line, (canvas.width, canvas.height), (0, canvas.height)], light)
    chance = random.Random(seed)
    lowest = max(y for _, y in edge)
    for _ in range(14):
        x = chance.uniform(0, canvas.width)
        y = chance.uniform(lowest + 24, canvas.height + 10)
        canvas.ellipse(x, y, chance.uniform(90, 320), chance.uniform(5, 12), drift)


def pine(canvas: Canvas, x, foot, height, color: str = PINE, frost="#ffffff38") -> None:
    canvas.box(x - height * 0.03, foot - height * 0.15, x + height * 0.03, foot, color)
    for i in range(4):
        top = foot - height + i * height * 0.2
        half, bottom = height * (0.11 + 0.055 * i), top + height * 0.36
        canvas.polygon([(x, top), (x + half, bottom), (x - half, bottom)], color)
        canvas.polygon([(x, top), (x + half, bottom), (x + half * 0.2, bottom)], frost)


def cloud(canvas: Canvas, x, y, size, colors, seed: int) -> None:
    """Draw a cloud with a flat, shaded bottom."""
    light, shade = colors
    chance = random.Random(seed)
    puffs = [
        (x + i * size * 0.2, size * (0.42 - 0.06 * abs(i)) * chance.uniform(0.75, 1.1))
        for i in range(-4, 5)
    ]
    for px, radius in puffs:
        canvas.ellipse(px, y - radius * 0.25, radius, radius * 0.62, shade)
    for px, radius in puffs:
        canvas.ellipse(px, y - radius * 0.45, radius * 0.94, radius * 0.52, light)


def person(canvas: Canvas, x, foot, height, jacket: str, arm=None) -> None:
    """Draw a person in a jacket with a reflective stripe; ``arm`` is the hand's place."""
    unit = height / 10
    for side in (-1, 1):
        left = x + side * unit * 0.75
        canvas.box(
            left - unit * 0.6, foot - unit * 4, left + unit * 0.6, foot, "#26303f"
        )
    if arm:
        canvas.line([(x, foot - unit * 7), arm], jacket, unit * 1.1)
        canvas.circle(*arm, unit * 0.6, SKIN)
    top, bottom = foot - unit * 8, foot - unit * 3.4
    canvas.box(x - unit * 1.6, top, x + unit * 1.6, bottom, jacket, unit * 1.2)
    stripe = foot - unit * 5.2
    canvas.box(x - unit * 1.6, stripe, x + unit * 1.6, stripe + unit * 0.6, "#f6efd9")
    canvas.circle(x, foot - unit * 9, unit * 1.05, SKIN)
    canvas.slice(x, foot - unit * 9.1, unit * 1.2, unit * 1.2, 180, 360, "#2d3a52")
