"""Ternen 4, its rail, its flame, and its payload under the parachute."""

from __future__ import annotations

import itertools

from .canvas import Canvas, Points, place

WHITE, SHADE, RED, INK, STEEL = "#f7f5f0", "#c9cdd8", "#d2452f", "#27324a", "#4d5b76"

# Around the origin, nose up; 1 is 1 pixel at size 1.
OUTLINE: Points = [
    *[(0, -300), (7, -284), (12, -262), (14, -240), (14, 10), (18, 24), (18, 262)],
    *[(-18, 262), (-18, 24), (-14, 10), (-14, -240), (-12, -262), (-7, -284)],
]
SHADED: Points = [
    *[(0, -300), (7, -284), (12, -262), (14, -240), (14, 10), (18, 24), (18, 262)],
    *[(6, 262), (6, 24), (4, 10), (4, -240), (3, -262), (2, -284)],
]
FINS: list[Points] = [
    [(18, 176), (48, 232), (48, 272), (18, 254)],
    [(-18, 176), (-48, 232), (-48, 272), (-18, 254)],
    [(14, -36), (32, -6), (32, 16), (14, 10)],
    [(-14, -36), (-32, -6), (-32, 16), (-14, 10)],
]
BANDS = [(-206, -186, 14, RED), (-178, -172, 14, RED), (28, 40, 18, INK)]
MIDDLE_FINS = [(-4, 168, 4, 270), (-3, -40, 3, 14)]


def rocket(canvas: Canvas, x, y, angle: float = 0, size: float = 1) -> None:
    def draw(points, fill):
        canvas.polygon(place(points, x, y, angle, size), fill)

    for i, fin in enumerate(FINS):
        draw(fin, SHADE if i % 2 else RED)
    draw([(-10, 262), (10, 262), (14, 276), (-14, 276)], INK)
    draw(OUTLINE, WHITE)
    for top, bottom, half, color in BANDS:
        draw([(-half, top), (half, top), (half, bottom), (-half, bottom)], color)
    draw(SHADED, "#2a3a5e38")
    for left, top, right, bottom in MIDDLE_FINS:
        draw([(left, top), (right, top), (right, bottom), (left, bottom)], "#8f2f22")


def rail(canvas: Canvas, x, y, angle: float = 0, size: float = 1) -> None:
    """Draw the launcher below a rocket at the same place: a lattice boom on its mount."""
    left, right, top, bottom = -64, -30, -260, 286
    beam = 9 * size
    for side in (left, right):
        ends = place([(side, top), (side, bottom)], x, y, angle, size)
        canvas.line(ends, INK, beam)
    rungs = [
        (left if i % 2 else right, top + i * (bottom - top) / 18) for i in range(19)
    ]
    canvas.line(place(rungs, x, y, angle, size), STEEL, beam * 0.5)
    for height in (-120, 60, 200):
        shoe = [
            (right, height),
            (-12, height),
            (-12, height + 10),
            (right, height + 10),
        ]
        canvas.polygon(place(shoe, x, y, angle, size), INK)
    _mounting(canvas, x, y, angle, size)


def _mounting(canvas: Canvas, x, y, angle, size) -> None:
    (foot,) = place([(-47, 286)], x, y, angle, size)
    (grip,) = place([(-60, 40)], x, y, angle, size)
    ground = foot[1] + 34 * size
    canvas.line([grip, (foot[0] - 150 * size, ground)], STEEL, 14 * size)
    canvas.line([grip, (foot[0] - 185 * size, ground)], INK, 7 * size)
    canvas.polygon(
        [
            (foot[0] - 215 * size, ground + 26 * size),
            (foot[0] - 195 * size, ground - 8 * size),
            (foot[0] + 95 * size, ground - 8 * size),
            (foot[0] + 115 * size, ground + 26 * size),
        ],
        "#3a4560",
    )
    canvas.circle(*foot, 24 * size, INK)
    canvas.circle(*foot, 9 * size, "#8b97b0")


def flame(canvas: Canvas, x, y, angle: float = 0, size: float = 1) -> None:
    """Draw the flame below a rocket at the same place."""
    (nozzle,) = place([(0, 330)], x, y, angle, size)
    canvas.glow(*nozzle, 260 * size, "#ffd27a", 0.9)
    layers = [("#ff8a3c", 30, 620), ("#ffc14d", 20, 520), ("#fff6d8", 10, 420)]
    for color, half, length in layers:
        shape = [(-half * 0.6, 274), (half * 0.6, 274), (half, 330), (0, length)]
        canvas.polygon(place([*shape, (-half, 330)], x, y, angle, size), color)


def payload(canvas: Canvas, x, y, angle: float = 0, size: float = 1) -> None:
    """Draw the payload: a slightly scorched cylinder with the instruments."""

    def draw(points, fill):
        canvas.polygon(place(points, x, y, angle, size), fill)

    draw([(-26, -90), (26, -90), (26, 84), (18, 96), (-18, 96), (-26, 84)], WHITE)
    draw([(-26, -46), (26, -46), (26, -22), (-26, -22)], RED)
    draw([(-26, 0), (26, 0), (26, 12), (-26, 12)], INK)
    draw([(-26, 48), (26, 56), (26, 84), (18, 96), (-18, 96), (-26, 84)], "#6b5a4a66")
    draw([(8, -90), (26, -90), (26, 84), (18, 96), (8, 96)], "#2a3a5e38")
    draw([(-26, -90), (26, -90), (14, -104), (-14, -104)], STEEL)


def parachute(canvas: Canvas, x, y, size: float = 1) -> None:
    """Draw the canopy, its lines, and the payload, which hangs from (x, y)."""
    half, rim, gores = 270 * size, y - 330 * size, 8
    edges = [x + half * (2 * i / gores - 1) for i in range(gores + 1)]
    for edge in edges:
        canvas.line([(edge, rim), (x, y)], "#3b4c68", 2.2 * size)
    for i in range(gores // 2):
        # From the outside in: each gore covers the middle of the one before.
        reach = half * (1 - 2 * i / gores)
        for side in (-1, 1):
            start, end = (180, 270) if side < 0 else (270, 360)
            color = RED if i % 2 else WHITE
            canvas.slice(x, rim, reach, half * 0.86, start, end, color)
    canvas.slice(x, rim, half, half * 0.86, 270, 360, "#1c2d5024")
    for left, right in itertools.pairwise(edges):
        middle, width = (left + right) / 2, (right - left) / 2
        canvas.slice(middle, rim, width, 16 * size, 180, 360, "#1c2d5030")
    canvas.line([(x, y), (x, y + 60 * size)], "#3b4c68", 5 * size)
    payload(canvas, x, y + 150 * size, 4, size)
