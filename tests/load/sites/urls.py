"""The URLs of the test site, one that publishes what is posted to it, and one that counts
its readers."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tests.servers.urls import urlpatterns as site_urlpatterns
from tests.testapp.models import MatchPage
from wagtail_live.delivery.limits import limits


@csrf_exempt
@require_POST
def publish(request, page_id):
    page = MatchPage.objects.get(pk=page_id)
    page.add_live_post(f"<p>{request.body.decode()}</p>")
    return HttpResponse(status=201)


def count_places(request):
    """Return the number of places that readers take."""
    return HttpResponse(limits.count())


urlpatterns = [
    path("publish/<int:page_id>/", publish),
    path("places/", count_places),
    *site_urlpatterns,
]
