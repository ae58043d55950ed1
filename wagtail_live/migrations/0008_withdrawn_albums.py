from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_live", "0007_find_all_posts"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivedmessage",
            name="withdraws_group",
            field=models.BooleanField(default=False),
        ),
    ]
