"""What Compose says: its keys, merge rules, interpolation, paths and files."""
