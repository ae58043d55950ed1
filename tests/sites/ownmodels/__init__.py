"""A site with a user model and an image model of its own."""
