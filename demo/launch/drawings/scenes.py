"""The illustrations: the range on the launch day, and the newspaper's people."""

from __future__ import annotations

import math
import random

from .canvas import Canvas
from .landscape import (
    cloud,
    mountains,
    person,
    pine,
    snow,
    stars,
    sunlight_on_water,
    water,
)
from .rocket import flame, parachute, payload, rail, rocket

ORANGE, NAVY = "#e8762c", "#2b4a78"


def fjord() -> Canvas:
    """Draw the rocket on its rail at dawn, above the fjord."""
    canvas = Canvas(1600, 800)
    dawn = ("#12203f", "#2a3a68", "#6a5f8d", "#c98591", "#f6b78b", "#ffe0ab")
    canvas.gradient(0, 480, *dawn)
    stars(canvas, 230, 120)
    canvas.glow(1130, 478, 430, "#ffe9b8", 0.85)
    far = [(0, 400), (150, 330), (290, 410), (460, 352), (640, 436), (800, 380)]
    far += [(980, 440), (1120, 470), (1300, 420), (1440, 350), (1600, 400)]
    mountains(canvas, far, 486, ("#8f7f9f", "#a894ae", "#e9b7a4"), seed=3)
    near = [(0, 452), (170, 404), (330, 470), (520, 486)]
    mountains(canvas, near, 490, ("#5d608c", "#7c7ba3", "#c79dab"), seed=6)
    near = [(1240, 488), (1390, 430), (1500, 380), (1600, 300)]
    mountains(canvas, near, 490, ("#4c5283", "#6f71a0", "#a58fb0"), seed=11)
    water(canvas, 480, 660, ("#f2bd97", "#a97f98", "#4a5583"), "#ffe6c438")
    sunlight_on_water(canvas, 1130, 482, 640, "#fff0cbb0")
    edge = [(0, 590), (300, 602), (620, 640), (900, 660), (1200, 640), (1600, 600)]
    snow(canvas, edge, ("#c9cfe6", "#a9b4d680"))
    _huts(canvas, 1150, 680)
    for i, x in enumerate((40, 96, 150, 204, 1490, 1545, 1588)):
        pine(canvas, x, 650 + 37 * i % 60, 120 + 53 * i % 70)
    canvas.ellipse(500, 742, 330, 12, "#7f8cb866")
    rail(canvas, 560, 400, 8.5, 1.05)
    rocket(canvas, 560, 400, 8.5, 1.05)
    person(canvas, 760, 742, 66, ORANGE)
    person(canvas, 804, 748, 68, ORANGE)
    return canvas


def _huts(canvas: Canvas, x, foot) -> None:
    """Draw the houses of the range, with light in the windows, and its mast."""
    canvas.line([(x + 265, foot), (x + 265, foot - 200)], "#35405f", 4)
    canvas.glow(x + 265, foot - 202, 30, "#ff5a48")
    canvas.circle(x + 265, foot - 202, 4, "#ffb3a5")
    for left, width, color in ((0, 130, "#8c3b3a"), (146, 96, "#a5553f")):
        top = foot - 52
        canvas.box(x + left, top, x + left + width, foot, color)
        roof = [(x + left - 10, top), (x + left + width + 10, top)]
        ends = [(x + left + width - 14, top - 28), (x + left + 14, top - 28)]
        canvas.polygon([*roof, *ends], "#e4e8f5")
        for window in range(left + 16, left + width - 20, 32):
            canvas.glow(x + window + 8, top + 24, 26, "#ffd98a", 0.7)
            canvas.box(x + window, top + 14, x + window + 16, top + 34, "#ffe3a1")


def arming() -> Canvas:
    """Draw two technicians in orange at the foot of the rocket."""
    canvas = Canvas()
    canvas.gradient(0, 640, "#6f9cc9", "#b5cfe4", "#f3dfc8")
    peaks = [(0, 520), (200, 400), (380, 510), (600, 450), (820, 560), (1050, 500)]
    peaks += [(1260, 380), (1430, 470), (1600, 400)]
    mountains(canvas, peaks, 650, ("#8195b8", "#a9bad6", "#f2efec"), seed=21)
    snow(
        canvas, [(0, 640), (500, 628), (1100, 640), (1600, 622)], ("#eef2f8", "#d3dded")
    )
    canvas.ellipse(760, 812, 440, 22, "#b9c8de")
    rail(canvas, 820, 320, 8.5, 1.5)
    rocket(canvas, 820, 320, 8.5, 1.5)
    person(canvas, 930, 838, 190, ORANGE, arm=(874, 690))
    person(canvas, 1050, 850, 196, ORANGE)
    canvas.box(1130, 800, 1210, 850, "#3f6f9f", 8)
    canvas.box(1156, 786, 1184, 800, "#2b4a78", 4)
    return canvas


def balloon() -> Canvas:
    """Draw a person in a red jacket who releases a white weather balloon."""
    canvas = Canvas()
    canvas.gradient(0, 680, "#5b86bd", "#a9c6df", "#fbe3c6")
    canvas.glow(300, 640, 420, "#fff0cc", 0.8)
    peaks = [(0, 560), (240, 470), (470, 570), (760, 500), (1000, 590), (1240, 480)]
    mountains(
        canvas,
        [*peaks, (1430, 560), (1600, 500)],
        680,
        ("#8da0c0", "#b4c3da", "#f6ede2"),
        seed=31,
    )
    snow(canvas, [(0, 670), (700, 650), (1600, 676)], ("#f0f3f9", "#d8e1ef"))
    for i, x in enumerate((70, 130, 1370, 1440, 1530)):
        pine(canvas, x, 700 + 23 * i % 40, 110 + 41 * i % 60)
    canvas.line([(905, 330), (880, 470), (850, 640)], "#55627c", 2.5)
    canvas.box(862, 456, 900, 500, "#fbfbfb", 5)
    canvas.box(862, 472, 900, 480, "#d2452f")
    canvas.polygon([(905, 342), (893, 318), (917, 318)], "#d7dbe4")
    canvas.ellipse(905, 190, 132, 142, "#d9dfea")
    canvas.ellipse(890, 182, 116, 130, "#eef0f3")
    canvas.ellipse(876, 172, 96, 112, "#f9f9f7")
    canvas.ellipse(850, 124, 26, 34, "#ffffff")
    canvas.ellipse(810, 844, 120, 10, "#c3cfe2")
    person(canvas, 800, 844, 220, "#c8402f", arm=(848, 640))
    return canvas


def control() -> Canvas:
    """Draw mission control: five people at their desks, in front of the big screen."""
    canvas = Canvas(color="#131c2c")
    canvas.gradient(0, 900, "#1b2740", "#131c2e", "#0d1420")
    canvas.glow(800, 260, 760, "#3f78b8", 0.35)
    _big_screen(canvas)
    _curves(canvas, 90, 90, ("#7fe3b0", "#7fe3b0"))
    _curves(canvas, 90, 290, ("#f4c164", "#f4c164"))
    canvas.box(1220, 90, 1510, 270, "#0c1626", 8)
    canvas.text(1365, 150, "COUNTDOWN", "#8fb4dc", 22, "ms")
    canvas.text(1365, 225, "T - 60:00", "#ffffff", 52, "ms")
    for i, desk in enumerate(("TELEMETRY", "RADAR", "WEATHER", "PAYLOAD")):
        y = 312 + i * 40
        canvas.circle(1242, y, 9, "#5fe08f")
        canvas.text(1266, y, desk, "#c6d8ee", 22, "lm")
    for i in range(5):
        _desk(
            canvas, 210 + i * 295, (NAVY, "#7c3f3a", "#3d6b5e", "#5b4a7c", NAVY)[i], i
        )
    return canvas


def _big_screen(canvas: Canvas) -> None:
    canvas.box(420, 80, 1180, 470, "#0c1a2e", 10)
    coast = [(430, 460), (430, 330), (520, 350), (570, 310), (650, 350), (690, 400)]
    canvas.polygon([*coast, (760, 420), (790, 460)], "#23405c")
    for x in range(480, 1180, 100):
        canvas.line([(x, 90), (x, 460)], "#ffffff0e", 1)
    for y in range(120, 470, 70):
        canvas.line([(430, y), (1170, y)], "#ffffff0e", 1)
    arc = [
        (620 + i * 4.4, 350 - 220 * math.sin(math.pi * i / 100))
        for i in range(0, 101, 2)
    ]
    for start, end in zip(arc[::2], arc[1::2], strict=False):
        canvas.line([start, end], "#ffb35c", 4)
    canvas.circle(620, 350, 9, "#ff6b52")
    canvas.ellipse(1060, 352, 70, 24, "#ffb35c30")
    canvas.circle(1060, 350, 6, "#ffd9a6")
    canvas.text(450, 125, "TERNEN 4   NOMINAL TRAJECTORY", "#8fb4dc", 22)


def _curves(canvas: Canvas, left, top, colors) -> None:
    canvas.box(left, top, left + 290, top + 180, "#0c1626", 8)
    chance = random.Random(top)
    for i, color in enumerate(colors):
        y = top + 60 + i * 62
        points = [
            (left + 20 + x * 5, y + 16 * math.sin(x / (5 + i)) + chance.uniform(-5, 5))
            for x in range(51)
        ]
        canvas.line(points, color, 3)


def _desk(canvas: Canvas, x, shirt, number) -> None:
    hair = ("#2b211c", "#8a5a34", "#1d1a1a", "#c79a56", "#55402f")[number]
    for side in (-1, 1):
        middle = x + side * 64
        canvas.glow(middle, 590, 130, "#6fb4f0", 0.4)
        canvas.box(middle - 58, 545, middle + 58, 625, "#18324e", 6)
        for row in range(4):
            y = 560 + row * 15
            width = 30 + (number * 37 + row * 29 + side * 17) % 62
            canvas.box(middle - 46, y, middle - 46 + width, y + 6, "#8cc7f2")
    canvas.box(x - 146, 640, x + 146, 662, "#3a475f", 4)
    canvas.box(x - 86, 700, x + 86, 930, "#222c3f", 40)
    canvas.slice(x, 880, 108, 190, 180, 360, shirt)
    canvas.box(x - 20, 660, x + 20, 710, "#c79477", 10)
    canvas.ellipse(x, 626, 50, 58, hair)
    canvas.line(
        [(x - 52, 628), (x - 40, 574), (x, 556), (x + 40, 574), (x + 52, 628)],
        "#0e1522",
        8,
    )
    for side in (-1, 1):
        canvas.ellipse(x + side * 51, 632, 12, 20, "#0e1522")


def liftoff() -> Canvas:
    """Draw the rocket, which rises on its flame above a cloud of smoke."""
    canvas = Canvas()
    canvas.gradient(0, 700, "#3f6fae", "#86aed6", "#f1e2d0")
    peaks = [(0, 600), (220, 520), (420, 610), (700, 570), (960, 640), (1200, 540)]
    mountains(
        canvas,
        [*peaks, (1420, 610), (1600, 530)],
        710,
        ("#7a90b6", "#a3b5d2", "#f4ede6"),
        seed=41,
    )
    snow(canvas, [(0, 700), (800, 690), (1600, 706)], ("#f3f0ee", "#dcdfe9"))
    canvas.glow(800, 720, 520, "#ffcf8a", 0.75)
    rail(canvas, 700, 560, 8.5, 0.75)
    _smoke(canvas)
    flame(canvas, 905, 235, 8.5, 0.66)
    rocket(canvas, 905, 235, 8.5, 0.66)
    return canvas


def _smoke(canvas: Canvas) -> None:
    chance = random.Random(7)
    column = [(848 - i * 3.6, 560 + i * 9, 20 + i * 2) for i in range(26)]
    billows = []
    for _ in range(150):
        reach = chance.triangular(-1, 1, 0)
        radius = (1 - 0.6 * abs(reach)) * chance.uniform(44, 62)
        billows.append((750 + 470 * reach, 815 - chance.random() * radius * 2, radius))
    puffs = [
        (x + chance.uniform(-0.25, 0.25) * radius, y, radius)
        for x, y, radius in [*column, *sorted(billows, key=lambda puff: puff[1])]
    ]
    for x, y, radius in puffs:
        canvas.circle(x + 7, y + 9, radius, "#bdbac8")
    for x, y, radius in puffs:
        canvas.circle(x, y, radius, "#d9d5da")
        canvas.circle(x - radius * 0.1, y - radius * 0.1, radius * 0.88, "#efebe8")
        canvas.circle(x - radius * 0.24, y - radius * 0.26, radius * 0.55, "#faf7f3")


def descent() -> Canvas:
    """Draw the payload under its red and white parachute, above clouds and sea."""
    canvas = Canvas()
    canvas.gradient(0, 900, "#1f4f8f", "#4f8fc8", "#a9d3ea", "#dceef5")
    for i in range(5):
        colors = ("#ffffff", "#d5e6f1")
        cloud(canvas, 130 + i * 345, 868 + 37 * i % 40, 300 + 53 * i % 90, colors, i)
    cloud(canvas, 270, 300, 150, ("#f4fafd", "#cfe2ef"), 12)
    cloud(canvas, 1330, 190, 190, ("#f4fafd", "#c3daeb"), 13)
    parachute(canvas, 800, 520, 0.88)
    return canvas


def recovery() -> Canvas:
    """Draw the red recovery boat, which lifts the payload out of the fjord."""
    canvas = Canvas()
    canvas.gradient(0, 520, "#7fb0d6", "#c5dceb", "#f7ead6")
    peaks = [(0, 420), (180, 300), (340, 400), (560, 270), (760, 410), (940, 350)]
    peaks += [(1140, 440), (1330, 310), (1480, 390), (1600, 330)]
    mountains(canvas, peaks, 530, ("#6f87ad", "#9db1cf", "#f7f2ec"), seed=51)
    water(canvas, 520, 900, ("#9fc0d3", "#4d86a8", "#245577"), "#ffffff30", seed=9)
    _boat(canvas)
    canvas.line([(1260, 334), (1260, 520)], NAVY, 3)
    payload(canvas, 1260, 600, 6, 0.82)
    for x, y in ((1248, 700), (1270, 715), (1258, 738), (1276, 690)):
        canvas.ellipse(x, y, 3, 7, "#e6f4fb")
    canvas.ellipse(1262, 772, 60, 8, "#ffffff60")
    return canvas


def _boat(canvas: Canvas) -> None:
    canvas.box(470, 440, 770, 640, "#fbf9f4", 10)
    canvas.box(520, 340, 730, 450, "#fbf9f4", 10)
    canvas.box(505, 332, 745, 348, "#d2452f", 4)
    for x in range(540, 720, 60):
        canvas.box(x, 368, x + 46, 412, "#35618a", 6)
    for x in range(510, 740, 70):
        canvas.circle(x + 14, 520, 17, "#35618a")
    canvas.line([(620, 332), (620, 210)], "#4d5b76", 7)
    canvas.line([(580, 250), (660, 250)], "#4d5b76", 5)
    canvas.circle(620, 205, 7, "#d2452f")
    canvas.line([(930, 640), (930, 400), (1262, 334)], "#e2a33b", 18)
    canvas.line([(930, 520), (1080, 372)], "#c98a2a", 9)
    person(canvas, 860, 640, 120, ORANGE)
    person(canvas, 1000, 640, 124, ORANGE, arm=(1060, 560))
    hull = [(400, 610), (1110, 610), (1180, 560), (1120, 740), (1080, 775), (470, 775)]
    canvas.polygon(hull, "#c8402f")
    canvas.polygon(
        [(404, 622), (1108, 622), (1170, 585), (1158, 606), (1112, 640), (412, 640)],
        "#fbf9f4",
    )
    canvas.polygon([(455, 745), (1112, 745), (1080, 790), (480, 790)], "#7d2a22")
    canvas.text(560, 706, "HAVSULA", "#ffffff", 44)
    for i in range(16):
        canvas.ellipse(430 + i * 46, 784 + 5 * (i % 3), 52, 11, "#d9ebf3")
    for i in range(12):
        canvas.ellipse(470 + i * 54, 800 + 7 * (i % 2), 44, 7, "#3a7197")


def portrait(cap: str, peak: str, coat: str, hair: str) -> Canvas:
    """Draw one of the newspaper's people, in a cap."""
    canvas = Canvas(240, 240)
    canvas.gradient(0, 240, "#8fb8d9", "#e6eef3")
    canvas.slice(120, 262, 92, 92, 180, 360, coat)
    canvas.box(64, 100, 176, 204, hair, 30)
    canvas.box(100, 150, 140, 204, "#cf9a78", 18)
    canvas.ellipse(120, 124, 46, 54, "#e0b08f")
    canvas.slice(120, 106, 56, 60, 180, 360, cap)
    canvas.box(60, 100, 180, 114, peak, 7)
    for side in (-1, 1):
        canvas.circle(120 + side * 17, 130, 4, "#2b211c")
    canvas.slice(120, 146, 15, 10, 0, 180, "#a8503f")
    return canvas
