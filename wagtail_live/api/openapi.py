"""The OpenAPI 3.1 description of the API, built from its views and serializers."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, reverse
from rest_framework import serializers
from rest_framework.fields import empty
from wagtail.models import get_page_models

from .. import __version__
from ..models import LivePageMixin
from ..models.post import load_page_block

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
KEYWORDS = {
    "max_length": "maxLength",
    "max_value": "maximum",
    "min_value": "minimum",
    "default": "default",
    "help_text": "description",
}


class Operation(NamedTuple):
    """The description of a view's method."""

    summary: str
    response: type[serializers.Serializer] | None = None
    body: type[serializers.Serializer] | None = None
    status: HTTPStatus = HTTPStatus.OK
    parameters: tuple[str, ...] = ()
    query: type[serializers.Serializer] | None = None
    is_public: bool = False
    media_type: str = "application/json"


def operation(summary: str, response: Any = None, **details: Any):
    """Decorate a view's method with its description."""

    def decorate(method):
        method.operation = Operation(summary, response, **details)
        return method

    return decorate


@login_not_required
def view(request: HttpRequest, resources: list[URLPattern]) -> JsonResponse:
    root = request.build_absolute_uri(reverse("live-api-channels"))
    document = build(root.removesuffix("/channels/"), resources)
    response = JsonResponse(document)
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def build(root: str, resources: list[URLPattern]) -> dict[str, Any]:
    """Return the document for the resources at this URL."""
    schemas = Schemas(Block=BLOCK, Problem=PROBLEM)
    paths = {}
    for pattern in resources:
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        paths[path.removeprefix("api/v1")] = item = {
            "parameters": [
                _ref("parameters", name) for name in re.findall(r"{(\w+)}", path)
            ]
        }
        for method in METHODS:
            if handler := getattr(pattern.callback.cls, method, None):
                item[method] = _describe(handler.operation, method, schemas)
    page_types = describe_page_types()
    schemas |= {get_schema_name(each): describe_blocks(each) for each in page_types}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Live blogs",
            "version": __version__,
            "description": "Read and write live pages. What readers can see needs no "
            "token. Errors are problem details (RFC 9457).",
        },
        "servers": [{"url": root}],
        "paths": paths,
        "x-page-types": page_types,
        "components": {
            "schemas": schemas,
            "parameters": PARAMETERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def describe_page_types() -> list[dict[str, Any]]:
    """Return the blocks and presets of the posts of each page type. ``type`` is that of
    a channel's ``page``."""
    return [
        {
            "type": page_type._meta.label,
            "title": str(page_type._meta.verbose_name),
            "blocks": [
                {"type": name, "label": str(block.label)}
                for name, block in load_page_block(page_type).child_blocks.items()
            ],
            "presets": [
                {
                    "name": preset.name,
                    "label": str(preset.label),
                    "title": str(preset.title),
                    "blocks": preset.types,
                    "is_key_event": preset.is_key_event,
                    "pin": preset.pin,
                }
                for preset in page_type.live_presets
            ],
        }
        for page_type in get_page_models()
        if issubclass(page_type, LivePageMixin)
    ]


def get_schema_name(page_type: dict[str, Any]) -> str:
    return f"Block.{page_type['type']}"


def describe_blocks(page_type: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a block of the posts of a page type."""
    types = [block["type"] for block in page_type["blocks"]]
    properties = {"type": {"enum": types}}
    return {"allOf": [_ref("schemas", "Block"), {"properties": properties}]}


class Schemas(dict):
    """JSON schemas by name; those of serializers are added when they are referred to."""

    def refer(self, serializer: serializers.BaseSerializer) -> dict[str, str]:
        """Return a reference to what clients receive."""
        name = type(serializer).__name__.removesuffix("Serializer")
        properties = {
            name: self.describe(field)
            for name, field in serializer.fields.items()
            if not field.write_only
        }
        left_out = getattr(serializer, "left_out_if_empty", ())
        self[name] = _object(
            properties, [each for each in properties if each not in left_out]
        )
        return _ref("schemas", name)

    def refer_to_body(self, serializer, *, partial: bool) -> dict[str, str]:
        """Return a reference to what clients send."""
        name = type(serializer).__name__.removesuffix("Serializer")
        name = getattr(serializer, "schema_name", name)
        name = f"{name}Change" if partial else f"New{name}"
        fields = serializer.fields.items()
        sent = {name: field for name, field in fields if not field.read_only}
        required = [name for name in sent if sent[name].required and not partial]
        properties = {name: self.describe(sent[name], is_sent=True) for name in sent}
        self[name] = _object(properties, required)
        return _ref("schemas", name)

    def describe(self, field: serializers.Field, *, is_sent: bool = False) -> dict:
        if isinstance(field, serializers.ListField | serializers.ListSerializer):
            items = self.describe(field.child, is_sent=is_sent)
            return {"type": "array", "items": items}
        if isinstance(field, serializers.Serializer):
            return (
                self.refer_to_body(field, partial=False)
                if is_sent
                else self.refer(field)
            )
        if isinstance(field, serializers.ChoiceField):
            schema = {"enum": list(field.choices)}
        elif is_sent and hasattr(field, "sent_schema"):
            schema = {**field.sent_schema}
        elif hasattr(field, "schema"):
            schema = {**field.schema}
        else:
            kind = next(kind for kind in type(field).__mro__ if kind in TYPES)
            schema = {**TYPES[kind]}
        if field.allow_null:
            schema["type"] = [schema["type"], "null"]
        for name, keyword in KEYWORDS.items():
            if (value := getattr(field, name, None)) not in (None, empty):
                schema[keyword] = value
        return schema


def _describe(operation: Operation, method: str, schemas: Schemas) -> dict[str, Any]:
    problem = _ref("schemas", "Problem")
    success: dict[str, Any] = {"description": operation.status.phrase}
    if operation.response:
        schema = schemas.refer(operation.response())
        success["content"] = {"application/json": {"schema": schema}}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": [_ref("parameters", name) for name in operation.parameters],
        "responses": {
            str(operation.status.value): success,
            "default": {
                "description": "The request was refused, for the reason given.",
                "content": {"application/problem+json": {"schema": problem}},
            },
        },
        "security": [{}, {"token": []}] if operation.is_public else [{"token": []}],
    }
    if operation.query:
        for name, field in operation.query().fields.items():
            schema = schemas.describe(field, is_sent=True)
            described["parameters"].append(_parameter("query", name, schema))
    if operation.body:
        schema = schemas.refer_to_body(operation.body(), partial=method == "patch")
        content = {operation.media_type: {"schema": schema}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _parameter(where: str, name: str, schema: dict, **more: Any) -> dict[str, Any]:
    return {"in": where, "name": name, "schema": schema, **more}


BLOCK = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "null"]},
        "type": {
            "type": "string",
            "description": "`text`, `image`, `embed`, `table`, `quote`, "
            "`gallery`, `sponsored`, or a block type of the site: `x-page-types` has "
            "those of each page type.",
        },
        "value": {
            "description": "HTML for `text`, an object with `image`, `alt_text`, "
            "`caption`, `credit` and `decorative` for `image`, a URL for `embed`, "
            "an object with `rows` (lists of texts), `caption`, `header_row` and "
            "`header_column` for `table`, with `quote`, `name` and `role` for `quote`, "
            "with `sponsor` and `link` for `sponsored`, a list of values of images for "
            "`gallery`.",
        },
        "kept": {
            "type": "boolean",
            "readOnly": True,
            "description": "`true` for a block that posts of this page type don't have (any "
            "longer). Readers don't see it; send it back with its `id` to keep it.",
        },
        "embed": {
            "type": ["object", "null"],
            "readOnly": True,
            "description": "What was found for an `embed`, a card of the page if its "
            "`type` is `link`; `null` until it is found.",
            "properties": {
                "url": {"type": "string"},
                "type": {"type": "string"},
                "title": {"type": "string"},
                "site": {"type": "string"},
                "author": {"type": "string"},
                "image": {"type": ["string", "null"]},
                "html": {"type": ["string", "null"]},
                "width": {"type": ["integer", "null"]},
                "height": {"type": ["integer", "null"]},
            },
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
    "channel_id": _parameter(
        "path",
        "channel_id",
        {"type": "string", "description": "The public id of the page's channel."},
        required=True,
    ),
    "post_id": _parameter(
        "path", "post_id", {"type": "string", "format": "uuid"}, required=True
    ),
    "since": _parameter(
        "query",
        "since",
        {"type": "number", "description": "The `cursor` of the previous response."},
        required=True,
    ),
    "if_match": _parameter(
        "header",
        "If-Match",
        {"type": "string"},
        description="The `ETag` of the post as you read it; 412 if the post has "
        "changed since.",
    ),
    "idempotency_key": _parameter(
        "header",
        "Idempotency-Key",
        {"type": "string", "pattern": "^[!-~]{1,200}$"},
        description="Makes it safe to retry the request: it is carried out once.",
    ),
}
