"""Names of wagtail-live 1.0, for the sites that import them."""

from .conf import get_polling_interval, get_polling_timeout
from .conf import get_publisher as get_live_publisher

__all__ = ["get_live_publisher", "get_polling_interval", "get_polling_timeout"]
