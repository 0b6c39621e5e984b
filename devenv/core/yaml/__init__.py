"""YAML 1.2: text → data with places, and back."""
