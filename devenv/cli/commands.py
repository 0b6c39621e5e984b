"""The commands by name with their one-line helps, so that help and errors need not import them."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "init": "Write a first devenv.yaml from what is in the folder.",
    "up": "Bring the stack up and wait until every service is ready.",
    "plan": "Show what `up` would do, and why; nothing is changed.",
    "down": "Stop the stack and remove its containers; data stays.",
    "status": "Show the services: state, image, address, age.",
    "logs": "Show what the services print.",
    "exec": "Run a command in a service's container.",
    "restart": "Restart services and wait until they are ready.",
    "open": "Show the addresses of the stack, or open one in the browser.",
    "check": "Ask the running stack whether it does its job.",
    "timings": "Show how long bringing the stack up took, and why.",
    "validate": "Check the manifest and show every problem in it.",
    "generate": "Write the Compose file that the manifest stands for.",
    "catalog": "Show the templates that services can use.",
    "schema": "Write the JSON Schema that editors check manifests with.",
    "doctor": "Find out what this machine lacks, and repair it.",
}
"""In the order of `devenv --help`. Each is `command` (or `app`) in the module of its name beside this one."""
