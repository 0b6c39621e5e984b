"""All input and output with the outside, behind the protocols of `engine.protocols`."""
