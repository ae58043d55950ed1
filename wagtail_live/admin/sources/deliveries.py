"""Try again what did not arrive."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from ...models import ReceivedPicture
from ...receivers import background, get_receivers, tasks
from ...receivers.base import Inbound
from ...receivers.deliveries import describe
from ...receivers.intake import take_in
from .base import PublisherMixin
from .queries import get_failed


class FailedDeliveryView(PublisherMixin, View):
    """Reads a delivery again, or throws it away."""

    http_method_names = ("post",)

    def post(self, request, pk, action):
        delivery = get_object_or_404(get_failed(self.channel), pk=pk)
        if action == "discard":
            delivery.delete()
            messages.success(request, _("The delivery is discarded."))
        elif action == "replay":
            self.replay(delivery)
        else:
            raise Http404
        return redirect(self.sources_url)

    def replay(self, delivery) -> None:
        """Its request was authentic when it came, so it is not signed now."""
        receiver = get_receivers().get(delivery.receiver)
        if receiver is None:
            messages.error(
                self.request, _("The receiver is no longer in the settings.")
            )
            return
        try:
            inbound = Inbound(bytes(delivery.body), received_at=delivery.failed_at)
            for event in list(receiver.parse(inbound)):
                take_in(receiver, event)
        except Exception as error:
            delivery.reason = describe(error)
            delivery.save(update_fields=["reason"])
            messages.error(self.request, _("It failed again: %s") % delivery.reason)
        else:
            delivery.delete()
            messages.success(self.request, _("The delivery is taken in."))


class RetryPictureView(PublisherMixin, View):
    """Asks for a picture once more."""

    http_method_names = ("post",)

    def post(self, request, pk):
        pictures = ReceivedPicture.objects.filter(message__channel=self.channel)
        picture = get_object_or_404(pictures, pk=pk, image_key="")
        pictures.filter(pk=pk).update(attempts=0, due_at=timezone.now(), error="")
        background.later(tasks.fetch_pictures, picture.message_id)
        messages.success(request, _("The picture is asked for again."))
        return redirect(self.sources_url)
