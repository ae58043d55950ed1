from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import Button

from ...permissions import may_read
from .creation import open_form, remember_origin
from .links import find_article
from .models import PostArticle
from .places import find_places
from .views import ArticleView


@hooks.register("register_live_connection_urls")
def register_article_url():
    return [path("<uuid:post_id>/article/", ArticleView.as_view(), name="article")]


@hooks.register("register_live_post_buttons")
def register_article_button(page, user):
    """Offer a page of each post to users who may add one."""
    if not find_places(user, page):
        return None
    rows = PostArticle.objects.filter(channel__page=page)
    made = set(rows.values_list("post_id", flat=True))

    def get_buttons(post):
        url = reverse("wagtail_live_connections:article", args=[page.pk, post.pk])
        if post.pk in made:
            yield Button(_("Pages of this post"), url)
        else:
            yield Button(_("Make a page of this post"), url)

    return get_buttons


@hooks.register("before_create_page")
def fill_new_page(request, parent_page, page_class):
    return open_form(request, parent_page, page_class)


@hooks.register("after_create_page")
def remember_post_of_new_page(request, page):
    remember_origin(request, page, is_new=True)


@hooks.register("after_edit_page")
def remember_post_of_page(request, page):
    remember_origin(request, page, is_new=False)


@hooks.register("register_page_header_buttons")
def register_post_button(page, user, view_name, next_url=None):
    """Lead from a page to the post that it was made of."""
    article = find_article(page) if page.pk else None
    if article and may_read(user, article.channel.page.specific):
        args = [article.channel.page_id, article.post_id]
        url = reverse("wagtail_live:edit", args=args)
        yield Button(_("Live post"), url, icon_name="comment", priority=37)
