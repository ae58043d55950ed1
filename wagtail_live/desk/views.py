"""List, create, edit, hide, show and delete the posts of a live page."""

from __future__ import annotations

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic
from wagtail.admin.widgets import HeaderButton
from wagtail.rich_text import RichText

from .. import posts
from ..models import LivePost
from ..prefetch import prefetch_blocks
from .columns import PostColumn, get_headline
from .forms import post_panel
from .permissions import get_lock, get_publishable_page


class LivePageViewMixin:
    """A view below a live page, for those who may publish that page."""

    model = LivePost
    header_icon = "comment"
    permission_policy = None  # the rights on the page count, and setup() asks for them
    any_permission_required = None
    is_read_only = False

    def setup(self, request, *args, page_id, **kwargs):
        self.page = get_publishable_page(request.user, page_id)
        self.channel = self.page.live_channel
        self.lock = get_lock(request.user, self.page)
        super().setup(request, *args, **kwargs)

    def dispatch(self, request, *args, **kwargs):
        if self.lock and not self.is_read_only:
            return redirect(self.get_index_url())  # where the lock is explained
        return super().dispatch(request, *args, **kwargs)

    def url_of(self, name, *args):
        return reverse(f"wagtail_live:{name}", args=[self.page.pk, *args])

    def get_index_url(self):
        return self.url_of("index")

    def get_add_url(self):
        return self.url_of("add")

    def get_edit_url(self, instance=None):
        return self.url_of("edit", (instance or self.object).pk)

    def get_delete_url(self, instance=None):
        return self.url_of("delete", (instance or self.object).pk)

    def get_success_url(self):
        return get_valid_next_url_from_request(self.request) or self.get_index_url()

    def get_breadcrumbs_items(self):
        items = [
            {
                "url": reverse("wagtailadmin_explore", args=[self.page.pk]),
                "label": self.page.get_admin_display_title(),
            },
            {"url": self.get_index_url(), "label": _("Live posts")},
        ]
        return [*self.breadcrumbs_items, *items]


class PostViewMixin(LivePageViewMixin):
    """A view of one post of the page, which somebody else may delete at any time."""

    def setup(self, request, *args, post_id, **kwargs):
        self.post_id = post_id
        super().setup(request, *args, **kwargs)
        self.object = self.live_post

    @cached_property
    def live_post(self):
        return self.channel.posts.filter(pk=self.post_id).first()

    def get_object(self, queryset=None):
        return self.live_post

    def dispatch(self, request, *args, **kwargs):
        try:
            if self.live_post is None:
                raise LivePost.DoesNotExist
            return super().dispatch(request, *args, **kwargs)
        except LivePost.DoesNotExist:
            messages.error(request, _("This post has been deleted in the meantime."))
            return redirect(self.get_success_url())


class SaveMixin:
    """Saves through the writer, whose transaction must begin with its lock."""

    panel = post_panel

    def form_valid(self, form):
        self.form = form
        self.object = self.save_instance()
        return self.save_action()


class IndexView(LivePageViewMixin, generic.IndexView):
    page_title = gettext_lazy("Live posts")
    paginate_by = 50
    is_searchable = False
    is_read_only = True

    def get(self, request, *args, **kwargs):
        if self.lock:
            messages.warning(request, self.lock.get_message(request.user))
        return super().get(request, *args, **kwargs)

    @cached_property
    def columns(self):
        return [
            PostColumn("headline", label=_("Post"), accessor=get_headline, view=self),
            StatusTagColumn(
                "show",
                label=_("State"),
                accessor=lambda post: _("shown") if post.show else _("hidden"),
                primary=lambda post: post.show,
            ),
            Column("source", label=_("Source")),
            DateColumn("created", label=_("Created")),
        ]

    @cached_property
    def header_buttons(self):
        buttons = []
        if not self.lock:
            buttons.append(
                HeaderButton(
                    _("Add post"), self.get_add_url(), icon_name="plus", priority=10
                )
            )
        if self.page.live and self.page.url:
            buttons.append(
                HeaderButton(
                    _("View live page"), self.page.url, icon_name="view", priority=20
                )
            )
        return buttons

    def get_add_url(self):
        return None if self.lock else super().get_add_url()

    def get_base_queryset(self):
        return self.channel.posts.all()

    def order_queryset(self, queryset):
        return queryset.newest_first()

    def get_breadcrumbs_items(self):
        *items, last = super().get_breadcrumbs_items()
        return [*items, {**last, "sublabel": self.get_page_subtitle()}]

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        prefetch_blocks(list(context["object_list"]))
        return context


class CreateView(SaveMixin, LivePageViewMixin, generic.CreateView):
    page_title = gettext_lazy("New post")
    submit_button_label = gettext_lazy("Save")
    submit_button_active_label = gettext_lazy("Saving…")

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("New post")}]

    def get_initial_form_instance(self):
        """A form in which one can write at once."""
        blocks = LivePost._meta.get_field("content").stream_block.child_blocks
        return LivePost(content=[("text", RichText(""))] if "text" in blocks else [])

    def get_success_message(self, instance):
        if instance.show:
            return _("The post has been published.")
        return _("The post has been saved; readers don't see it.")

    def save_instance(self):
        fields = self.form.cleaned_data
        return posts.publish(self.channel, author=self.request.user, **fields)


class EditView(SaveMixin, PostViewMixin, generic.EditView):
    def get_breadcrumbs_items(self):
        label = self.get_page_subtitle()
        return [*super().get_breadcrumbs_items(), {"url": "", "label": label}]

    def get_page_subtitle(self):
        return get_headline(self.object)

    def get_success_message(self):
        return _("The post has been saved.")

    def save_instance(self):
        return posts.edit(self.channel, self.object, **self.form.cleaned_data)


class DeleteView(PostViewMixin, generic.DeleteView):
    def get_breadcrumbs_items(self):
        return []  # as in Wagtail's own question

    def get_page_subtitle(self):
        return get_headline(self.object)

    def get_success_message(self):
        return _("The post has been deleted.")

    def delete_action(self):
        posts.delete(self.channel, self.object)


class ToggleView(PostViewMixin, View):
    """Hides or shows a post; ``POST`` only."""

    show = False
    http_method_names = ("post",)

    def post(self, request, *args, **kwargs):
        posts.edit(self.channel, self.object, show=self.show)
        messages.success(
            request,
            _("Readers see the post.") if self.show else _("The post is hidden."),
        )
        return redirect(self.get_success_url())
