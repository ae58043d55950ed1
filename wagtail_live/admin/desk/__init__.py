"""Where a channel is written, in the Wagtail admin."""
