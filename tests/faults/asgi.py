"""The test site, where readers can ask to be answered by Django's views."""

from tests.asgi import application as middleware

WITHOUT_MIDDLEWARE = (b"x-without-middleware", b"1")


async def application(scope, receive, send):
    is_plain = WITHOUT_MIDDLEWARE in scope.get("headers", ())
    await (middleware.app if is_plain else middleware)(scope, receive, send)
