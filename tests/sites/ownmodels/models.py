from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition


class ReporterManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)


class Reporter(AbstractBaseUser, PermissionsMixin):
    """A user with an e-mail address, without a user name or full name."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = ReporterManager()

    def __str__(self):
        return self.email


class Picture(AbstractImage):
    """An image that must be shown with the name of its photographer."""

    credit = models.CharField(max_length=100, blank=True, default="")

    admin_form_fields = ("title", "file", "collection", "credit")


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(
        Picture, on_delete=models.CASCADE, related_name="renditions"
    )

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
