"""Optional apps for newsrooms. The rest of the package knows none of them."""
