import pytest
from wagtail.models import Site


@pytest.fixture(autouse=True)
def no_cached_sites():
    """Forget the sites of a test, which Wagtail keeps for an hour."""
    yield
    Site.clear_site_root_paths_cache()
