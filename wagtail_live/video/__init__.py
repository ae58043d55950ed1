"""Videos in live posts: an optional app, on top of wagtailmedia."""
