"""The views of live blogs in the Wagtail admin."""
