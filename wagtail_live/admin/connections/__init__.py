"""The admin's views of what is connected with a live page: tokens and webhooks."""
