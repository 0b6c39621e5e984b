"""`include:`: other manifests and Compose files, made part of this one."""
