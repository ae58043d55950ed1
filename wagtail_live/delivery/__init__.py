"""Delivery of updates to the readers of this process."""
