"""A site with wagtailmedia, whose posts have videos."""
