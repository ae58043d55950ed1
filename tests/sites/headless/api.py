from django.apps import apps
from django.core.signing import BadSignature
from django.http import Http404
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet


class PreviewsAPIViewSet(PagesAPIViewSet):
    """The page of a preview's token, at ``?content_type=…&token=…``."""

    known_query_parameters = PagesAPIViewSet.known_query_parameters | {
        "content_type",
        "token",
    }

    def listing_view(self, request):
        self.action = "detail_view"
        return self.detail_view(request, 0)

    def get_object(self):
        query = self.request.GET
        try:
            page_type = apps.get_model(query["content_type"])
            page = page_type.get_page_from_preview_token(query["token"])
        except (KeyError, LookupError, ValueError, AttributeError, BadSignature):
            raise Http404 from None
        if page is None:
            raise Http404
        page.pk = page.pk or 0  # of a page that was never saved; the API needs a number
        return page


router = WagtailAPIRouter("api")
router.register_endpoint("pages", PagesAPIViewSet)
router.register_endpoint("previews", PreviewsAPIViewSet)
