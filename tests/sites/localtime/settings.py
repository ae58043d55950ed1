from tests.settings import *  # noqa: F403

USE_TZ = False
TIME_ZONE = "America/New_York"
WAGTAIL_LIVE_RECEIVERS = {
    "stand": {
        "BACKEND": "wagtail_live.receivers.webhook.WebhookReceiver",
        "OPTIONS": {"secret": "canary"},
    }
}
