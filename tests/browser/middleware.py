from django.utils.crypto import get_random_string


class StrictPolicyMiddleware:
    """Lets pages load what the site itself serves, and nothing inline."""

    policy = "default-src 'self'"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Content-Security-Policy"] = self.policy
        return response


class StrictScriptPolicy(StrictPolicyMiddleware):
    """Lets pages run the scripts that the site itself serves; the styles are theirs."""

    policy = "script-src 'self'"


class NoncePolicyMiddleware:
    """Lets scripts run that the site serves, and those that carry this answer's nonce."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.csp_nonce = get_random_string(16)
        response = self.get_response(request)
        response["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'self' 'nonce-{request.csp_nonce}'"
        )
        return response
