"""Parts between posts: after which posts they come."""

import pytest

from wagtail_live.page.timeline import find_between, get_posts_page

pytestmark = pytest.mark.django_db


def find(page, every):
    """Return the texts of the posts above a part."""
    channel = page.live_channel
    posts = get_posts_page(channel.posts.visible()).posts
    found = find_between(channel, posts, every)
    return [int(post.text) for post in posts if post.pk in found]


def test_a_part_keeps_its_posts_while_others_arrive(match_page, settings, client):
    for number in range(1, 8):
        match_page.add_live_post(str(number))
    assert find(match_page, 3) == [7, 4]  # 7 | 6 5 4 | 3 2 1
    match_page.add_live_post("8")
    assert find(match_page, 3) == [7, 4]
    assert find(match_page, 1) == [8, 7, 6, 5, 4, 3, 2]
    assert find(match_page, 20) == []
    assert "live-blog__between" not in client.get(match_page.url).content.decode()
    settings.WAGTAIL_LIVE_BETWEEN_POSTS = 3
    html = client.get(match_page.url).content.decode()
    assert html.count('<article class="live-blog__between">') == 2 + 1  # in a template
    assert 'between="3"' in html


def test_a_page_without_posts_has_none(match_page):
    assert find(match_page, 1) == []
