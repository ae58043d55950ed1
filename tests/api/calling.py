"""The calls of a client of the API."""


class Caller:
    """Calls the API of one page with Django's test client."""

    def __init__(self, client, channel_id, secret=None):
        self.client = client
        self.root = f"/wagtail_live/api/v1/channels/{channel_id}/"
        self.secret = secret

    def __call__(self, method, path="", data=None, **headers):
        if self.secret:
            headers.setdefault("Authorization", f"Bearer {self.secret}")
        options = {"content_type": "application/json"} if data is not None else {}
        return getattr(self.client, method)(
            self.root + path, data, headers=headers, **options
        )

    def get(self, path="", **headers):
        return self("get", path, **headers)

    def add(self, data=None, **headers):
        """Add a post."""
        return self("post", "posts/", data or {"content": "<p>Goal</p>"}, **headers)

    def edit(self, post_id, data, **headers):
        return self("patch", f"posts/{post_id}/", data, **headers)

    def delete(self, post_id, **headers):
        return self("delete", f"posts/{post_id}/", **headers)


def texts(response):
    """Return the texts of the posts in a response, in order."""
    return [post["content"][0]["value"] for post in response.json()["posts"]]
