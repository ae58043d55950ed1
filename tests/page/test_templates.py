"""The templates of the reader's page, and those that a site has instead."""

import pytest

from wagtail_live.models import Channel, LivePost

MARK = "<em>the site's own</em>"
FORMER_NAMES = {
    "controls.html": "live_blog/controls.html",
    "head.html": "live_blog/overview.html",
    "key_events.html": "live_blog/key_events.html",
    "key_points.html": "live_blog/key_points.html",
    "pages.html": "live_blog/pages.html",
    "pinned_post.html": "live_blog/pinned_post.html",
    "state.html": "live_blog/state.html",
}
POST = [
    "blocks/text.html",
    "live_post.html",
    "live_post_content.html",
    "live_post_footer.html",
    "live_post_header.html",
]


@pytest.fixture
def page_with_everything(match_page):
    match_page.add_live_post("<p>Goal</p>")
    posts = LivePost.objects.all()
    posts.update(is_key_event=True)
    Channel.objects.update(summary="<p>1–0</p>", pinned_post=posts.get())
    return match_page


@pytest.fixture
def override(settings, tmp_path):
    """Give the site a template of its own below ``wagtail_live/``."""
    (options,) = settings.TEMPLATES
    settings.TEMPLATES = [{**options, "DIRS": [tmp_path]}]

    def override(name, text=MARK):
        path = tmp_path / "wagtail_live" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return override


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["live_blog.html", *POST, *FORMER_NAMES, *FORMER_NAMES.values()]
)
def test_a_site_overrides_a_template(name, override, client, page_with_everything):
    override(name)
    assert MARK in client.get(page_with_everything.url).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMER_NAMES)
def test_a_template_of_a_former_name_wins(name, override, client, page_with_everything):
    override(name)
    override(FORMER_NAMES[name], "<p>the new name's</p>")
    html = client.get(page_with_everything.url).content.decode()
    assert MARK in html
    assert "the new name's" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("template", "name", "css_class"),
    [
        ("live_blog.html", "controls.html", "live-blog__controls"),
        ("live_blog.html", "pages.html", "live-blog__pages"),
        ("head.html", "key_events.html", "live-blog__key-events"),
        ("head.html", "key_points.html", "live-blog__key-points"),
        ("head.html", "pinned_post.html", "live-blog__pinned"),
        ("head.html", "state.html", "live-blog__state"),
    ],
)
def test_a_copied_old_template_can_include_its_parts(
    template, name, css_class, override, client, page_with_everything
):
    override(template, f'{{% include "wagtail_live/{name}" %}}')
    html = client.get(page_with_everything.url).content.decode()
    assert f'class="{css_class}"' in html
