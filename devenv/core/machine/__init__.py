"""Facts of a machine → what would make it fit."""
