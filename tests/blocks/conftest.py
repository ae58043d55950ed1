from tests.api.conftest import api, issue  # noqa: F401 (fixtures)
