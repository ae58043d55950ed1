"""Messages of Amazon SNS, and their signatures
(docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).

Anyone can send signed messages from a topic of their own, so only those of one topic are
accepted, with certificates from the host of SNS in its region.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from datetime import datetime
from urllib.parse import urlsplit

from ... import outbound
from ..base import Rejected, get_str

ARN = re.compile(r"arn:(aws[a-z-]*):sns:([a-z0-9-]{3,40}):[0-9]{12}:[\w.-]{1,256}")
SIGNED = {
    "Notification": (
        "Message",
        "MessageId",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
    ),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn"),
        "Type",
    ),
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]
TIMEOUT = 5.0  # seconds; SNS waits for 15
CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[0-9A-Za-z-]{8,64}\.pem")
MAX_CERTIFICATE = 2**16  # bytes
MAX_CERTIFICATES = 10


def find_base_url(topic_arn: str) -> str:
    """Return the URL of SNS in the region of a topic, and nothing for an ARN that isn't valid."""
    found = ARN.fullmatch(topic_arn)
    if not found:
        return ""
    domain = "amazonaws.com.cn" if found[1] == "aws-cn" else "amazonaws.com"
    return f"https://sns.{found[2]}.{domain}"


def get_signed_text(message: dict) -> bytes:
    """Return what is signed in a message."""
    names = SIGNED.get(get_str(message, "Type"), ())
    pairs = [(name, message[name]) for name in names if name in message]
    text = "".join(f"{name}\n{value}\n" for name, value in pairs)
    return text.encode("utf-8", "surrogatepass")


class Topic:
    """A topic, and the certificates with which its messages are signed. ``base_url`` is
    another one than Amazon's in tests only, whose server is trusted."""

    def __init__(self, arn: str, base_url: str = ""):
        self.arn = arn
        self._base_url = base_url or find_base_url(arn)
        self._is_trusted = bool(base_url)
        self._certificates: dict[str, bytes] = {}

    def verify(self, message: dict, now: datetime) -> None:
        """Raise ``Rejected`` for a message that is not from the topic."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256
        from cryptography.x509 import load_pem_x509_certificate

        if get_str(message, "Type") not in SIGNED:
            raise Rejected("The message has no known type.")
        algorithms = {"1": SHA1, "2": SHA256}  # of which the topic chooses one
        algorithm = algorithms.get(get_str(message, "SignatureVersion"))
        if algorithm is None:
            raise Rejected("The version of the signature is not supported.")
        try:
            signature = b64decode(get_str(message, "Signature"), validate=True)
            pem = self._get_certificate(get_str(message, "SigningCertURL"))
            certificate = load_pem_x509_certificate(pem)
            first, last = (
                certificate.not_valid_before_utc,
                certificate.not_valid_after_utc,
            )
            if not first <= now <= last:
                raise Rejected("The certificate is not valid at this time.")
            certificate.public_key().verify(  # type: ignore[union-attr, call-arg]
                signature,
                get_signed_text(message),
                padding.PKCS1v15(),  # type: ignore[arg-type]
                algorithm(),  # type: ignore[arg-type]
            )
        except (InvalidSignature, binascii.Error, ValueError):
            raise Rejected("The signature is wrong.") from None

    def confirm(self, message: dict) -> None:
        """Confirm a subscription. Raise ``Rejected`` with 503 if SNS should try again."""
        url = get_str(message, "SubscribeURL")
        if not self._is_ours(url):
            raise Rejected("The URL to confirm is not one of the topic's region.")
        self._request(url)

    def _get_certificate(self, url: str) -> bytes:
        is_ours = self._is_ours(url)
        if not is_ours or not CERTIFICATE_PATH.fullmatch(urlsplit(url).path):
            raise Rejected("The certificate is not from the topic's region.")
        if url not in self._certificates:
            if len(self._certificates) >= MAX_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = self._request(url)
        return self._certificates[url]

    def _is_ours(self, url: str) -> bool:
        try:
            parts, base = urlsplit(url), urlsplit(self._base_url)
        except ValueError:
            return False
        is_same = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
        return bool(base.netloc) and is_same

    def _request(self, url: str) -> bytes:
        try:
            with outbound.send(
                url, timeout=TIMEOUT, is_trusted=self._is_trusted
            ) as response:
                body = outbound.read(response, MAX_CERTIFICATE)
        except outbound.RequestFailed as failed:
            raise Rejected(f"SNS did not answer: {failed}", 503) from None
        if response.status != 200:
            raise Rejected(f"SNS answered with {response.status}.", 503)
        return body
