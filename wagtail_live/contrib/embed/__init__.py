"""Live blogs on other sites: an optional app with a page for frames, and oEmbed."""
