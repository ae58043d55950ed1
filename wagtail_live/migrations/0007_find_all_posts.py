from django.db import migrations

BATCH = 1000


def stand_for_all_posts(apps, schema_editor):
    """Let ``update_index`` know of posts that have been written before they were searched."""
    posts, searchable = (
        apps.get_model("wagtail_live", name).objects.using(schema_editor.connection.alias)
        for name in ("LivePost", "SearchablePost")
    )
    rest = posts.filter(searchable=None).order_by("pk").values_list("pk", "channel_id")
    while batch := list(rest[:BATCH]):
        searchable.bulk_create(
            searchable.model(post_id=pk, channel_id=channel_id)
            for pk, channel_id in batch
        )


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_live", "0006_api"),
    ]

    operations = [
        migrations.RunPython(stand_for_all_posts, migrations.RunPython.noop),
    ]
