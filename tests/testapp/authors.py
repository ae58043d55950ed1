"""What readers of the test site see of its authors, as docs/authors.md advises."""

from django.db.models import Prefetch
from wagtail.images import get_image_model

from tests.testapp.models import AuthorPage

PORTRAIT = "fill-96x96"


def get_profiles(authors):
    """Return the jobs and the portraits of author pages, and nothing of others."""
    if not isinstance(authors[0], AuthorPage):
        return {}
    images = get_image_model().objects.prefetch_renditions(PORTRAIT)
    pages = AuthorPage.objects.prefetch_related(Prefetch("portrait", images))
    found = pages.filter(pk__in=[author.pk for author in authors])
    return {page.pk: describe(page) for page in found}


def describe(page):
    picture = page.portrait and page.portrait.get_rendition(PORTRAIT).url
    return {"role": page.job, "picture": picture}
