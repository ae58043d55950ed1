"""Counters, status and metrics for operators."""
