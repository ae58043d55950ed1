"""Random requests to the API: a status below 500, and problem details for errors.

``FUZZ_EXAMPLES`` sets how many requests each test makes; a release needs 20,000 bodies, each
answered in 50 ms of processor time a kilobyte.
"""

import json
import os
import time

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.linear import HTML_PATTERNS
from wagtail_live.api.serializers import ChannelSerializer, PostSerializer
from wagtail_live.models import LivePost

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
# Seconds of processor time for each kilobyte. Only a run that was asked for is strict.
SLOWEST = 0.05 if "FUZZ_EXAMPLES" in os.environ else 1.0
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
pytestmark = pytest.mark.django_db

texts = st.text(st.characters(exclude_categories=()), max_size=40)
odd = st.sampled_from(
    [
        *("", "\x00", "\ud800", "\u202e", "x" * 10_000, "nan", "1e400", "2999-01-01"),
        *("<b", "javascript:alert(1)", "https://[", "//evil.example", "true", "all"),
        *(10**400, -1, 2**63, float("nan"), float("inf"), "draft", "published"),
    ]
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, odd),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=10,
)
images = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("image", "alt_text", "decorative"), values)
)
# Some of it is long.
markup = st.builds(
    lambda parts, count: "".join(parts) * count,
    st.lists(st.sampled_from(HTML_PATTERNS) | texts, min_size=1, max_size=8),
    st.sampled_from([1, 1, 1, 2, 50, 1000]),
)
blocks = st.fixed_dictionaries(
    {
        "type": st.one_of(st.sampled_from(["text", "image"]), values),
        "value": st.one_of(markup, images, values),
    },
    optional={"id": values},
)
contents = st.one_of(markup, values, st.lists(st.one_of(blocks, values), max_size=4))


def bodies(serializer):
    writable = serializer().get_writable()
    fields = dict.fromkeys(writable, values)
    fields |= {"content": contents, "summary": markup | values}
    named = {name: fields[name] for name in writable}
    return st.one_of(st.fixed_dictionaries({}, optional=named), values)


def send(api, method, path, body):
    data = json.dumps(body)
    limit = SLOWEST * max(1, len(data) / 1024)
    response, seconds = send_once(api, method, path, data)
    for _ in range(3):  # it may have been another process, or the garbage collector
        if seconds > limit:
            with transaction.atomic():
                seconds = send_once(api, method, path, data)[1]
                transaction.set_rollback(True)
    assert seconds <= limit
    assert response.status_code < 500
    if response.status_code >= 400:
        assert response["Content-Type"].startswith("application/problem+json")
        assert response.json()["detail"]
    return response


def send_once(api, method, path, data):
    """Return the response, and the time to make it."""
    start = time.thread_time()
    response = getattr(api.client, method)(
        api.root + path,
        data,
        content_type="application/json",
        headers={"Authorization": f"Bearer {api.secret}"},
    )
    return response, time.thread_time() - start


@pytest.fixture(autouse=True)
def no_limits(api, settings):
    settings.WAGTAIL_LIVE_API_BURST = 10**9
    settings.WAGTAIL_LIVE_API_RATE = 10**6
    api.add()  # with all imports and caches of a first request


@fuzzed
@given(body=bodies(PostSerializer))
def test_any_new_post(api, body):
    before = LivePost.objects.count()
    is_added = send(api, "post", "posts/", body).status_code == 201
    assert LivePost.objects.count() == before + is_added


@fuzzed
@given(body=bodies(PostSerializer))
def test_any_change_of_a_post(api, match_page, body):
    post = match_page.live_posts.first() or match_page.add_live_post("Goal")
    send(api, "patch", f"posts/{post.pk}/", body)


@fuzzed
@given(body=bodies(ChannelSerializer))
def test_any_change_of_a_page(api, body):
    send(api, "patch", "", body)


@fuzzed
@given(
    query=st.dictionaries(st.sampled_from(["before", "limit", "since"]), texts | odd)
)
def test_any_query(api, query):
    pairs = {
        name: str(value).encode("utf-8", "replace") for name, value in query.items()
    }
    for path in ("posts/", "updates/", ""):
        response = api.client.get(api.root + path, pairs)
        assert response.status_code < 500


@pytest.mark.slow
@fuzzed
@given(header=st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_header(api, match_page, header):
    post = match_page.live_posts.first() or match_page.add_live_post("Goal")
    for name in ("Authorization", "If-Match", "Idempotency-Key"):
        response = api.edit(post.pk, {}, **{name: header})
        assert response.status_code < 500
        assert api.add(**{name: header}).status_code < 500
