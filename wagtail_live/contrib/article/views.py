"""The pages that were made of a post, and the way to the form of a new one."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms.pages import ParentChooserForm
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ...admin.base import LivePageViewMixin, get_posts
from .conf import get_types_of
from .links import update_link
from .models import PostArticle
from .places import find_places, get_add_url, may_add_pages


class ArticleView(LivePageViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Leads to the form of a new page. If there is more than one, the editor chooses its
    type and its place; pages that were made before are listed."""

    template_name = "wagtail_live/article/pages.html"
    page_title = gettext_lazy("Make a page of this post")
    header_icon = "doc-full"
    parent_form = None

    def setup(self, request, *args, post_id, **kwargs):
        super().setup(request, *args, **kwargs)
        self.post_id = post_id

    def is_allowed(self):
        return super().is_allowed() and may_add_pages(self.request.user)

    def get_live_post(self):
        return get_object_or_404(get_posts(self.channel), pk=self.post_id)

    def get(self, request, *args, **kwargs):
        self.live_post = self.get_live_post()
        if label := request.GET.get("type"):
            self.parent_form = ParentChooserForm(self.find_type(label), request.user)
        elif url := self.get_only_url():
            return redirect(url)
        return super().get(request, *args, **kwargs)

    def get_only_url(self) -> str | None:
        """Return the URL of the form if there is nothing to choose or to see."""
        places = find_places(self.request.user, self.page)
        if len(places) != 1 or places[0][1] is None or self.list_articles():
            return None
        return get_add_url(*places[0], self.post_id)

    def find_type(self, label: str) -> Any:
        for model in get_types_of(self.page):
            if model._meta.label_lower == label.lower():
                return model
        raise Http404

    def list_articles(self) -> list[PostArticle]:
        """Return the pages of the post that the user may see."""
        found = PostArticle.objects.filter(channel=self.channel, post_id=self.post_id)
        rows = found.select_related("page").order_by("pk") if self.channel.pk else []
        user = self.request.user
        return [
            row
            for row in rows
            if row.page.live or row.page.permissions_for_user(user).can_edit()
        ]

    def post(self, request, *args, **kwargs):
        self.live_post = self.get_live_post()
        if "article" in request.POST:
            return self.set_link()
        model = self.find_type(request.GET.get("type", ""))
        self.parent_form = ParentChooserForm(model, request.user, request.POST)
        if self.parent_form.is_valid():
            parent = self.parent_form.cleaned_data["parent_page"]
            return redirect(get_add_url(model, parent, self.post_id))
        return self.render_to_response(self.get_context_data(), status=422)

    def set_link(self):
        """Set whether the post links to a page while it is published."""
        if not self.rights.may_publish:
            return self.refuse()
        articles = {str(each.pk): each for each in self.list_articles()}
        article = articles.get(self.request.POST["article"])
        if article is None:
            raise Http404
        article.is_linked = self.request.POST.get("link") == "1"
        article.save(update_fields=["is_linked"])
        update_link(article, is_live=article.page.live)
        added = _("The post links to the page while it is published.")
        removed = _("The post no longer links to the page.")
        messages.success(self.request, added if article.is_linked else removed)
        return redirect(self.request.path)

    def get_context_data(self, **kwargs):
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        form = self.parent_form
        return super().get_context_data(
            page=self.page,
            live_post=self.live_post,
            desk_url=f"{desk}?post={self.post_id}",
            articles=[] if form else self.list_articles(),
            choices=[] if form else self.describe_places(),
            form=form,
            media=form and form.media,
            rights=self.rights,
            **kwargs,
        )

    def describe_places(self) -> list[dict[str, Any]]:
        return [
            {
                "name": model.get_verbose_name(),
                "label": model._meta.label_lower,
                "parent": parent,
                "url": parent and get_add_url(model, parent, self.post_id),
            }
            for model, parent in find_places(self.request.user, self.page)
        ]
