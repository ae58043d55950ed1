"""What readers of the test site see of its authors."""

from tests.testapp.models import AuthorPage


def get_profiles(authors):
    """Return the jobs and the portraits of author pages."""
    keys = [author.pk for author in authors if isinstance(author, AuthorPage)]
    pages = AuthorPage.objects.filter(pk__in=keys).select_related("portrait")
    return {
        page.pk: {"role": page.job, "picture": page.portrait and page.portrait.file.url}
        for page in pages
    }
