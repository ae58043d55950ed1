import pytest

from tests.sites.started import StartedSite


@pytest.fixture(scope="session")
def fresh_site(tmp_path_factory):
    return StartedSite.create(tmp_path_factory.mktemp("started"))


@pytest.fixture
def started_site(fresh_site, tmp_path):
    """A site of this test's own, without wagtail_live."""
    return fresh_site.copy(tmp_path)
