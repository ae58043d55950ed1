"""The live desks that are open: who is there, and what they have to be told."""
