"""What the desk says in the browser."""

from django.utils.translation import gettext as _


def get_texts() -> dict[str, str]:
    return {
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
        "news_many": _("%(number)s new posts"),
        "news_one": _("1 new post"),
        "offline": _("You are offline. What you have written is kept."),
        "queue_many": _("%(number)s posts wait for an editor"),
        "queue_one": _("1 post waits for an editor"),
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
