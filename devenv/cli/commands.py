"""The commands by name with their one-line helps, so that help and errors need not import them."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "init": "Write a first devenv.yaml from what is in the folder.",
    "import": "Write a devenv.yaml that means what Compose files mean.",
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
    "add": "Add a service from the catalog to the manifest.",
    "remove": "Remove a service from the manifest.",
    "set": "Change one value of the manifest.",
    "lint": "Check the stack against policies, and give advice.",
    "generate": "Write the Compose file that the manifest stands for.",
    "graph": "Show the stack as a picture, its longest path marked.",
    "diff": "Show what a change of files means for the stack.",
    "explain": "Show where a value of the stack comes from, step by step.",
    "catalog": "Show the templates that services can use.",
    "lock": "Pin what the manifest's names stand for in devenv.lock.",
    "outdated": "Show what has moved since devenv.lock was made.",
    "upgrade": "Renew what devenv.lock pins, after showing what that changes.",
    "template": "Write, prove and document templates of one's own.",
    "schema": "Write the JSON Schema that editors check manifests with.",
    "doctor": "Find out what this machine lacks, and repair it.",
}
"""In the order of `devenv --help`. Each is `command` (or `app`) in the module of its name beside this one, that of
`import` in `import_`."""
