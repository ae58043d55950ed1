"""The test site, where readers can ask to be answered by Django's views, or with a
``send`` that hides the connection."""

from tests.asgi import application as middleware

WITHOUT_MIDDLEWARE = (b"x-without-middleware", b"1")
WRAP_SEND = (b"x-wrap-send", b"1")


async def application(scope, receive, send):
    async def wrapped(message):
        await send(message)

    headers = scope.get("headers", ())
    serve = middleware.app if WITHOUT_MIDDLEWARE in headers else middleware
    await serve(scope, receive, wrapped if WRAP_SEND in headers else send)
