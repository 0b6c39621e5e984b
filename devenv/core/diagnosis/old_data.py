"""Known causes as data: a server finds a volume of another version of itself."""

from __future__ import annotations

from devenv.core.diagnosis.rule import Rule

_KEEP = "to keep the data, go back to the version that made it, dump it there, and load it with the new one"
_FRESH = "`devenv down --volumes` deletes this stack's data, after asking; the next `devenv up` starts afresh"

OLD_DATA = (
    Rule(
        "old-data",
        (
            r"initialized by PostgreSQL version (?P<version>[\d.]+), which is not compatible"
            r" with this version (?P<mine>\d+)",
        ),
        "its volume holds data of PostgreSQL {version}, and this is PostgreSQL {mine}",
        ("`use: {template}@{version}` in the manifest opens the data again", _KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (r"database files are incompatible with server", r"in 18\+, these Docker images are configured to store"),
        "its volume holds data of another major version of PostgreSQL",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (
            r"Cannot boot server version (?P<mine>\d+) on data directory built by version (?P<version>\d+)",
            r"Invalid MySQL server (?:up|down)grade: Cannot (?:up|down)grade from (?P<version>\d+) to (?P<mine>\d+)",
        ),
        "its volume holds data of MySQL {version}, which MySQL {mine} does not take over",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (r"(?i)redo log was created with (?P<version>(?:MariaDB|MySQL) ?[\d.]*\d)",),
        "its volume holds data of {version}, which this version does not take over",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (
            r"InnoDB: Unsupported redo log format",
            r"InnoDB: A downgrade from .* is not supported",
            r"InnoDB: (?:Up|Down)grade after a crash is not supported",
        ),
        "its volume holds data of another version of MariaDB or MySQL",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (r"Can't handle RDB format version (?P<version>\d+)",),
        "its volume holds data (RDB format {version}) of a newer version, or of another server of the Redis family",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (r"(?:required|mandatory) feature flag not enabled", r"disabled_(?:required|mandatory)_feature_flag"),
        "its volume holds data of an older RabbitMQ whose feature flags were not enabled before the upgrade",
        ("go back to the older version, and run `devenv exec {service} rabbitmqctl enable_feature_flag all`", _FRESH),
    ),
    Rule(
        "old-data",
        (
            r"(?i)invalid featureCompatibilityVersion document",
            r"(?i)invalid feature compatibility version value",
            r"Wrong mongod version",
        ),
        "its volume holds data of another major version of MongoDB",
        ("go up one major version at a time, with setFeatureCompatibilityVersion at each", _KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (
            r"cannot (?:up|down)grade a node from version \[(?P<version>[\d.]+)\] (?:directly )?to version"
            r" \[(?P<mine>[\d.]+)\]",
        ),
        "its volume holds data of version {version}, which version {mine} does not take over",
        (_KEEP, _FRESH),
    ),
    Rule(
        "old-data",
        (r"InconsistentClusterIdException", r"doesn't match stored clusterId"),
        "its volume holds data of another Kafka cluster",
        ("give it the cluster id that its volume was made with", _FRESH),
    ),
)
