"""What the desk says in the browser."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ...page.element import PLURAL_FORMS


def get_texts() -> dict[str, str]:
    texts = {
        "cancel": _("Cancel"),
        "changed": _("Somebody else has changed this post meanwhile."),
        "delete": _("Delete"),
        "deleted": _("Deleted."),
        "discard": _("Leave without saving what you have written?"),
        "editing": _("%(name)s is editing this post."),
        "failed": _("That didn't work: the server can't be reached."),
        "gone": _("Somebody else has deleted this post meanwhile."),
        "here": _("Also here: %(names)s"),
        "kept": _("You have written something here that was not sent."),
        "offline": _("You are offline. What you have written is kept."),
        "really_delete": _("Delete this post for good?"),
        "restore": _("Restore it"),
        "retry": _("Try again"),
        "saved": _("Saved."),
        "sign_in": _("Sign in again"),
        "signed_out": _(
            "You are not signed in any more. What you have written is kept."
        ),
        "throw_away": _("Discard it"),
        "undo": _("Undo"),
    }
    for form, number in PLURAL_FORMS.items():
        texts[f"news_{form}"] = ngettext(
            "%(count)s new post", "%(count)s new posts", number
        )
        texts[f"queue_{form}"] = ngettext(
            "%(count)s post waits for an editor",
            "%(count)s posts wait for an editor",
            number,
        )
    return texts
