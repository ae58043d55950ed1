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
