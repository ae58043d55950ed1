"""Failed deliveries and images: retry or discard them."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from ...background import later
from ...models import ReceivedImage
from ...receivers import get_receivers
from ...receivers.base import Inbound
from ...receivers.images import fetch_images
from ...receivers.intake import describe, take_in
from .views import PublisherMixin, get_failed


class FailedDeliveryView(PublisherMixin, View):
    """Process a failed delivery again, or discard it."""

    def post(self, request, pk, action):
        delivery = get_object_or_404(get_failed(self.page), pk=pk)
        if action == "discard":
            delivery.delete()
            messages.success(request, _("Delivery discarded."))
        elif action == "replay":
            self.replay(delivery)
        else:
            raise Http404
        return redirect(self.sources_url)

    def replay(self, delivery) -> None:
        """Process a delivery; its signature was checked when it arrived."""
        receiver = get_receivers().get(delivery.receiver)
        if receiver is None:
            error = _("The receiver is no longer in the settings.")
            messages.error(self.request, error)
            return
        try:
            inbound = Inbound(bytes(delivery.body), received_at=delivery.failed_at)
            for event in list(receiver.parse(inbound)):
                take_in(receiver, event)
        except Exception as error:
            delivery.reason = describe(error)
            delivery.save(update_fields=["reason"])
            error = _("The delivery failed again: %s") % delivery.reason
            messages.error(self.request, error)
        else:
            delivery.delete()
            messages.success(self.request, _("Delivery processed."))


class RetryImageView(PublisherMixin, View):
    """Download a missing image again."""

    def post(self, request, pk):
        images = ReceivedImage.objects.filter(message__channel__page=self.page)
        image = get_object_or_404(images, pk=pk, image_key="")
        images.filter(pk=pk).update(attempts=0, due_at=timezone.now(), error="")
        later(fetch_images, image.message_id)
        messages.success(request, _("The image will be downloaded again."))
        return redirect(self.sources_url)
