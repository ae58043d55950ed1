"""A site with ``USE_TZ = False``, whose clock changes in summer."""
