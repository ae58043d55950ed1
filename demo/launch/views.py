from django.views.generic import TemplateView

from wagtail_live.contrib.embed.snippets import make_snippet

from .models import LaunchDayPage


class PartnerView(TemplateView):
    """A page of another newspaper, which shows the launch day in a frame."""

    template_name = "launch/partner.html"

    def get_context_data(self, **kwargs):
        live_page = LaunchDayPage.objects.get(slug="ternen-4")
        snippet = make_snippet(live_page.live_channel, self.request)
        return super().get_context_data(snippet=snippet.html, **kwargs)
