"""A first manifest for a repository."""
