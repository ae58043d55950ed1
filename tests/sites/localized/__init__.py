"""A site in two languages that is translated with wagtail-localize."""
