"""Tells other services of each update of a page, as Standard Webhooks describes it.

``outbox`` notes what they have to be told and sends it, ``connecting`` posts it to public
addresses alone, ``payloads`` says what is sent, and ``signing`` proves who sent it.
"""
