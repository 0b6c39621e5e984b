"""The lock: made, checked, compared with what there is now, and renewed."""
