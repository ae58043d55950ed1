"""A site with the core of wagtail_live: no API, no outgoing webhooks."""
