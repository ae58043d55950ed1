"""The sites under load."""
