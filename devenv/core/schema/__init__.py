"""The format as JSON Schema, for editors."""
