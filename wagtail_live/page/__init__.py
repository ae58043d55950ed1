"""The parts of a reader's page: rendering, updates, timeline, feeds, structured data."""
