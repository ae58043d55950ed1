"""Each template tag in each situation of a page: new, previewed, without a site…"""

import json
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.urls import reverse
from wagtail.models import Locale, Page, Site
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests.testapp.models import MatchPage
from tests.urls import urlpatterns
from wagtail_live.models import Channel

pytestmark = pytest.mark.django_db

TAGS = ["{% live_posts page %}", "{% live_head page %}", "{% live_now %}"]


class Headless:
    """The URLs of a site whose pages another server shows."""

    urlpatterns = [pattern for pattern in urlpatterns if str(pattern.pattern)]


def never_saved(page, settings):
    return MatchPage(title="New", slug="new")


def never_saved_below_a_page(page, settings):
    new = MatchPage(title="New", slug="new", depth=3, path=f"{page.path}0001")
    new.set_url_path(page.get_parent())
    return new


def in_another_language(page, settings):
    settings.WAGTAIL_I18N_ENABLED = True
    locale = Locale.objects.create(language_code="de")
    return MatchPage(title="New", slug="new", locale=locale)


def without_a_locale(page, settings):
    settings.WAGTAIL_I18N_ENABLED = True
    return MatchPage(title="New", slug="new")


def draft(page, settings):
    page.unpublish()
    return page


def changed(page, settings):
    page.title = "Draft"
    page.save_revision()
    return page.get_latest_revision_as_object()


def alias(page, settings):
    page.add_live_post("<p>Goal</p>")
    return page.create_alias(update_slug="alias")


def without_channel(page, settings):
    Channel.objects.all().delete()
    return page


def alias_without_channel(page, settings):
    return without_channel(page.create_alias(update_slug="alias"), settings)


def outside_of_sites(page, settings):
    root = Page.get_first_root_node()
    outside = root.add_child(instance=MatchPage(title="Outside", slug="outside"))
    outside.add_live_post("<p>Goal</p>")
    return outside


def without_sites(page, settings):
    page.add_live_post("<p>Goal</p>")
    Site.objects.all().delete()
    return page


def of_another_front_end(page, settings):
    page.add_live_post("<p>Goal</p>")
    settings.ROOT_URLCONF = Headless
    return page


def on_a_site_without_our_urls(page, settings):
    page.add_live_post("<p>Goal</p>")
    settings.ROOT_URLCONF = "wagtail.urls"
    return page


SITUATIONS = [
    *(never_saved, never_saved_below_a_page, in_another_language, without_a_locale),
    *(draft, changed),
    *(alias, without_channel, alias_without_channel, outside_of_sites, without_sites),
    *(of_another_front_end, on_a_site_without_our_urls),
]
WITH_POST = {
    *(alias, outside_of_sites, without_sites, of_another_front_end),
    on_a_site_without_our_urls,
}


def render(tag, page, request=None):
    template = Template(f"{{% load wagtail_live_tags %}}{tag}")
    return template.render(Context({"page": page, "request": request}))


@pytest.fixture(params=["request", "no request", "link to a post"])
def request_for(request, rf):
    def build(page):
        if request.param == "no request":
            return None
        query = {}
        if request.param == "link to a post":
            post = page.live_posts.first()
            query = {"post": str(post.pk) if post else "nonsense"}
        built = rf.get("/", query)
        built.user = AnonymousUser()
        return built

    return build


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_tag_works(match_page, settings, request_for, situation, tag):
    page = situation(match_page, settings)
    channels = Channel.objects.count()
    text = render(tag, page, request_for(page))
    assert "None" not in text
    if tag == "{% live_posts page %}":
        assert "<live-blog" in text
        assert ("Goal" in text) == (situation in WITH_POST)
        for data in re.findall(r'ld\+json">(.*?)</script>', text):
            assert json.loads(data)["@type"] == "LiveBlogPosting"
    elif tag == "{% live_head page %}":
        assert 'property="og:title"' in text
        assert Channel.objects.count() == channels


def test_a_new_page_has_the_language_of_its_blog_and_follows_nothing(
    match_page, settings
):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    text = render("{% live_posts page %}", in_another_language(match_page, settings))
    assert 'lang="de"' in text
    assert "polling=" not in text
    assert "<script" not in text


def test_a_template_shows_nothing_of_the_channel_of_a_new_page(match_page, settings):
    page = never_saved(match_page, settings)
    assert render("[{{ page.live_channel.state }}]", page) == "[]"
    assert render("[{% for post in page.live_posts %}x{% endfor %}]", page) == "[]"
    with pytest.raises(Channel.DoesNotExist, match="until it is saved"):
        page.add_live_post("<p>Goal</p>")


def test_the_preview_of_a_new_page_in_the_admin(admin_client, home_page, settings):
    (options,) = settings.TEMPLATES
    text = "{% load wagtail_live_tags %}{% live_head page %}{% live_posts page %}"
    loader = (
        "django.template.loaders.locmem.Loader",
        {"testapp/match_page.html": f"{text}{{% live_now %}}"},
    )
    loaders = [loader, "django.template.loaders.app_directories.Loader"]
    changes = {"loaders": loaders, **options["OPTIONS"]}
    settings.TEMPLATES = [{**options, "APP_DIRS": False, "OPTIONS": changes}]
    url = reverse(
        "wagtailadmin_pages:preview_on_add",
        args=["testapp", "matchpage", home_page.pk],
    )
    form = nested_form_data(
        {"title": "New", "slug": "new", "comments": inline_formset([])}
    )
    assert admin_client.post(url, form).json()["is_valid"]
    response = admin_client.get(url)
    assert response.status_code == 200
    html = response.content.decode()
    assert 'og:title" content="New"' in html
    assert "<live-blog" in html
    assert not Channel.objects.exists()
