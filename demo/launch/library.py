"""The demo's drawings as images of the site, drawn on first use."""

from __future__ import annotations

from django.core.files.images import ImageFile
from wagtail.images.models import Image

from .drawings import DRAWINGS


def get_image(name: str) -> Image:
    title = f"Launch day: {name.replace('_', ' ')}"
    image = Image.objects.filter(title=title).first()
    if image is None:
        drawing = DRAWINGS[name]
        file = ImageFile(drawing.draw().jpeg(), name=f"{name}.jpg")
        image = Image.objects.create(title=title, file=file, description=drawing.alt)
    return image
