"""The nouns: frozen, typed values that flow from one step of the pipeline to the next."""
