"""Pure steps: text and models in, models and text out."""
