"""Practices of teams as switches of the manifest: a key of one line that stands for ordinary services and variables."""
