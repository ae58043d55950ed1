"""Pages made of posts, such as an article about a goal: an optional app."""
