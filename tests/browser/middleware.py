from base64 import b64encode

from django.http import HttpResponse
from django.utils.crypto import get_random_string


class StrictPolicyMiddleware:
    """Allows files from the site itself, and nothing inline."""

    policy = "default-src 'self'"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Content-Security-Policy"] = self.policy
        return response


class StrictScriptPolicy(StrictPolicyMiddleware):
    """Allows scripts from the site itself, and all styles."""

    policy = "script-src 'self'"


class NoncePolicyMiddleware:
    """Allows scripts from the site, and those with the nonce of the response."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.csp_nonce = get_random_string(16)
        response = self.get_response(request)
        response["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'self' 'nonce-{request.csp_nonce}'"
        )
        return response


class PasswordMiddleware:
    """Asks for a password, as sites do before they are public."""

    credentials = {"username": "news", "password": "before"}

    def __init__(self, get_response):
        self.get_response = get_response
        known = ":".join(self.credentials.values())
        self.expected = f"Basic {b64encode(known.encode()).decode()}"

    def __call__(self, request):
        if request.headers.get("Authorization") == self.expected:
            return self.get_response(request)
        challenge = {"WWW-Authenticate": 'Basic realm="The News"'}
        return HttpResponse(status=401, headers=challenge)
