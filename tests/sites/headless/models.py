from wagtail_headless_preview.models import HeadlessMixin

from wagtail_live.api.page_fields import LIVE_PAGE_FIELDS
from wagtail_live.models import LivePage


class EventPage(HeadlessMixin, LivePage):
    api_fields = [*LIVE_PAGE_FIELDS]

    def serve(self, request):
        response = super().serve(request)
        if query := request.META["QUERY_STRING"]:  # ?post=… of links to a post
            response["Location"] += f"?{query}"
        return response
