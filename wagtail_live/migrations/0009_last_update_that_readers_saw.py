import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def begin_with_last_update(apps, schema_editor):
    channels = apps.get_model("wagtail_live", "Channel").objects
    channels = channels.using(schema_editor.connection.alias)
    channels.update(seen_updated_at=F("last_updated_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_live", "0008_withdrawn_albums"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="seen_updated_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                verbose_name="last update that readers saw",
            ),
        ),
        migrations.RunPython(begin_with_last_update, migrations.RunPython.noop),
    ]
