"""Sources in the admin: where the messages of a live page come from."""
