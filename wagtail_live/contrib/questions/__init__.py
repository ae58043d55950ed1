"""Questions of readers, in a moderated inbox on the desk: an optional app."""
