"""Remote sources of a run: what the lock pins is taken as it is, anything new is asked for, resolved and pinned."""

from __future__ import annotations

from devenv import __version__
from devenv.core.lock.lock_file import lock_text, read_lock
from devenv.core.lock.names import short_name
from devenv.core.lock.state import pinned_name, release_problem
from devenv.engine.answers import RemoteTree
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.git_address import refused
from devenv.model.lock import LOCK_FILE, Kind, Lock, Pin, Source
from devenv.records import replace


def load_lock(project: Project, report: Report) -> Lock | None:
    """The project's lock; None when there is none, or when it is wrong, with its problems in `report`."""
    if not project.exists(LOCK_FILE, "file"):
        return None
    return read_lock(project.read(LOCK_FILE), report)


def first_use(url: str) -> str:
    """What a person is asked before anything from `url` is used."""
    return f"Use {url} for the first time? What is in it becomes part of this stack."


def _rewritten(pin: Pin) -> str:
    now = f"'{pin.ref}'" if pin.ref else "its default branch"
    name = short_name(pin.source)
    return f"its history was rewritten since it was pinned; `devenv upgrade {name}` shows and takes what {now} is now"


class Sources:
    """Hands out the files of remote sources. `lock` grows with each source that was not in it, and `before` is what it
    was; `save` writes it, but never over a file that cannot be read. `asked` has the sources in use, each with
    the place that names it first.

    A source in the lock costs no network once its commit is kept on this machine. One that is new is used only after
    its address was agreed to (`world.agree`), once for all its refs and folders.
    """

    def __init__(
        self,
        world: World,
        report: Report,
        *,
        lock: Lock | None = None,
        frozen: bool = False,
        any_release: bool = False,
    ) -> None:
        """`lock` stands in for the file's, which is then not written. A `frozen` lock does not grow: what is not in it
        is DE782. A lock for other releases of devenv is DE783, but with `any_release`."""
        self._world = world
        self._report = report
        self._frozen = frozen
        before = len(report.errors)
        self.lock = lock or load_lock(world.project, report) or Lock()
        self._file = lock is None and not frozen and len(report.errors) == before
        self.asked: dict[Kind, dict[Source, Mark | None]] = {"catalogs": {}, "includes": {}}
        self._answers: dict[str, bool] = {}
        self.before = self.lock
        if not any_release and (problem := release_problem(self.lock, __version__)) is not None:
            report.problems.append(problem)

    def tree(self, kind: Kind, source: Source, mark: Mark | None = None, path: str = "") -> RemoteTree | None:
        """The files of a source that is named at `mark`; None with a problem in the report: DE770–DE774 of Git's,
        DE775 not agreed to, DE781 other files than the lock says."""
        self.asked[kind].setdefault(source, mark)
        try:
            pin = self.lock.pin(kind, source)
            return self._new(kind, source) if pin is None else self._pinned(pin)
        except DevenvError as error:
            for problem in error.problems:
                self._tell(problem, mark, path)
            return None

    def pinned(self, image: str) -> str:
        """An image's name, with the digest that the lock has for it."""
        return pinned_name(image, self.lock)

    def save(self) -> bool:
        """Writes what was pinned in this run; whether there was anything. Raises DevenvError DE701."""
        if not self._file or self.lock == self.before:
            return False
        self.before = self.lock
        return self._world.project.write(LOCK_FILE, lock_text(self.lock))

    def agree(self, url: str) -> None:
        """Asks whether files from `url` may be used, unless the lock says so. Raises DevenvError: DE772 for an address
        that is never used, DE775 for a no."""
        if url in self.lock.trusted:
            return
        if wrong := refused(url):
            raise DevenvError.of("DE772", wrong)
        if url not in self._answers:
            self._answers[url] = self._world.agree(first_use(url))
        if not self._answers[url]:
            raise DevenvError.of(
                "DE775",
                f"{url} has not been used here before, and nobody has agreed to it",
                hint="`devenv lock --yes` agrees to the sources in the manifest; the answer is kept in devenv.lock",
            )
        self.lock = replace(self.lock, trusted=tuple(sorted({*self.lock.trusted, url})))

    def _tell(self, problem: Problem, mark: Mark | None, path: str) -> None:
        self._report.add(problem.code, problem.message, mark, path=path, hint=problem.hint)
        self._report.problems[-1] = replace(self._report.problems[-1], evidence=problem.evidence)

    def _pinned(self, pin: Pin) -> RemoteTree:
        try:
            found = self._world.git.tree(pin.git, pin.commit, pin.path)
        except DevenvError as error:
            if pin.ref == pin.commit or any(problem.code != "DE771" for problem in error.problems):
                raise
            raise DevenvError(*(replace(problem, hint=_rewritten(pin)) for problem in error.problems)) from error
        if found.content != pin.content:
            raise DevenvError.of(
                "DE781",
                f"{pin.source} is not what {LOCK_FILE} says: commit {pin.commit[:12]} has the content {found.content}",
                hint="find out who changed it before you run `devenv upgrade`",
                evidence=[f"{LOCK_FILE}: {pin.content}"],
            )
        return found

    def _new(self, kind: Kind, source: Source) -> RemoteTree:
        if self._frozen:
            hint = "`devenv lock` pins it"
            raise DevenvError.of("DE782", f"{source} is not in {LOCK_FILE}", hint=hint)
        before = self.lock
        self.agree(source.git)
        try:
            commit = self._world.git.commit(source.git, source.ref)
            found = self._world.git.tree(source.git, commit, source.path)
        except DevenvError:
            self.lock = before  # an address at which there is nothing is not kept
            raise
        pin = Pin(git=source.git, ref=source.ref, path=source.path, commit=commit, content=found.content)
        self.lock = self.lock.with_pin(kind, pin)
        return found
