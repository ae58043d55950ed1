"""The live desk: the admin view where reporters write a live blog."""
