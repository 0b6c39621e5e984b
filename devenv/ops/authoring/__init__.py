"""For authors of templates: a new one, its proof, its reference page."""
