"""One post in several live blogs of a site: an optional app."""
