"""Posts as 1.0 stores them, and pages as they are after the upgrade."""

import uuid
from datetime import UTC, datetime, timedelta

from django.template import Context, Template

from tests.upgrade.oldblog.models import BlogPage

MATCH_DAY = datetime(2021, 9, 1, 18, 0, tzinfo=UTC)


def stored_post(minutes=0, text="Goal!", message_id="", **value):
    created = (MATCH_DAY + timedelta(minutes=minutes)).isoformat()
    content = [{"type": "text", "value": f"<p>{text}</p>", "id": str(uuid.uuid4())}]
    return {
        "type": "live_post",
        "id": str(uuid.uuid4()),
        "value": {
            "message_id": message_id,
            "created": created,
            "modified": None,
            "show": True,
            "content": content,
            **value,
        },
    }


def texts(page):
    return [post.text for post in page.live_posts]


def upgraded(page):
    return BlogPage.objects.get(pk=page.pk)


def show(page):
    template = Template("{% load wagtail_live_tags %}{% live_posts page %}")
    return template.render(Context({"page": page}))
