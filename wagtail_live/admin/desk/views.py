"""The page of the live desk."""

from __future__ import annotations

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton

from ... import conf, cursors, presets
from ...images import get_max_file_size
from ...page.element import PLURAL_FORMS
from ..base import LivePageViewMixin
from ..connections import get_connections_url, has_connections
from .activity import get_readers_text
from .authors import get_author_texts
from .buttons import get_buttons, get_panels
from .editing import BLANK_PREFIX, new_post_form
from .overview import SummaryForm, render_overview, render_visibility
from .rendering import render_form
from .stage import render_stage_form
from .timeline import (
    Filters,
    count_waiting,
    get_time_zone,
    list_posts,
    list_scheduled,
    render_posts,
)
from .tools import get_max_video_size


class DeskView(LivePageViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """The live desk: a form for new posts above the timeline."""

    template_name = "wagtail_live/desk/desk.html"
    page_title = gettext_lazy("Live desk")

    def get_breadcrumbs_items(self):
        return super().get_breadcrumbs_items()[:-1]

    @property
    def header_buttons(self):
        editor = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        yield HeaderButton(_("Edit page"), editor, icon_name="edit", priority=20)
        if has_connections(self.page, self.request.user):
            url = get_connections_url(self.page)
            yield HeaderButton(_("Connections"), url, icon_name="link", priority=30)
        yield from get_buttons(self.page, self.rights)
        if self.page.live and self.page.url:
            yield HeaderButton(
                _("View live page"), self.page.url, icon_name="view", priority=10
            )

    def get_context_data(self, **kwargs):
        channel, rights, user = self.channel, self.rights, self.request.user
        filters = Filters(channel, self.request.GET)
        posts, older = list_posts(filters)
        form = new_post_form(user, channel, BLANK_PREFIX)
        overview = render_overview(channel, rights)
        summary_form = SummaryForm(instance=channel)
        panels = get_panels(self.page, rights)
        return super().get_context_data(
            page=self.page,
            channel=channel,
            cursor=repr(cursors.to_timestamp(channel.last_updated_at)),
            rights=rights,
            desk_state=self.desk_state,
            visibility=render_visibility(self.page, rights),
            lock_message=rights.lock and rights.lock.get_message(user),
            head=overview["html"],
            stage=render_stage_form(self.page, channel, rights),
            pinned=overview["pinned"],
            waiting=count_waiting(channel, rights),
            filters=filters,
            posts=render_posts(posts, rights),
            scheduled=render_posts(list_scheduled(filters), rights),
            time_zone=get_time_zone(),
            shortcuts_enabled=has_shortcuts(user),
            presets=presets.describe(channel, self.page) if rights.may_draft else [],
            older=older,
            form=rights.may_draft and render_form(self, form),
            texts=get_texts(),
            max_file_size=get_max_file_size(),
            max_video_size=get_max_video_size(form.stream_block),
            max_post_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
            max_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
            shows_writing=conf.shows_writing(),
            readers=conf.has_reader_counts() and get_readers_text(channel),
            has_stream=isinstance(self.request, ASGIRequest),
            panels=panels,
            media=MediaContainer([form, summary_form, *panels]).media,
            **kwargs,
        )


def has_shortcuts(user) -> bool:
    """Return whether the user's Wagtail account has keyboard shortcuts."""
    profile = getattr(user, "wagtail_userprofile", None)
    return getattr(profile, "keyboard_shortcuts", True)


class PostView(LivePageViewMixin, View):
    """Redirect to a post on the desk."""

    def get(self, request, post_id):
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        return redirect(f"{desk}?post={post_id}")


def get_error_texts() -> dict[str, str]:
    """Return the texts of the errors of requests: what has happened, and what comes next."""
    return {
        "busy": _("Too many requests."),
        "failed": _("Could not reach the server."),
        "file_too_large": _(
            "“%(name)s” is too large (%(size)s). The limit is %(limit)s. Choose a "
            "smaller file."
        ),
        "file_too_large_for_proxy": _(
            "“%(name)s” is too large (%(size)s). This site accepts up to %(limit)s, but "
            "a server in front of it rejected the file. Choose a smaller file, or ask an "
            "administrator to raise the limit of that server."
        ),
        "embed_not_found": _(
            "No embed was found for this URL. Check it; otherwise readers see a link."
        ),
        "embed_unknown": _("This site can’t embed this URL. Readers see a link."),
        "foreign": _(
            "The response did not come from this site. You may have to sign in to the "
            "network first."
        ),
        "kept_and_resent": _("Your text is kept and will be sent again."),
        "kept_text": _("Your text is kept."),
        "not_understood": _(
            "The server did not accept the request (error %(status)s)."
        ),
        "offline": _("You are offline."),
        "page_gone": _("This page was deleted, or it is no longer a live page."),
        "post_too_large": _(
            "The post is too large (%(size)s). The limit is %(limit)s. Shorten it, or "
            "split it into two posts."
        ),
        "post_too_large_for_proxy": _(
            "The post is too large (%(size)s). This site accepts up to %(limit)s, but a "
            "server in front of it rejected the post. Shorten it, or split it into two "
            "posts."
        ),
        "refused": _("The server rejected the request. Reload the page."),
        "resent_in": _("It will be sent again %(when)s."),
        "server_failed": _("The server failed (error %(status)s)."),
        "signed_out": _("You are no longer signed in."),
        "submit_new": _("Submit as a new post"),
        "timeout": _("The server did not answer in time."),
        "too_large": _("The server rejected the post because it is too large."),
        "too_many_blocks": _(
            "The post has too many blocks for this site. Split it into two posts."
        ),
        "try_again": _("Try again."),
        "try_again_in": _("Try again %(when)s."),
    }


def get_texts() -> dict[str, str]:
    """Return the texts that the desk's script shows."""
    texts = get_error_texts() | {
        "actions": _("Actions"),
        "add_alt": _("Add alt text"),
        "changed": _("Someone else has changed this post."),
        "deleted": _("Post deleted."),
        "discard": _("Leave without saving your changes?"),
        "edit": _("Edit"),
        "editing": _("%(name)s is editing this post."),
        "ended": _("The live blog has ended."),
        "ending": _("The live blog ends in ten seconds."),
        "ending_in": _("Ending %(when)s."),
        "first_error": _("Go to the first error"),
        "form_refused": _("Not saved."),
        "gone": _("Someone else has deleted this post."),
        "here": _("Also here: %(names)s"),
        "kept": _("You have unsaved changes. Choose “Edit” to continue."),
        "no_matches": _("No posts match %(chosen)s."),
        "gallery": _("Photos that you add together become a gallery."),
        "no_alt": _("The photo has no alt text: screen readers can’t describe it."),
        "no_images": _("Posts on this site can’t contain images."),
        "no_videos": _("Posts on this site can’t contain videos."),
        "no_audios": _("Posts on this site can’t contain audio."),
        "not_sent": _("Not sent"),
        "photo": _("Photo"),
        "photo_gone": _("The photo is no longer in this browser. Add it again."),
        "photo_waiting": _("Publishing when the photo is uploaded."),
        "video": _("Video"),
        "audio": _("Audio"),
        "audio_waiting": _("Publishing when the audio is uploaded."),
        "video_waiting": _("Publishing when the video is uploaded."),
        "queued": _("Waiting"),
        "quoted": _("“%(text)s”"),
        "retry": _("Try again"),
        "restored": _("Post restored."),
        "saved": _("Saved."),
        "sending": _("Sending…"),
        "sending_again": _("Sending again…"),
        "sign_in": _("Sign in"),
        "submit": _("Submit to editor"),
        "throw_away": _("Discard"),
        "ticked": _("%(label)s: on"),
        "unticked": _("%(label)s: off"),
        "undo": _("Undo"),
        "uploading": _("Uploading"),
        "without_photos": _("Publish without the photo"),
        "without_audios": _("Publish without the audio"),
        "without_videos": _("Publish without the video"),
        **get_author_texts(),
    }
    for form, number in PLURAL_FORMS.items():
        texts[f"errors_{form}"] = ngettext(
            "There is %(count)s error.", "There are %(count)s errors.", number
        )
        texts[f"news_{form}"] = ngettext(
            "%(count)s new post", "%(count)s new posts", number
        )
        texts[f"slow_{form}"] = ngettext(
            "The server has not answered for %(count)s second. Your text is kept.",
            "The server has not answered for %(count)s seconds. Your text is kept.",
            number,
        )
        texts[f"queue_{form}"] = ngettext(
            "%(count)s post awaiting review", "%(count)s posts awaiting review", number
        )
        texts[f"scheduled_{form}"] = ngettext(
            "%(count)s scheduled post", "%(count)s scheduled posts", number
        )
    return texts
