"""The description of the API in OpenAPI 3.1; a test holds it against what is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from .. import __version__
from .schemas import SCHEMAS

CHANNEL = "/channels/{channel_id}/"
POST = CHANNEL + "posts/{post_id}/"


@login_not_required
def view(request: HttpRequest) -> JsonResponse:
    """The document, for this site's address."""
    root = request.build_absolute_uri(reverse("live-api-channels"))
    response = JsonResponse(build(root.removesuffix("/channels/")))
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def build(root: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Live blogs",
            "version": __version__,
            "description": "Write and read live pages. Reading what readers see needs "
            "no token. Errors are problem details (RFC 9457).",
        },
        "servers": [{"url": root}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    summary: str,
    answer: str | None,
    *,
    status: int = HTTPStatus.OK,
    parameters: tuple[str, ...] = (),
    body: str | None = None,
    public: bool = False,
    media_type: str = "application/json",
) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if answer:
        success["content"] = {"application/json": {"schema": _ref("schemas", answer)}}
    problem = {"schema": _ref("schemas", "Problem")}
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": [_ref("parameters", name) for name in parameters],
        "responses": {
            str(int(status)): success,
            "default": {
                "description": "The request was refused, for the reason given.",
                "content": {"application/problem+json": problem},
            },
        },
        "security": [{}, {"token": []}] if public else [{"token": []}],
    }
    if body:
        schema = _ref("schemas", body)
        content = {media_type: {"schema": schema}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _parameter(
    where: str, name: str, schema: dict, description: str, *, required: bool = False
) -> dict[str, Any]:
    return {
        "in": where,
        "name": name,
        "schema": schema,
        "description": description,
        "required": required,
    }


PARAMETERS = {
    "channel_id": _parameter(
        *("path", "channel_id", {"type": "string"}),
        "The public id of the page's channel.",
        required=True,
    ),
    "post_id": _parameter(
        *("path", "post_id", {"type": "string", "format": "uuid"}),
        "The id of the post.",
        required=True,
    ),
    "before": _parameter(
        *("query", "before", {"type": "string"}),
        "A position in the list, from the answer's `next`.",
    ),
    "limit": _parameter(
        *("query", "limit"),
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
        "The most posts to list.",
    ),
    "status": _parameter(
        *("query", "status"),
        {
            "enum": ["all", *SCHEMAS["Post"]["properties"]["status"]["enum"]],
            "default": "published",
        },
        "Which posts to list; all but `published` need a token.",
    ),
    "since": _parameter(
        *("query", "since", {"type": "number"}),
        "The `cursor` of the answer before.",
        required=True,
    ),
    "if_match": _parameter(
        *("header", "If-Match", {"type": "string"}),
        "The `ETag` of the post as it was read; 412 if it has changed since.",
    ),
    "idempotency_key": _parameter(
        *("header", "Idempotency-Key"),
        {"type": "string", "pattern": "^[!-~]{1,200}$"},
        "Makes it safe to send the request again: nothing is added twice.",
    ),
}

PATHS = {
    "/channels/": {"get": _operation("List the pages of the token", "Channels")},
    CHANNEL: {
        "parameters": [_ref("parameters", "channel_id")],
        "get": _operation("Read the state of a page", "Channel", public=True),
        "patch": _operation(
            "Change state, key points or pinned post", "Channel", body="ChannelChange"
        ),
    },
    CHANNEL + "updates/": {
        "parameters": [_ref("parameters", "channel_id")],
        "get": _operation(
            "Read what has changed", "Updates", parameters=("since",), public=True
        ),
    },
    CHANNEL + "images/": {
        "parameters": [_ref("parameters", "channel_id")],
        "post": _operation(
            "Upload a picture",
            "Image",
            status=HTTPStatus.CREATED,
            parameters=("idempotency_key",),
            body="ImageUpload",
            media_type="multipart/form-data",
        ),
    },
    CHANNEL + "posts/": {
        "parameters": [_ref("parameters", "channel_id")],
        "get": _operation(
            "List posts, newest first",
            "Posts",
            parameters=("before", "limit", "status"),
            public=True,
        ),
        "post": _operation(
            "Add a post",
            "Post",
            status=HTTPStatus.CREATED,
            parameters=("idempotency_key",),
            body="NewPost",
        ),
    },
    POST: {
        "parameters": [_ref("parameters", name) for name in ("channel_id", "post_id")],
        "get": _operation("Read a post", "Post", public=True),
        "patch": _operation(
            "Edit, hide, show or schedule a post",
            "Post",
            parameters=("if_match",),
            body="PostChange",
        ),
        "delete": _operation(
            "Withdraw a post for good",
            None,
            status=HTTPStatus.NO_CONTENT,
            parameters=("if_match",),
        ),
    },
}
