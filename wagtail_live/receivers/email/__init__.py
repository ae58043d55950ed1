"""E-mail, through the inbound webhooks of Mailgun, Postmark and Amazon SES."""

from .mailgun import MailgunReceiver
from .postmark import PostmarkReceiver
from .ses import SESReceiver

__all__ = ["MailgunReceiver", "PostmarkReceiver", "SESReceiver"]
