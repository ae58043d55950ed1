"""Suggestions of an assistant on the desk, which a person accepts or not: an optional app."""
