from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def register_import(actions):
    actions.register_action(
        "wagtail_live.import", _("Import posts"), _("Imported posts")
    )
