"""Every rule there is: the source of docs/reference/lint.md, of the policy's schema and of what `lint` looks for."""

from __future__ import annotations

from devenv.core.lint import (
    credentials,
    images,
    memory,
    mounts,
    naming,
    ports,
    privileges,
    startup,
    templates,
    tidy,
)
from devenv.core.lint.subject import Rule

FAMILIES: dict[str, tuple[Rule, ...]] = {
    "Images": images.RULES,
    "Published ports": ports.RULES,
    "Starting": startup.RULES,
    "Privileges": tuple(rule for rule in (*privileges.RULES, *mounts.RULES)),
    "Memory": memory.RULES,
    "Names and labels": naming.RULES,
    "Templates": templates.RULES,
    "Secrets": credentials.RULES,
    "Tidiness": tidy.RULES,
}

RULES: dict[str, Rule] = {rule.name: rule for family in FAMILIES.values() for rule in family}
"""By the name that policies use, in the order of the codes."""

WAIVERS: dict[str, tuple[str, str, str]] = {
    "DL951": (
        "waiver-ended",
        "A waiver's last day is over",
        "It counts no more. Do what the rule asks for, or agree on another day with whoever stands behind the policy.",
    ),
    "DL952": ("waiver-ends-soon", "A waiver ends within two weeks", "Do what the rule asks for before that."),
    "DL953": ("waiver-unused", "A waiver spares nothing", "Remove it: what it was for is done."),
    "DL954": (
        "waiver-not-allowed",
        "A waiver for another policy's rule, which does not let others waive it",
        "Ask for a waiver in that policy.",
    ),
}
"""What is told of the waivers themselves: code → name, title, what to do."""
