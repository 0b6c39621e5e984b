"""Simulates thermometers and hygrometers in a few rooms."""
