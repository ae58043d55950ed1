"""List, create, edit, hide, show and delete the posts of a live page."""

from __future__ import annotations

from contextlib import suppress

from django.contrib.admin.utils import quote
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import HeaderButton

from .. import posts
from ..models import LivePost
from ..prefetch import prefetch_blocks
from .forms import post_panel
from .permissions import get_writable_page

FIELDS = ("content", "show", "title", "author_name", "is_key_event")


class LivePageViewMixin:
    """A view below a live page, for those who may publish that page."""

    model = LivePost
    pk_url_kwarg = "post_id"
    header_icon = "comment"
    permission_policy = None  # the rights on the page count, and setup() asks for them

    def setup(self, request, *args, page_id, **kwargs):
        self.page = get_writable_page(request.user, page_id)
        self.channel = self.page.live_channel
        super().setup(request, *args, **kwargs)

    def url_of(self, name, *args):
        return reverse(f"wagtail_live:{name}", args=[self.page.pk, *args])

    def get_index_url(self):
        return self.url_of("index")

    def get_add_url(self):
        return self.url_of("add")

    def get_edit_url(self, instance=None):
        return self.url_of("edit", quote((instance or self.object).pk))

    def get_delete_url(self, instance=None):
        return self.url_of("delete", quote((instance or self.object).pk))

    def get_success_url(self):
        return self.get_index_url()

    def get_breadcrumbs_items(self):
        items = [
            {
                "url": reverse("wagtailadmin_explore", args=[self.page.pk]),
                "label": self.page.get_admin_display_title(),
            },
            {"url": self.get_index_url(), "label": _("Live posts")},
        ]
        if label := self.get_breadcrumb():
            items.append({"url": "", "label": label})
        return [*self.breadcrumbs_items, *items]

    def get_breadcrumb(self):
        return ""


class PostViewMixin(LivePageViewMixin):
    """A view of one post of the page."""

    def get_queryset(self):
        return self.channel.posts.all()


class SaveMixin:
    """Saves through the writer, whose transaction must begin with its lock."""

    panel = post_panel

    def form_valid(self, form):
        self.form = form
        try:
            self.object = self.save_instance()
        except LivePost.DoesNotExist:
            messages.error(self.request, _("The post has been deleted meanwhile."))
            return redirect(self.get_index_url())
        return self.save_action()

    def get_fields(self):
        return {name: self.form.cleaned_data[name] for name in FIELDS}


class ActionsColumn(Column):
    cell_template_name = "wagtail_live/desk/actions_cell.html"

    def __init__(self, *args, page, csrf_token, **kwargs):
        super().__init__(*args, **kwargs)
        self.page = page
        self.csrf_token = csrf_token


class IndexView(LivePageViewMixin, generic.IndexView):
    page_title = gettext_lazy("Live posts")
    paginate_by = 50
    default_ordering = None
    is_searchable = False
    any_permission_required = None

    @cached_property
    def columns(self):
        return [
            TitleColumn("headline", label=_("Post"), get_url=self.get_edit_url),
            StatusTagColumn(
                "show",
                label=_("State"),
                accessor=lambda post: _("shown") if post.show else _("hidden"),
                primary=lambda post: post.show,
            ),
            Column("author_name", label=_("Byline")),
            Column("source", label=_("Source")),
            DateColumn("created", label=_("Created")),
            ActionsColumn(
                "actions",
                label=_("Actions"),
                page=self.page,
                csrf_token=get_token(self.request),
            ),
        ]

    @cached_property
    def header_buttons(self):
        return [
            HeaderButton(_("Add post"), url=self.get_add_url(), icon_name="plus"),
            *self.view_live_buttons,
        ]

    @property
    def view_live_buttons(self):
        if not self.page.live or not self.page.url:
            return []
        return [
            HeaderButton(_("View live page"), url=self.page.url, icon_name="view"),
        ]

    def get_base_queryset(self):
        return self.channel.posts.newest_first()

    def order_queryset(self, queryset):
        return queryset

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        prefetch_blocks(list(context["object_list"]))
        return context


class CreateView(SaveMixin, LivePageViewMixin, generic.CreateView):
    page_title = gettext_lazy("New post")
    submit_button_label = gettext_lazy("Publish")
    submit_button_active_label = gettext_lazy("Publishing…")
    success_message = gettext_lazy("%(object)s published.")

    def get_breadcrumb(self):
        return _("New post")

    def save_instance(self):
        return posts.publish(
            self.channel, author=self.request.user, **self.get_fields()
        )


class EditView(SaveMixin, PostViewMixin, generic.EditView):
    success_message = gettext_lazy("%(object)s updated.")

    def get_breadcrumb(self):
        return str(self.object)

    def save_instance(self):
        return posts.edit(self.channel, self.stored_post, **self.get_fields())

    @property
    def stored_post(self):
        """The form has written its values into its own instance already."""
        return self.channel.posts.get(pk=self.object.pk)


class DeleteView(PostViewMixin, generic.DeleteView):
    def delete_action(self):
        posts.delete(self.channel, self.object)

    def form_valid(self, form):
        with suppress(LivePost.DoesNotExist):  # somebody else was faster
            self.delete_action()
        messages.success(self.request, _("The post has been deleted."))
        return redirect(self.get_index_url())


class ToggleView(View):
    """Hides or shows a post; ``POST`` only."""

    show = False
    http_method_names = ("post",)

    def post(self, request, page_id, post_id):
        page = get_writable_page(request.user, page_id)
        channel = page.live_channel
        post = get_object_or_404(channel.posts, pk=post_id)
        posts.edit(channel, post, show=self.show)
        message = _("Readers see the post.") if self.show else _("The post is hidden.")
        messages.success(request, message)
        return redirect("wagtail_live:index", page.pk)
