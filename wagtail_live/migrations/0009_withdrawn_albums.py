from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_live", "0008_last_update_that_readers_saw"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivedmessage",
            name="withdraws_group",
            field=models.BooleanField(default=False),
        ),
    ]
