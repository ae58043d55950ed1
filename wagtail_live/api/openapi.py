"""The description of the API in OpenAPI 3.1, made from its views and serializers."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, reverse
from rest_framework import serializers
from rest_framework.fields import empty

from .. import __version__
from .base import Operation
from .images import ImageSerializer, ImageUploadSerializer
from .serializers import (
    ChannelSerializer,
    ChannelsSerializer,
    PageSerializer,
    PostSerializer,
    PostsSerializer,
    UpdatesSerializer,
)

METHODS = ("get", "post", "patch", "delete")
TYPES = {
    serializers.BooleanField: {"type": "boolean"},
    serializers.CharField: {"type": "string"},
    serializers.DateTimeField: {"type": "string", "format": "date-time"},
    serializers.FileField: {
        "type": "string",
        "contentMediaType": "application/octet-stream",
    },
    serializers.FloatField: {"type": "number"},
    serializers.IntegerField: {"type": "integer"},
    serializers.URLField: {"type": "string", "format": "uri"},
    serializers.UUIDField: {"type": "string", "format": "uuid"},
}
LIMITS = {
    "max_length": "maxLength",
    "max_value": "maximum",
    "min_value": "minimum",
    "default": "default",
    "help_text": "description",
}


@login_not_required
def view(request: HttpRequest, resources: list[URLPattern]) -> JsonResponse:
    """Return the document with this site's URL."""
    root = request.build_absolute_uri(reverse("live-api-channels"))
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Live blogs",
            "version": __version__,
            "description": "Read and write live pages. What readers can see needs no "
            "token. Errors are problem details (RFC 9457).",
        },
        "servers": [{"url": root.removesuffix("/channels/")}],
        "paths": {get_path(pattern): get_path_item(pattern) for pattern in resources},
        "components": {
            "schemas": get_schemas(),
            "parameters": PARAMETERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    response = JsonResponse(document)
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def get_path(pattern: URLPattern) -> str:
    path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
    return path.removeprefix("api/v1")


def get_path_item(pattern: URLPattern) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", get_path(pattern))
    view_class = pattern.callback.cls
    return {
        "parameters": [_ref("parameters", name) for name in names],
        **{
            method: _describe_operation(getattr(view_class, method).operation)
            for method in METHODS
            if hasattr(view_class, method)
        },
    }


def _describe_operation(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.status.phrase}
    if operation.answer:
        success["content"] = _content("application/json", operation.answer)
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": [_ref("parameters", name) for name in operation.parameters],
        "responses": {
            str(operation.status.value): success,
            "default": {
                "description": "The request was refused, for the reason given.",
                "content": _content("application/problem+json", "Problem"),
            },
        },
        "security": [{}, {"token": []}] if operation.is_public else [{"token": []}],
    }
    if operation.query:
        described["parameters"] += [
            {"in": "query", "name": name, "schema": _describe_field(field, sent=True)}
            for name, field in operation.query().fields.items()
        ]
    if operation.body:
        content = _content(operation.media_type, operation.body)
        described["requestBody"] = {"required": True, "content": content}
    return described


def _content(media_type: str, schema: str) -> dict[str, Any]:
    return {media_type: {"schema": _ref("schemas", schema)}}


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def get_schemas() -> dict[str, Any]:
    return {
        "Block": BLOCK,
        "Channel": _describe_answer(ChannelSerializer()),
        "ChannelChange": _describe_body(ChannelSerializer()),
        "Channels": _describe_answer(ChannelsSerializer()),
        "Image": _describe_answer(ImageSerializer()),
        "ImageUpload": _describe_body(ImageUploadSerializer()),
        "NewPost": _describe_body(PostSerializer()),
        "Page": _describe_answer(PageSerializer()),
        "Post": _describe_answer(PostSerializer()),
        "PostChange": _describe_body(PostSerializer(), partial=True),
        "Posts": _describe_answer(PostsSerializer()),
        "Problem": PROBLEM,
        "Updates": _describe_answer(UpdatesSerializer()),
    }


def _describe_answer(serializer: serializers.Serializer) -> dict[str, Any]:
    fields = serializer.fields.items()
    answered = {name: field for name, field in fields if not field.write_only}
    properties = {name: _describe_field(answered[name]) for name in answered}
    return _object(properties, list(properties))


def _describe_body(serializer: serializers.Serializer, *, partial: bool = False):
    fields = serializer.fields.items()
    sent = {name: field for name, field in fields if not field.read_only}
    properties = {name: _describe_field(sent[name], sent=True) for name in sent}
    required = [name for name in sent if sent[name].required and not partial]
    return _object(properties, required)


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _describe_field(field: serializers.Field, *, sent: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a field, as clients send or receive it."""
    if isinstance(field, (serializers.ListField, serializers.ListSerializer)):
        return {"type": "array", "items": _describe_field(field.child)}
    if isinstance(field, serializers.Serializer):
        return _ref("schemas", type(field).__name__.removesuffix("Serializer"))
    if isinstance(field, serializers.ChoiceField):
        schema = {"enum": list(field.choices)}
    elif hasattr(field, "schema"):
        schema = dict(
            getattr(field, "sent_schema", field.schema) if sent else field.schema
        )
    else:
        schema = dict(
            next(TYPES[kind] for kind in type(field).__mro__ if kind in TYPES)
        )
    if field.allow_null:
        schema["type"] = [schema["type"], "null"]
    for name, keyword in LIMITS.items():
        if (value := getattr(field, name, None)) not in (None, empty):
            schema[keyword] = value
    return schema


BLOCK = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "null"]},
        "type": {
            "type": "string",
            "description": "`text`, `image`, `embed`, or a block type of the site.",
        },
        "value": {
            "description": "HTML for `text`, an object with `image`, `alt_text` and "
            "`decorative` for `image`, a URL for `embed`.",
        },
    },
    "required": ["type", "value"],
}
PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "description": "Reasons by field."},
    },
    "required": ["type", "title", "status", "detail"],
}
PARAMETERS = {
    "channel_id": {
        "in": "path",
        "name": "channel_id",
        "schema": {"type": "string"},
        "description": "The public id of the page's channel.",
        "required": True,
    },
    "post_id": {
        "in": "path",
        "name": "post_id",
        "schema": {"type": "string", "format": "uuid"},
        "description": "The id of the post.",
        "required": True,
    },
    "since": {
        "in": "query",
        "name": "since",
        "schema": {"type": "number"},
        "description": "The `cursor` of the previous response.",
        "required": True,
    },
    "if_match": {
        "in": "header",
        "name": "If-Match",
        "schema": {"type": "string"},
        "description": "The `ETag` of the post as you read it; 412 if the post has "
        "changed since.",
    },
    "idempotency_key": {
        "in": "header",
        "name": "Idempotency-Key",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
        "description": "Makes it safe to retry the request: nothing is added twice.",
    },
}
