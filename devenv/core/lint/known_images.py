"""What is known of widely used images: where they keep data, and which have no curl.

Facts of the images' own documentation and Dockerfiles; only what is certain for every version is here.
"""

from __future__ import annotations

from devenv.model.image_name import host_of, path_and_tag

_DATA: dict[str, tuple[str, ...]] = {
    "library/postgres": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "postgis/postgis": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "pgvector/pgvector": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "timescale/timescaledb": ("/var/lib/postgresql/data", "/home/postgres/pgdata"),
    "bitnami/postgresql": ("/bitnami/postgresql",),
    "library/mysql": ("/var/lib/mysql",),
    "library/mariadb": ("/var/lib/mysql",),
    "library/percona": ("/var/lib/mysql",),
    "library/mongo": ("/data/db",),
    "library/neo4j": ("/data",),
    "library/couchdb": ("/opt/couchdb/data",),
    "library/cassandra": ("/var/lib/cassandra",),
    "library/influxdb": ("/var/lib/influxdb2", "/var/lib/influxdb"),
    "library/elasticsearch": ("/usr/share/elasticsearch/data",),
    "elasticsearch/elasticsearch": ("/usr/share/elasticsearch/data",),
    "opensearchproject/opensearch": ("/usr/share/opensearch/data",),
    "clickhouse/clickhouse-server": ("/var/lib/clickhouse",),
    "minio/minio": ("/data",),
    "cockroachdb/cockroach": ("/cockroach/cockroach-data",),
    "mssql/server": ("/var/opt/mssql", "/var/opt/mssql/data"),
}

_BARE = frozenset(("library/alpine", "library/busybox", "library/debian", "library/ubuntu", "library/postgres",
                   "library/redis", "valkey/valkey"))  # fmt: skip
_BARE_WHEN_SMALL = frozenset(("library/node", "library/python", "library/golang", "library/ruby"))
_REGISTRIES = ("docker.io", "docker.elastic.co", "mcr.microsoft.com")


def data_folders(image: str) -> tuple[str, ...]:
    """Where a database's image keeps its data, the usual place first; () for every other image."""
    if host_of(image) not in _REGISTRIES:
        return ()
    return _DATA.get(path_and_tag(image)[0], ())


def lacks_curl(image: str) -> bool:
    """Whether an image certainly has no curl."""
    if host_of(image) != "docker.io":
        return False
    path, tag = path_and_tag(image)
    small = "slim" in tag.split("-") or any(part.startswith("alpine") for part in tag.split("-"))
    return path in _BARE or (path in _BARE_WHEN_SMALL and small)
