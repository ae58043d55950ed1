"""The page's language, for all its readers, and the direction of each text."""

import re

import pytest
from django.utils.safestring import mark_safe

from wagtail_live.models import Channel, LivePost
from wagtail_live.templatetags.wagtail_live_tags import auto_direction
from wagtail_live.text import set_direction

ARABIC = re.compile("[\u0600-\u06ff]")


@pytest.fixture
def arabic_reader(client, settings):
    """A reader whose browser asks for Arabic, which the site's middleware follows."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.middleware.locale.LocaleMiddleware",
    ]
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ar"
    return client


def element_of(html):
    [element] = re.findall(r"<live-blog.*?</live-blog>", html, re.DOTALL)
    return element


@pytest.mark.django_db
def test_a_readers_browser_does_not_choose_the_language(arabic_reader, match_page):
    match_page.add_live_post("Goal")
    LivePost.objects.update(is_key_event=True)
    page = arabic_reader.get(match_page.url)
    assert page["Content-Language"] == "ar"
    element = element_of(page.content.decode())
    assert ' lang="en-us"' in element
    assert ' dir="ltr"' in element
    assert "Pause updates" in element
    assert "You are offline." in element
    assert not ARABIC.search(element)


@pytest.mark.django_db
def test_a_site_in_another_language(client, settings, match_page):
    settings.LANGUAGE_CODE = "ar"
    match_page.add_live_post("Goal")
    element = element_of(client.get(match_page.url).content.decode())
    assert ' lang="ar"' in element
    assert ' dir="rtl"' in element
    assert "Pause updates" not in element


@pytest.mark.django_db
def test_each_text_has_a_direction_of_its_own(client, match_page):
    match_page.add_live_post("<p>هدف!</p><ul><li>One</li></ul>")
    LivePost.objects.update(title="Tor!", author_name="سلمى", is_key_event=True)
    Channel.objects.update(summary="<p>شوط أول</p>")
    html = client.get(match_page.url).content.decode()
    assert '<p dir="auto">هدف!</p><ul dir="auto"><li>One</li></ul>' in html
    assert re.search(r'<h3 [^>]*dir="auto">Tor!', html)
    assert re.search(r'<span [^>]*dir="auto">\s*سلمى', html)
    assert re.search(r'<a [^>]*data-action="go"[^>]*dir="auto">Tor!', html)
    assert '<p dir="auto">شوط أول</p>' in html


@pytest.mark.parametrize(
    ("html", "directed"),
    [
        (
            "<blockquote><p>a</p></blockquote><p>b</p>",
            '<blockquote dir="auto"><p>a</p></blockquote><p dir="auto">b</p>',
        ),
        (
            '<ol start="24"><li>a<ol><li>b</li></ol></li></ol><h3>c</h3><pre>d</pre>',
            '<ol start="24" dir="auto"><li>a<ol><li>b</li></ol></li></ol>'
            '<h3 dir="auto">c</h3><pre dir="auto">d</pre>',
        ),
        ('<p dir="rtl">a</p><hr/><p>b', '<p dir="rtl">a</p><hr/><p dir="auto">b'),
        ("</ul><b>a</b><p>b<p>c", '</ul><b>a</b><p dir="auto">b<p dir="auto">c'),
        (
            '<script>show("<p>a</p>")</script><SCRIPT src="/a"></SCRIPT><p>b</p>',
            '<script>show("<p>a</p>")</script><SCRIPT src="/a"></SCRIPT>'
            '<p dir="auto">b</p>',
        ),
        ("<textarea><p></textarea><p>", '<textarea><p></textarea><p dir="auto">'),
    ],
)
def test_the_outermost_blocks_have_a_direction(html, directed):
    assert set_direction(html) == directed


def test_the_filter_escapes_what_is_not_html():
    assert auto_direction("<script>") == "&lt;script&gt;"
    assert auto_direction(mark_safe("<p>a")) == '<p dir="auto">a'
