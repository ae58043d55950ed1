"""Posts of other sites with wagtail_live, by their webhooks: an optional app."""
