"""The only place that imports the Docker SDK: observes, starts, streams and pulls."""

from __future__ import annotations

import os
import posixpath
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devenv.engine import daemon_answers, daemon_logs, plain
from devenv.engine.answers import Distribution
from devenv.engine.daemon_events import ACTIONS, Stream, Watch
from devenv.engine.endpoint import Endpoint, find_endpoint, unreachable
from devenv.engine.protocols import OnBytes, OnLine
from devenv.errors import DevenvError
from devenv.model.image_name import host_of
from devenv.model.observed import Container, EngineInfo, Image, ProbeResult

if TYPE_CHECKING:
    from docker import APIClient

_TIMEOUT = 60  # seconds for an answer; a container with large volumes may take that long to start


class DockerDaemon:
    """The engine that the docker command would use (see `endpoint`). Connects on first use; safe from several threads.

    `environ` is the process's environment. Every method raises DevenvError DE401 when the engine cannot be reached.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._mine = threading.local()
        self._version = "auto"

    @cached_property
    def endpoint(self) -> Endpoint:
        """Where the engine listens; the docker command gets `endpoint.client_environment`."""
        return find_endpoint(self._environ)

    def info(self) -> EngineInfo:
        with self._asking() as api:
            return daemon_answers.engine(api.version(), api.info(), self.endpoint.host)

    def containers(self, project: str) -> list[Container]:
        found = self._ask("/containers/json", all=1, filters=_labelled(project))
        return [daemon_answers.listed(data) for data in found or ()]

    def all_containers(self) -> list[Container]:
        """Every container of the engine, for `HostPorts`, which looks for the one that holds a port."""
        return [daemon_answers.listed(data) for data in self._ask("/containers/json", all=1) or ()]

    def inspect(self, container_id: str) -> Container | None:
        data = self._inspected(container_id)
        return daemon_answers.inspected(data) if data else None

    def environment(self, container_id: str) -> dict[str, str]:
        return daemon_answers.environment(self._inspected(container_id))

    def probes(self, container_id: str) -> list[ProbeResult]:
        return daemon_answers.probes(self._inspected(container_id))

    def probe(self, container_id: str) -> ProbeResult | None:
        argv = daemon_answers.health_check(self._inspected(container_id))
        if not argv:
            return None
        with self._asking() as api:
            run = api.exec_create(container_id, argv)["Id"]
            output = api.exec_start(run)
            code = api.exec_inspect(run)["ExitCode"]
        return ProbeResult(-1 if code is None else code, output.decode("utf-8", "replace"), datetime.now(UTC))

    def start(self, container_id: str) -> None:
        status, said = self._answer("POST", f"/containers/{container_id}/start")
        if status >= 400:
            raise daemon_answers.not_started(said)

    def stop(self, container_id: str, timeout: int | None = None) -> None:
        """Stops a container, after `timeout` seconds (its own when None) by force; one that is gone is stopped."""
        from docker.errors import NotFound

        with self._asking() as api, suppress(NotFound):
            api.stop(container_id, timeout=timeout)

    def delete(self, container_id: str) -> None:
        """Stops a container within its own time and removes it; one that is gone is removed. Its volumes stay."""
        from docker.errors import NotFound

        with self._asking() as api, suppress(NotFound):
            api.stop(container_id)
            api.remove_container(container_id, v=False)

    def watch(self, project: str) -> Watch:
        filters = {"type": ["container"], "event": list(ACTIONS), **_labelled(project)}

        def subscribe(since: str | None) -> Stream:
            query = {"filters": filters} | ({"since": since} if since else {})
            if (lines := plain.stream(self.endpoint, plain.target("/events", query))) is not None:
                return lines
            with self._asking() as api:
                moment: Any = since  # the SDK's types know whole seconds only
                return _Stream(api.events(since=moment, filters=filters, decode=True))

        return Watch(subscribe)

    def logs(
        self,
        container_id: str,
        *,
        follow: bool = False,
        since: datetime | None = None,
        tail: int | None = None,
    ) -> Iterator[tuple[datetime, str]]:
        """Lines of stdout and stderr with their times, oldest first; with `follow` until the container ends.
        Nothing when the container is gone. Closing the iterator ends the connection."""
        from docker.errors import NotFound

        with self._asking() as api:
            try:
                stream = api.logs(
                    container_id,
                    stream=True,
                    follow=follow,
                    timestamps=True,
                    since=since.timestamp() if since else None,
                    tail="all" if tail is None else tail,
                )
            except NotFound:
                return iter(())
        return daemon_logs.lines(_Stream(stream))

    def beginning(self, container_id: str, path: str) -> bytes | None:
        from devenv.engine import daemon_files  # with what reads tar files

        folder = str((self._inspected(container_id).get("Config") or {}).get("WorkingDir") or "/")
        return daemon_files.beginning(posixpath.join(folder, path), partial(self._archive, container_id))

    def image(self, reference: str) -> Image | None:
        data = self._ask(f"/images/{reference}/json")
        return daemon_answers.image(data) if data else None

    def platforms(self, reference: str) -> tuple[str, ...]:
        from devenv.engine.daemon_pull import promptly

        return promptly(lambda: self._platforms(reference))

    def distribution(self, reference: str) -> Distribution:
        from devenv.engine import distribution

        hub = host_of(reference) == "docker.io"
        with self._asking() as api:
            return distribution.ask(api, reference, lambda: self.info().registry_mirrors if hub else (), _words)

    def pull(
        self,
        reference: str,
        on_bytes: OnBytes | None = None,
        platform: str | None = None,
        on_retry: OnLine | None = None,
    ) -> None:
        """A registry that nobody can reach is known within ten seconds."""
        from devenv.engine import registry  # with what it takes to pull, only where something is pulled
        from devenv.engine.daemon_pull import blame_mirror, patiently, wait_for_pull

        def once(count: OnBytes) -> None:
            wait_for_pull(reference, lambda: self._pull_lines(reference, platform), registry.answers, count)

        try:
            patiently(once, on_bytes, on_retry)
        except DevenvError as error:
            if error.problems[0].code == "DE502" and host_of(reference) == "docker.io":
                blame_mirror(error, reference, self.info().registry_mirrors, registry.lacks)
            raise

    def import_root(self, tar: Path, reference: str) -> None:
        """Makes an image from the tar file of a root file system. Raises DevenvError DE507."""
        from docker.errors import APIError

        repository, _, tag = reference.rpartition(":")
        with self._asking() as api:
            try:
                api.import_image_from_file(str(tar), repository, tag, changes=['CMD ["bash"]'])
            except APIError as error:
                message = f"the engine does not take the image {reference}"
                raise DevenvError.of("DE507", message, evidence=[_words(error)]) from error

    def volumes(self, project: str) -> list[str]:
        return sorted(self.volume_times(project))

    def volume_times(self, project: str) -> dict[str, str]:
        found = self._ask("/volumes", filters=_labelled(project)) or {}
        return {volume["Name"]: str(volume.get("CreatedAt") or "") for volume in found.get("Volumes") or []}

    def networks(self, project: str) -> list[str]:
        found = self._ask("/networks", filters=_labelled(project)) or ()
        return sorted(network["Name"] for network in found)

    def make_default_network(self, project: str) -> None:
        labels = {daemon_answers.PROJECT: project, "com.docker.compose.network": "default"}
        self._answer("POST", "/networks/create", {"Name": f"{project}_default", "Labels": labels})

    def attached(self, project: str, network: str) -> dict[str, str]:
        found = (self._ask(f"/networks/{at}") or {} for at in self._made_by_compose(project, network))
        return {key: one["Name"] for data in found for key, one in (data.get("Containers") or {}).items()}

    def delete_network(self, project: str, network: str) -> None:
        for at in self._made_by_compose(project, network):
            status, said = self._answer("DELETE", f"/networks/{at}")
            if status not in (204, 404):
                raise daemon_answers.refused(f"the engine keeps the network {network}", said)

    def network_ids(self) -> frozenset[str]:
        return frozenset(network["Id"] for network in self._ask("/networks") or ())

    def _made_by_compose(self, project: str, network: str) -> list[str]:
        labels = [f"{daemon_answers.PROJECT}={project}", f"com.docker.compose.network={network}"]
        return [one["Id"] for one in self._ask("/networks", filters={"label": labels}) or ()]

    def _platforms(self, reference: str) -> tuple[str, ...]:
        with self._asking() as api:
            return daemon_answers.platforms(api.inspect_distribution(reference))  # type: ignore[no-untyped-call]

    def _pull_lines(self, reference: str, platform: str | None) -> Iterator[Mapping[str, Any]]:
        from docker.errors import APIError, DockerException

        from devenv.engine import pulling

        with self._asking() as api:
            try:
                yield from api.pull(reference, stream=True, decode=True, platform=platform)
            except APIError as error:
                raise pulling.failure(reference, _words(error)) from error
            except DockerException as error:
                if "Credentials store" not in str(error):
                    raise
                raise pulling.no_credentials(reference, str(error)) from error

    def _archive(self, container_id: str, path: str) -> Iterator[bytes]:
        from docker.errors import NotFound

        from devenv.engine import daemon_files

        with self._asking() as api, suppress(NotFound):
            stream, _ = api.get_archive(container_id, path, chunk_size=daemon_files.CHUNK)
            yield from _Stream(stream)

    def _inspected(self, container_id: str) -> dict[str, Any]:
        data: dict[str, Any] = self._ask(f"/containers/{container_id}/json") or {}
        return data

    def _ask(self, path: str, **query: Any) -> Any:
        """What the engine says to a question; None when there is no such thing."""
        status, said = self._answer("GET", path, **query)
        if status not in (200, 404):
            raise daemon_answers.refused("the Docker engine refuses a request", said)
        return said if status == 200 else None

    def _answer(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> plain.Answer:
        """The answer to one request: over a plain socket or, where that cannot be, by the SDK's connection."""
        wanted = plain.target(path, query)
        if (found := plain.ask(self.endpoint, method, wanted, body)) is not None:
            return found
        with self._asking() as api:
            response = api.request(method, f"{api.base_url}/v{api.api_version}{wanted}", json=body, timeout=_TIMEOUT)
            return response.status_code, response.json() if response.content.strip() else None

    @contextmanager
    def _asking(self) -> Generator[APIClient]:
        """A client of this thread's own; what goes wrong on the way to the engine becomes DE401."""
        from docker.errors import APIError, DockerException, TLSParameterError
        from requests.exceptions import RequestException

        try:
            yield self._client()
        except APIError as error:
            raise DevenvError.of("DE409", "the Docker engine refuses a request", evidence=[_words(error)]) from error
        except (DockerException, RequestException, TLSParameterError, OSError) as error:
            raise unreachable(self.endpoint, str(error), self._environ) from error

    def _client(self) -> APIClient:
        if (client := getattr(self._mine, "client", None)) is None:
            client = self._mine.client = self._connect()
        found: APIClient = client
        return found

    def _connect(self) -> APIClient:
        from docker import APIClient
        from docker.tls import TLSConfig

        at = self.endpoint
        tls: TLSConfig | bool = False
        if at.tls:
            pair = (at.certificate, at.key) if at.certificate and at.key else None
            tls = TLSConfig(client_cert=pair, ca_cert=at.ca, verify=at.verify)
        client = APIClient(at.host, version=self._version, timeout=_TIMEOUT, tls=tls, use_ssh_client=True)
        self._version = client.api_version
        return client


class _Stream:
    """One of the SDK's streams, which ends quietly when its connection does and can be closed more than once."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Any]:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        with suppress(DockerException, RequestException, OSError, ValueError, AttributeError):
            yield from self._stream

    def close(self) -> None:
        from docker.errors import DockerException

        with suppress(DockerException, OSError, AttributeError):  # AttributeError: the response has ended already
            self._stream.close()


def _labelled(project: str) -> dict[str, list[str]]:
    return {"label": [f"{daemon_answers.PROJECT}={project}"]}


def _words(error: Any) -> str:
    """What the engine said about a request that it refused."""
    return str(error.explanation or error).strip()
