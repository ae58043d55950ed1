from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_live", "0009_last_update_that_readers_saw"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="livepost",
            index=models.Index(
                fields=["channel", "created", "id"], name="wagtail_live_desk_order"
            ),
        ),
        migrations.AddIndex(
            model_name="livepost",
            index=models.Index(
                fields=["channel", "first_published_at"],
                name="wagtail_live_unpublished",
            ),
        ),
    ]
