from tests.settings import *  # noqa: F403

AUTH_USER_MODEL = "ownmodels.Reporter"
WAGTAILIMAGES_IMAGE_MODEL = "ownmodels.Picture"
INSTALLED_APPS = ["tests.sites.ownmodels", *INSTALLED_APPS]  # noqa: F405
