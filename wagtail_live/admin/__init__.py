"""The views of live blogs in Wagtail's admin."""
