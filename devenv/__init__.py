"""devenv: from a manifest to a healthy stack with one command."""

__version__ = "0.1.0"
