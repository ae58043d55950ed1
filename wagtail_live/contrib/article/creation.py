"""Wagtail's form of a new page, filled with the title and the content of a post."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views.pages.create import CreateView

from ...models import LivePost
from ...permissions import may_publish, may_read
from .conf import find_body, get_types_of
from .conversion import convert
from .links import find_article, update_link
from .models import PostArticle
from .places import POST

LINK = "live_post_link"  # the checkbox in the form
MAX_SLUG = 200  # characters, so that a number fits behind them


class Origin(NamedTuple):
    """The post that a page is made of, and its live page."""

    post: LivePost
    page: Any


def find_origin(request: HttpRequest, model: Any) -> Origin | None:
    """Return the post that a request names, if the user may see it, and a page of this type
    can be made of it."""
    try:
        post_id = UUID(request.POST.get(POST) or request.GET.get(POST) or "")
    except ValueError:
        return None
    posts = LivePost.objects.select_related("channel__page")
    post = posts.filter(pk=post_id).first()
    page = post and post.channel.page.specific
    if not page or not may_read(request.user, page) or model not in get_types_of(page):
        return None
    return Origin(post, page)


def open_form(request: HttpRequest, parent: Any, model: Any) -> HttpResponse | None:
    """Show the form with a post, for Wagtail's hook ``before_create_page``."""
    if hasattr(request, "live_origin"):
        return None  # it comes from the view below
    origin = find_origin(request, model)
    if origin is None:
        if POST in request.GET:
            raise Http404
        return None  # what was written is kept, although the post has been deleted
    request.live_origin = origin
    view = CreateArticleView.as_view()
    return view(request, model._meta.app_label, model._meta.model_name, parent.pk)


class CreateArticleView(CreateView):
    """Wagtail's view, which has checked the permission to add pages here."""

    template_name = "wagtail_live/article/create.html"

    def get(self, request):
        origin = request.live_origin
        notes = fill(self.page, self.parent_page, origin.post)
        desk = reverse("wagtail_live:edit", args=[origin.page.pk, origin.post.pk])
        buttons = [messages.button(desk, _("Live post"))]
        text = explain(origin, notes, self.parent_page)
        messages.info(request, text, buttons=buttons)
        return super().get(request)

    def get_context_data(self, **kwargs):
        post, page = self.request.live_origin
        return super().get_context_data(
            live_post=post,
            may_link=may_publish(self.request.user, page),
            is_linked=self.request.POST.get(LINK) == "1",
            **kwargs,
        )


def fill(page: Any, parent: Any, post: LivePost) -> list[str]:
    """Fill a new page with a post, and return what an editor has to know about it."""
    field = find_body(type(page))
    body, notes = convert(post.content, field.stream_block)  # type: ignore[union-attr]
    setattr(page, field.name, body)  # type: ignore[union-attr]
    page.title = page.draft_title = post.headline
    if slug := slugify(page.title, allow_unicode=True)[:MAX_SLUG]:
        page.slug = find_free_slug(slug, parent)
    return notes


def find_free_slug(slug: str, parent: Any) -> str:
    taken = set(parent.get_children().values_list("slug", flat=True))
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (slug, *numbered) if each not in taken)


def explain(origin: Origin, notes: list[str], parent: Any) -> str:
    """Return the message above the form."""
    lines = [_("Title and content come from a live post. Nothing is saved yet.")]
    is_private = origin.page.get_view_restrictions().exists()
    if is_private and not parent.get_view_restrictions().exists():
        lines.append(_("The live blog is private, but the new page is not."))
    paragraphs = format_html_join("", "<p>{}</p>", ((line,) for line in lines + notes))
    return format_html('<div class="live-article-note">{}</div>', paragraphs)


def remember_origin(request: HttpRequest, page: Any, *, is_new: bool) -> None:
    """Note which post a page was made of, and whether the post links to it: when the page
    is created, and when the same form saves it again, as Wagtail does while it is written."""
    origin = find_origin(request, type(page)) if POST in request.POST else None
    if origin is None:
        return
    article = find_article(page)
    if article is None and is_new:
        article = PostArticle(page_id=page.pk, channel=origin.post.channel)
        article.post_id = origin.post.pk
    if article is None or article.post_id != origin.post.pk:
        return
    is_wanted = request.POST.get(LINK) == "1"
    article.is_linked = is_wanted and may_publish(request.user, origin.page)
    article.save()
    update_link(article, is_live=page.live)
