"""Optional app: export, static archive and import of live blogs, by commands."""
