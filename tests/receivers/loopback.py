"""A receiver whose images are on a server of the tests."""

from wagtail_live.receivers.fetch import Fetcher
from wagtail_live.receivers.webhook import WebhookReceiver


class LoopbackReceiver(WebhookReceiver):
    """A receiver that downloads from the tests' own host and records its feedback."""

    told = []

    before_download = staticmethod(lambda: None)

    def download(self, attachment, fetch):
        self.before_download()
        return super().download(attachment, fetch)

    def get_fetcher(self):
        return Fetcher((), trust_loopback=True)

    def feedback(self, external_id, message_id, outcome, reason=""):
        self.told.append((message_id, outcome, reason))
