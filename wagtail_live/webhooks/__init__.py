"""Outgoing webhooks, as in Standard Webhooks: other services get each update of a page.

``outbox`` records deliveries and sends them, ``payloads`` makes and signs their bodies.
"""
