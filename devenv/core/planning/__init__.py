"""Stack and facts → Plan."""
