"""Writes an invoice for every order that was placed."""
