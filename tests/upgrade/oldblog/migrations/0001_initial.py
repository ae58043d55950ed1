"""As wagtail-live 1.0 and Wagtail 2 made it, with the module names of today."""

import django.db.models.deletion
import django.utils.timezone
import wagtail.blocks
import wagtail.embeds.blocks
import wagtail.fields
import wagtail.images.blocks
from django.db import migrations, models

CONTENT = wagtail.blocks.StreamBlock([
    ("text", wagtail.blocks.RichTextBlock(help_text="Text of the message")),
    ("image", wagtail.images.blocks.ImageChooserBlock(help_text="Image of the message")),
    ("embed", wagtail.embeds.blocks.EmbedBlock(help_text="URL of the embed message")),
])
LIVE_POST = wagtail.blocks.StructBlock([
    ("message_id", wagtail.blocks.CharBlock(help_text="Message's ID")),
    ("created", wagtail.blocks.DateTimeBlock(help_text="Date and time of message creation", required=False)),
    ("modified", wagtail.blocks.DateTimeBlock(help_text="Date and time of last update", required=False)),
    ("show", wagtail.blocks.BooleanBlock(default=True, help_text="Indicates if this message is shown/hidden", required=False)),
    ("content", CONTENT),
])


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("wagtailcore", "0066_collection_management_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="BlogPage",
            fields=[
                ("page_ptr", models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to="wagtailcore.page")),
                ("channel_id", models.CharField(blank=True, help_text="Channel ID", max_length=255, unique=True)),
                ("last_updated_at", models.DateTimeField(blank=True, default=django.utils.timezone.now, help_text="Last update of this page")),
            ],
            options={
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
        # Wagtail 2 kept a StreamField in a column of text.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField("BlogPage", "live_posts", models.TextField(default="", blank=True)),
            ],
            state_operations=[
                migrations.AddField("BlogPage", "live_posts", wagtail.fields.StreamField([("live_post", LIVE_POST)], blank=True)),
            ],
        ),
    ]
