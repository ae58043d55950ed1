"""The description of the API, held against what there is."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.api.test_content import make_image
from wagtail_live.api.base import NotFoundView
from wagtail_live.api.urls import urlpatterns

pytestmark = pytest.mark.django_db

URL = "/wagtail_live/api/v1/openapi.json"
METHODS = {"get", "post", "patch", "delete"}
POST = (
    "content title author_name authors is_key_event correction show created go_live_at "
    "submitted"
)


@pytest.fixture
def document(client):
    return client.get(URL).json()


def test_the_document_is_openapi(document):
    validate(document)
    assert document["servers"] == [{"url": "http://testserver/wagtail_live/api/v1"}]


def test_each_route_and_method_is_described_and_no_other(document):
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item.keys() & METHODS
    }
    assert described == set(routes())


def routes():
    for pattern in urlpatterns:
        view = getattr(pattern.callback, "cls", None)
        if view is None or view is NotFoundView:
            continue  # the document itself, and what is not there
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        for method in METHODS & set(view.http_method_names):
            if hasattr(view, method):
                yield path.removeprefix("api/v1"), method


@pytest.mark.parametrize(
    ("schema", "fields", "required"),
    [
        ("NewPost", f"{POST} preset", []),
        ("PostChange", POST, []),
        ("ChannelChange", "state summary pinned_post", []),
    ],
)
def test_request_bodies_are_described(document, schema, fields, required):
    described = document["components"]["schemas"][schema]
    assert described["properties"].keys() == set(fields.split())
    assert described.get("required", []) == required


@pytest.mark.parametrize(
    "author", [{"username": "ann"}, {"name": "Ann", "role": "Photos"}]
)
def test_authors_are_described_as_they_are_sent(document, author):
    schema = {"$ref": "#/components/schemas/NewPost"}
    components = {"components": document["components"]}
    body = {"content": "<p>Goal</p>", "authors": [author]}
    Draft202012Validator(schema | components).validate(body)


def test_parameters_are_described(document):
    listing = document["paths"]["/channels/{channel_id}/posts/"]["get"]
    names = {parameter["name"] for parameter in listing["parameters"]}
    assert names == {"before", "limit", "status"}


def test_responses_are_as_described(document, api, anybody, issue):
    checked = Checked(document)
    authors = [{"name": "Ann"}, {"name": "Bob", "role": "Photos"}]
    post = checked(api.add({"content": "Goal", "authors": authors}))
    gone = checked(api.add({"content": "Oops", "show": False}))
    path = f"posts/{post['id']}/"
    image = checked(
        api.client.post(
            f"{api.root}images/",
            {"file": SimpleUploadedFile("goal.jpg", make_image())},
            headers={"Authorization": f"Bearer {api.secret}"},
        )
    )
    checked(api.edit(post["id"], {"content": [image["block"]], "title": "1:0"}))
    checked(api("patch", "", {"state": "live", "pinned_post": post["id"]}))
    checked(api("patch", "stage/", {"values": {}}))
    checked(api("post", "stage/"))
    for caller in (api, anybody):
        for read in ("", "stage/", "posts/?limit=1", "updates/?since=1", path):
            checked(caller.get(read))
    checked(api.delete(gone["id"]))
    api.root = api.root.removesuffix(f"{post_channel(api)}/")
    checked(api.get())
    assert checked.operations == set(routes())
    checked(anybody.get("posts/?limit=x"), status=400)
    checked(anybody.add(), status=401)


def post_channel(api):
    return api.root.rstrip("/").rpartition("/")[2]


class Checked:
    """Holds answers against the schema for their path, method and status."""

    def __init__(self, document):
        self.document = document
        self.operations = set()

    def __call__(self, response, status=None):
        assert response.status_code == status or response.status_code < 300
        match = resolve(response.request["PATH_INFO"])
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", match.route).partition("/v1")[2]
        method = response.request["REQUEST_METHOD"].lower()
        self.operations.add((path, method))
        answers = self.document["paths"][path][method]["responses"]
        answer = answers.get(str(response.status_code), answers["default"])
        if "content" not in answer:
            assert response.content == b""
            return None
        [(media_type, content)] = answer["content"].items()
        assert response["Content-Type"].partition(";")[0] == media_type
        schema = {**content["schema"], "components": self.document["components"]}
        Draft202012Validator(schema).validate(response.json())
        return response.json()
