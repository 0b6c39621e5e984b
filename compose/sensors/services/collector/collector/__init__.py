"""Turns what sensors publish over MQTT into metrics that Prometheus reads."""
