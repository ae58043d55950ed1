"""The views in Wagtail's admin: the live desk, sources, panels."""
