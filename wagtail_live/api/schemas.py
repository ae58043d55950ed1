"""What is sent and answered, as JSON schemas."""

from __future__ import annotations

from typing import Any

from ..models import ChannelState, PostStatus

TEXT = {"type": "string"}
TITLE = {"type": "string", "maxLength": 255}
FLAG = {"type": "boolean"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
MOMENT = {"type": "string", "format": "date-time"}
MAYBE_MOMENT = {"type": ["string", "null"], "format": "date-time"}
MAYBE_URL = {"type": ["string", "null"], "format": "uri"}
UUID = {"type": "string", "format": "uuid"}
MAYBE_UUID = {"type": ["string", "null"], "format": "uuid"}
RICH_TEXT = {"type": "string", "description": "HTML, which is cleaned."}


def _object(required: bool = True, **properties: dict) -> dict[str, Any]:
    """An object of these properties alone, all of them or some."""
    schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": list(properties)} if required else schema


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


POST_FIELDS = {
    "content": {"oneOf": [RICH_TEXT, _list_of("Block")]},
    "title": TITLE,
    "author_name": TITLE,
    "is_key_event": FLAG,
    "show": {**FLAG, "description": "Whether readers see it."},
    "go_live_at": {**MAYBE_MOMENT, "description": "When it is to be published."},
    "submitted": {**FLAG, "description": "Hands a draft to an editor."},
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Block": {
        "type": "object",
        "properties": {
            "id": {"type": ["string", "null"]},
            "type": {
                **TEXT,
                "description": "`text`, `image`, `embed`, or a site's own",
            },
            "value": {
                "description": "HTML for `text`, an object with `image`, `alt_text` "
                "and `decorative` for `image`, an address for `embed`"
            },
        },
        "required": ["type", "value"],
    },
    "Post": _object(
        id=UUID,
        version={**TEXT, "description": "What the `ETag` has between its quotes."},
        status={"enum": PostStatus.values},
        title=TEXT,
        author_name=TEXT,
        is_key_event=FLAG,
        content=_list_of("Block"),
        html={**TEXT, "description": "The content as the page shows it."},
        created=MOMENT,
        modified=MAYBE_MOMENT,
        go_live_at=MAYBE_MOMENT,
        url=MAYBE_URL,
    ),
    "NewPost": {**_object(required=False, **POST_FIELDS), "required": ["content"]},
    "PostChange": _object(required=False, **POST_FIELDS),
    "Posts": _object(posts=_list_of("Post"), next=MAYBE_URL, cursor=NUMBER),
    "Channel": _object(
        channel_id=TEXT,
        page=_object(id=WHOLE, title=TEXT, url=MAYBE_URL, language=TEXT),
        state={"enum": ChannelState.values},
        started_at=MAYBE_MOMENT,
        ended_at=MAYBE_MOMENT,
        summary={**TEXT, "description": "The key points, in HTML."},
        pinned_post=MAYBE_UUID,
        cursor={**NUMBER, "description": "The latest update, for `since`."},
    ),
    "ChannelChange": _object(
        required=False,
        state={"enum": ChannelState.values},
        summary=RICH_TEXT,
        pinned_post=MAYBE_UUID,
    ),
    "Channels": _object(channels=_list_of("Channel")),
    "Updates": _object(
        reset={**FLAG, "description": "Too much has happened: read the posts anew."},
        posts=_list_of("Post"),
        removals={"type": "array", "items": UUID},
        channel=_ref("Channel"),
        cursor=NUMBER,
    ),
    "ImageUpload": {
        **_object(
            required=False,
            file={"type": "string", "contentMediaType": "application/octet-stream"},
            title=TITLE,
        ),
        "required": ["file"],
    },
    "Image": _object(
        id=WHOLE,
        title=TEXT,
        width=WHOLE,
        height=WHOLE,
        block={**_ref("Block"), "description": "To be put into a post's content."},
    ),
    "Problem": {
        "type": "object",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT,
            "errors": {"type": "object", "description": "Reasons by field."},
        },
        "required": ["type", "title", "status", "detail"],
    },
}
