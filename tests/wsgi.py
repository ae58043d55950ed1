import os

from django.core.wsgi import get_wsgi_application

from tests.patience import be_patient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

application = get_wsgi_application()
be_patient()
