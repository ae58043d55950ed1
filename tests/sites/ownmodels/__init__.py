"""A site with its own user model and image model."""
