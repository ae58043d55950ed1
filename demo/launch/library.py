"""The demo's pictures as images of the site, drawn on first use."""

from __future__ import annotations

from django.core.files.images import ImageFile
from wagtail.images.models import Image

from .pictures import PICTURES


def get_image(name: str) -> Image:
    title = f"Launch day: {name.replace('_', ' ')}"
    image = Image.objects.filter(title=title).first()
    if image is None:
        picture = PICTURES[name]
        file = ImageFile(picture.draw().jpeg(), name=f"{name}.jpg")
        image = Image.objects.create(title=title, file=file, description=picture.alt)
    return image
