"""A site whose pages do not extend Wagtail's own page model, as Wagtail 8 allows."""
