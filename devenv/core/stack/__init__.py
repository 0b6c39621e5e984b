"""Manifest and templates → Stack → Compose text."""
