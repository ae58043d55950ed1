"""Random requests to the API: a status below 500, and problem details for errors.

``FUZZ_EXAMPLES`` sets how many requests each test makes.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_live.api.serializers import ChannelSerializer, PostSerializer
from wagtail_live.models import LivePost

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
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
blocks = st.fixed_dictionaries(
    {
        "type": st.one_of(st.sampled_from(["text", "image"]), values),
        "value": st.one_of(images, values),
    },
    optional={"id": values},
)
contents = st.one_of(values, st.lists(st.one_of(blocks, values), max_size=4))


def bodies(serializer):
    writable = serializer().get_writable()
    fields = dict.fromkeys(writable, values) | {"content": contents}
    named = {name: fields[name] for name in writable}
    return st.one_of(st.fixed_dictionaries({}, optional=named), values)


def send(api, method, path, body):
    response = getattr(api.client, method)(
        api.root + path,
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {api.secret}"},
    )
    assert response.status_code < 500
    if response.status_code >= 400:
        assert response["Content-Type"].startswith("application/problem+json")
        assert response.json()["detail"]
    return response


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.WAGTAIL_LIVE_API_BURST = 10**9
    settings.WAGTAIL_LIVE_API_RATE = 10**6


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


@fuzzed
@given(header=st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_header(api, match_page, header):
    post = match_page.live_posts.first() or match_page.add_live_post("Goal")
    for name in ("Authorization", "If-Match", "Idempotency-Key"):
        response = api.edit(post.pk, {}, **{name: header})
        assert response.status_code < 500
        assert api.add(**{name: header}).status_code < 500
