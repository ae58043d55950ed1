"""A film of the lift-off, drawn frame by frame, and the sound of the siren."""

from __future__ import annotations

import math
import wave
from io import BytesIO

from PIL import Image

from . import webm
from .canvas import Canvas
from .landscape import snow
from .rocket import flame, rail, rocket

WIDTH, HEIGHT = 640, 360
FRAMES_PER_SECOND, SECONDS = 15, 4
SAMPLE_RATE, BLASTS, BLAST, PAUSE = 11_025, 3, 0.7, 0.4  # seconds


def draw_frame(second: float) -> Image.Image:
    """Draw the rocket: on its rail for a second, then rising faster and faster."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.gradient(0, 300, "#3f6fae", "#86aed6", "#f1e2d0")
    flight = max(0.0, second - 1)
    rail(canvas, 300, 190, 8.5, 0.33)
    x, y = 300 + 5 * flight**2, 190 - 34 * flight**2
    if second > 0.6:
        flame(canvas, x, y, 8.5, 0.33)
    rocket(canvas, x, y, 8.5, 0.33)
    snow(canvas, [(0, 300), (320, 297), (640, 302)], ("#f3f0ee", "#dcdfe9"))
    for number in range(22):
        # The smoke spreads along the ground, from the rail to both sides.
        age = max(0.0, second - 0.6 - number * 0.06)
        reach = (1 if number % 2 else -1) * (14 + 9 * number) * min(1, age)
        radius = min(26, 12 * age) + number % 3
        for shift, color in ((3, "#bdbac8"), (0, "#efebe8")):
            if age:
                canvas.circle(296 + reach + shift, 304 - radius / 2, radius, color)
    return canvas.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def draw_poster() -> BytesIO:
    file = BytesIO()
    draw_frame(2.2).save(file, "JPEG", quality=88)
    file.seek(0)
    return file


def make_film() -> BytesIO:
    moments = (i / FRAMES_PER_SECOND for i in range(FRAMES_PER_SECOND * SECONDS))
    frames = [draw_frame(second) for second in moments]
    return webm.write(frames, FRAMES_PER_SECOND)


def make_siren() -> BytesIO:
    """Return a WAV file with three blasts of the siren."""
    file = BytesIO()
    samples = bytearray()
    for i in range(round(SAMPLE_RATE * BLASTS * (BLAST + PAUSE))):
        moment = i / SAMPLE_RATE % (BLAST + PAUSE)
        loudness = max(0, math.sin(math.pi * moment / BLAST)) if moment < BLAST else 0
        tone = math.sin(2 * math.pi * 440 * moment) + math.sin(math.tau * 554 * moment)
        samples.append(128 + round(40 * loudness**0.3 * tone))
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 1, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes(bytes(samples))
    file.seek(0)
    return file
