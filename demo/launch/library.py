"""The demo's images, film and sound, made on first use, and its link card."""

from __future__ import annotations

from django.core.files import File
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from wagtail.embeds.models import Embed
from wagtail.images.models import Image
from wagtail.models import Page
from wagtailmedia.models import Media

from wagtail_live.blocks.embeds import get_card_hash

from .drawings import DRAWINGS, film

CARD_IMAGE, CARD_SIZE = "live_blog_cards/rehearsal.jpg", (640, 320)


def get_image(name: str) -> Image:
    title = f"Launch day: {name.replace('_', ' ')}"
    image = Image.objects.filter(title=title).first()
    if image is None:
        drawing = DRAWINGS[name]
        file = ImageFile(drawing.draw().jpeg(), name=f"{name}.jpg")
        image = Image.objects.create(title=title, file=file, description=drawing.alt)
    return image


def get_film() -> Media:
    media = Media.objects.filter(type="video").first()
    return media or Media.objects.create(
        title="Lift-off of Ternen 4",
        type="video",
        file=File(film.make_film(), name="liftoff.webm"),
        thumbnail=File(film.draw_poster(), name="liftoff.jpg"),
        width=film.WIDTH,
        height=film.HEIGHT,
        duration=film.SECONDS,
    )


def get_siren() -> Media:
    media = Media.objects.filter(type="audio").first()
    return media or Media.objects.create(
        title="Siren of the range",
        type="audio",
        file=File(film.make_siren(), name="siren.wav"),
        duration=film.BLASTS * (film.BLAST + film.PAUSE),
    )


def get_card(slug: str) -> str:
    """Return the URL of a page, and store its card, which the demo could not request: its
    address is private."""
    page = Page.objects.get(slug=slug)
    url = page.full_url
    if not default_storage.exists(CARD_IMAGE):
        image = get_image("control").get_rendition("fill-640x320|format-jpeg")
        with image.file.open() as file:
            default_storage.save(CARD_IMAGE, file)
    width, height = CARD_SIZE
    card = {
        "url": url,
        "type": "link",
        "title": page.title,
        "provider_name": page.get_site().site_name,
        "thumbnail_url": CARD_IMAGE,
        "width": width,
        "height": height,
    }
    Embed.objects.update_or_create(hash=get_card_hash(url), defaults=card)
    return url
