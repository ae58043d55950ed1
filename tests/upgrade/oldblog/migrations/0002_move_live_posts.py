from django.db import migrations

from wagtail_live.upgrade import MoveLivePosts


class Migration(migrations.Migration):

    dependencies = [
        ("oldblog", "0001_initial"),
        ("wagtail_live", "0001_initial"),
    ]

    operations = [MoveLivePosts("BlogPage")]
