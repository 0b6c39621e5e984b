"""Compose files → the text of a manifest with the same meaning."""
