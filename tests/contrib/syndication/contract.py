"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: webhooks of
other sites fulfil the contract of receivers."""

from django.test import TestCase

from tests.contrib.syndication.payloads import SECRET, signed, text, update
from wagtail_live.contrib.syndication.receiver import SyndicationReceiver
from wagtail_live.receivers.testing import ReceiverContract


class SyndicationContract(ReceiverContract, TestCase):
    receiver_class = SyndicationReceiver
    options = {"secret": SECRET}
    external_id = "live/stand"

    def sign(self, body):
        return signed(body)

    def create(self, message_id, words):
        return update("post.published", message_id, 0, text(words))

    def edit(self, message_id, words, version):
        return update("post.edited", message_id, version, text(words))

    def delete(self, message_id):
        return update("post.deleted", message_id, 9)

    def omit(self, message_id):
        return update("post.published", message_id, 0, ("score", {"home": "Reds"}))
