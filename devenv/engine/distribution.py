"""What an image's name stands for in its registry: asked through the engine, which knows logins and mirrors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from devenv.engine import daemon_answers, pulling, registry
from devenv.engine.answers import Distribution
from devenv.engine.image_index import platform_digests

if TYPE_CHECKING:
    from docker import APIClient


def ask(
    api: APIClient, reference: str, mirrors: Callable[[], tuple[str, ...]], words: Callable[[Exception], str]
) -> Distribution:
    """See `protocols.Daemon.distribution`; `words` gives what the engine said in an error of the SDK."""
    from docker.errors import APIError
    from requests.exceptions import ReadTimeout

    try:
        answer = api.inspect_distribution(reference)  # type: ignore[no-untyped-call]
    except APIError as error:
        raise pulling.failure(reference, words(error)) from error
    except ReadTimeout as error:
        raise pulling.failure(reference, "no answer from the registry: i/o timeout") from error
    digest = str((answer.get("Descriptor") or {}).get("digest") or "")
    if not digest:
        raise pulling.failure(reference, "the registry does not say which digest it has")
    manifests = platform_digests(registry.index(reference, digest, mirrors()))
    return Distribution(digest, daemon_answers.platforms(answer), manifests)
