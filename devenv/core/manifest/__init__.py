"""Data → Manifest: the shape of a manifest, checked."""
