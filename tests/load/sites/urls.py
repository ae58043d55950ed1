"""The URLs of the test site, and one that publishes what is posted to it."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tests.servers.urls import urlpatterns as site_urlpatterns
from tests.testapp.models import MatchPage


@csrf_exempt
@require_POST
def publish(request, page_id):
    page = MatchPage.objects.get(pk=page_id)
    page.add_live_post(f"<p>{request.body.decode()}</p>")
    return HttpResponse(status=201)


urlpatterns = [path("publish/<int:page_id>/", publish), *site_urlpatterns]
