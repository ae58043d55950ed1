"""A database as wagtail-live 1.0 leaves it."""

import json
from datetime import UTC
from functools import cache
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page

from tests.upgrade.oldblog.models import BlogPage

SAMPLE = Path(__file__).with_name("stored_by_1_0.json")


class OldSite:
    """Its pages, before and after the migrations of the guide."""

    def add_page(self, slug, live_posts, channel_id="", last_updated_at=None):
        content_type = ContentType.objects.get_for_model(BlogPage)
        page = Page(title=slug.title(), slug=slug, content_type=content_type)
        Page.objects.get(depth=2).add_child(instance=page)
        if not isinstance(live_posts, str):
            live_posts = json.dumps(live_posts)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO oldblog_blogpage "
                "(page_ptr_id, channel_id, last_updated_at, live_posts) "
                "VALUES (%s, %s, %s, %s)",
                [
                    page.pk,
                    channel_id or slug,
                    last_updated_at or timezone.now(),
                    live_posts,
                ],
            )
        return page

    def add_draft(self, page, live_posts):
        """An unpublished revision of the page, as an editor saves it."""
        revision = page.specific.save_revision()
        revision.content["live_posts"] = json.dumps(live_posts)
        revision.save()

    def upgrade(self):
        migrate("0003_remove_live_posts")

    def downgrade(self):
        migrate("0001_initial")

    def stored(self, page):
        """The page's channel id and posts in the columns of 1.0."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT channel_id, live_posts FROM oldblog_blogpage "
                "WHERE page_ptr_id = %s",
                [page.pk],
            )
            channel_id, live_posts = cursor.fetchone()
        return channel_id, json.loads(live_posts)


def migrate(name):
    # Without what the command does for all apps afterwards, such as their permissions.
    MigrationExecutor(connection).migrate([("oldblog", name)])


@cache
def statements_of_1_0():
    """The SQL that makes the table of 1.0, which ``migrate`` would take a second for."""
    loader = MigrationLoader(connection)
    migration = loader.get_migration("oldblog", "0001_initial")
    return loader.collect_sql([(migration, False)])


def make_table_of_1_0():
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE oldblog_blogpage", None)
        for statement in statements_of_1_0():
            if not statement.startswith("--"):
                editor.execute(statement, None)
    recorder = MigrationRecorder(connection)
    for name in ("0002_move_live_posts", "0003_remove_live_posts"):
        recorder.record_unapplied("oldblog", name)


@pytest.fixture
def old_site(transactional_db):
    site = OldSite()
    make_table_of_1_0()
    yield site
    Page.objects.filter(depth__gt=2).delete()
    site.upgrade()


@pytest.fixture
def sample():
    """The database of a site with wagtail-live 1.0 and Wagtail 2.16."""
    return json.loads(SAMPLE.read_text())


@pytest.fixture
def image(transactional_db):
    return get_image_model().objects.create(title="Goal", file=get_test_image_file())


@pytest.fixture
def page(old_site, sample, image):
    """The page of the sample, with an image that exists."""
    for block in sample["live_posts"]:
        for child in block["value"]["content"]:
            if child["type"] == "image":
                child["value"] = image.pk
    page = old_site.add_page(
        "final",
        sample["live_posts"],
        sample["channel_id"],
        parse_datetime(sample["last_updated_at"]).replace(tzinfo=UTC),
    )
    old_site.add_draft(page, sample["draft"])
    return page
