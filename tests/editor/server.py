"""Speaks to the YAML language server as an editor does: JSON-RPC over its standard input and output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

SETTINGS = {
    "yaml": {
        "schemaStore": {"enable": False},
        "customTags": ["!reset scalar", "!reset sequence", "!reset mapping", "!override sequence", "!override mapping"],
        "hover": True,
        "completion": True,
        "validate": True,
    }
}
"""As docs/how-to/editor.md tells people to set theirs; nothing is fetched from the network."""

_FOUND = "textDocument/publishDiagnostics"
PATIENCE = 60.0  # seconds


def installed() -> Path:
    """The server's program. Fails, saying what to do, where it is not installed."""
    return cached("yaml-language-server/bin/yaml-language-server")


def cached(file: str) -> Path:
    """A file of what npm has installed for the tests. Fails, saying what to do, where it is not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "devenv-tests")
    path = cache / "editor/node_modules" / file
    if not path.exists() or shutil.which("node") is None:
        raise AssertionError(
            f"there is no {path}: `tests/run tests/editor` installs it with npm; where npm reaches no registry, name "
            "one with `npm config set registry URL`"
        )
    return path


class Server:
    """A running server; `diagnose`, `complete` and `hover` are what an editor asks."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._number = 0
        self._heard: Queue[dict[str, Any]] = Queue()
        Thread(target=self._listen, daemon=True).start()

    def start(self, root: Path) -> None:
        markdown = {"contentFormat": ["markdown"], "documentationFormat": ["markdown"]}
        document = {
            "publishDiagnostics": {},
            "hover": markdown,
            "completion": {"completionItem": {**markdown, "snippetSupport": True}},
        }
        self.ask(
            "initialize",
            processId=None,
            rootUri=root.as_uri(),
            workspaceFolders=[{"uri": root.as_uri(), "name": root.name}],
            capabilities={"textDocument": document, "workspace": {"configuration": True, "workspaceFolders": True}},
        )
        self.tell("initialized")
        self.tell("workspace/didChangeConfiguration", settings=SETTINGS)

    def _open(self, text: str) -> dict[str, str]:
        """A new file for each text: what is said of one that was there may still be on its way."""
        self._number += 1
        document = {"uri": (self._folder / f"{self._number}.yaml").as_uri()}
        self.tell("textDocument/didOpen", textDocument={**document, "languageId": "yaml", "version": 1, "text": text})
        return document

    def diagnose(self, text: str) -> list[dict[str, Any]]:
        """What the editor would underline in a file with this text."""
        return self.diagnose_all([text])[0]

    def diagnose_all(self, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        """The same for many files at once: the server takes its time before it looks at one."""
        documents = [self._open(text) for text in texts]
        waiting = {document["uri"] for document in documents}
        found: dict[str, list[dict[str, Any]]] = {}
        while waiting:
            said = self._wait(lambda m: m.get("method") == _FOUND and m["params"]["uri"] in waiting)["params"]
            found[said["uri"]] = said["diagnostics"]
            waiting.remove(said["uri"])
        for document in documents:
            self.tell("textDocument/didClose", textDocument=document)
        return [found[document["uri"]] for document in documents]

    def complete(self, text: str) -> dict[str, dict[str, Any]]:
        """What the editor would offer at the sign `|` in the text, by label."""
        document, position = self._at(text)
        answer = self.ask("textDocument/completion", textDocument=document, position=position)
        self.tell("textDocument/didClose", textDocument=document)
        return {item["label"]: item for item in answer["items"]}

    def hover(self, text: str) -> str:
        """What the editor would show over the place of the sign `|` in the text."""
        document, position = self._at(text)
        answer = self.ask("textDocument/hover", textDocument=document, position=position)
        self.tell("textDocument/didClose", textDocument=document)
        return "" if answer is None else answer["contents"]["value"]

    def _at(self, text: str) -> tuple[dict[str, str], dict[str, int]]:
        before, _, after = text.partition("|")
        line = before.count("\n")
        return self._open(before + after), {"line": line, "character": len(before) - before.rfind("\n") - 1}

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        answer = self._wait(lambda m: m.get("id") == number and "method" not in m)
        assert "error" not in answer, answer
        return answer["result"]

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted; what the server asks meanwhile is answered."""
        while True:
            try:
                message = self._heard.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError("the language server says nothing") from None
            assert message, "the language server has ended"
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                self._answer(message)

    def _answer(self, message: dict[str, Any]) -> None:
        result = None
        if message["method"] == "workspace/configuration":
            result = [SETTINGS.get(item["section"]) for item in message["params"]["items"]]
        self._send({"id": message["id"], "result": result})

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            length = 0
            while head.strip():
                name, _, value = head.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                head = stream.readline()
            body = stream.read(length)
            if not length or len(body) < length:
                break  # it was ended in the middle of a word
            self._heard.put(json.loads(body))
        self._heard.put({})


@contextmanager
def server(folder: Path, workspace: Path | None = None) -> Iterator[Server]:
    """A server for files in `folder`, in an editor that has `workspace` open."""
    command = ["node", str(installed()), "--stdio"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        made = Server(process, folder)
        made.start(workspace or folder)
        yield made
    finally:
        process.kill()
        process.wait()
