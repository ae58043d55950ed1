"""Wagtail's image chooser for live posts: the files that are uploaded there are cleaned."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.images.views.chooser import (
    ImageChooserViewSet,
    ImageChooseView,
    ImageUploadView,
)

from ..images import InvalidImage, clean_upload

# Not all systems know the types of the last three.
ACCEPTED = "image/*,.avif,.heic,.heif"


def get_upload_form_class(model):
    """Return the site's form for images, whose file is cleaned before it is checked."""

    class UploadForm(get_image_form(model)):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            field = self.fields["file"]
            field.help_text = _(
                "Metadata, such as the location of a photo, is removed."
            )
            field.widget.attrs["accept"] = ACCEPTED
            self._check_file, field.to_python = field.to_python, self._clean_file

        def _clean_file(self, file):
            try:
                return self._check_file(clean_upload(file) if file else file)
            except InvalidImage as error:
                raise ValidationError(str(error)) from None

    return UploadForm


class UploadFormMixin:
    def get_creation_form_class(self):
        return get_upload_form_class(self.model)


class LiveImageChooseView(UploadFormMixin, ImageChooseView):
    pass


class LiveImageUploadView(UploadFormMixin, ImageUploadView):
    pass


class LiveImageChooserViewSet(ImageChooserViewSet):
    choose_view_class = LiveImageChooseView
    create_view_class = LiveImageUploadView


viewset = LiveImageChooserViewSet(
    "wagtail_live_image_chooser",
    model=get_image_model(),
    url_prefix="live/images/chooser",
)
