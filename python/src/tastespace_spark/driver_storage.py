"""Storage on the driver: a folder of its disk that it serves to the executors over HTTP."""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tastespace_spark.errors import TastespaceError

if TYPE_CHECKING:
    from types import TracebackType

    from pyspark import SparkContext

# Seconds to wait for an answer.
_TIMEOUT = 600

# Bytes that are read or written at a time.
_PIECE = 1 << 20


@dataclass(frozen=True)
class DriverFolder:
    """A folder of a ``DriverStorage``, by URI."""

    uri: str

    @property
    def shown(self) -> str:
        """Where it is, without the secret."""
        to = urlsplit(self.uri)
        return "/".join([f"http://{to.netloc}", *to.path.split("/")[2:]])

    def folder(self, name: str) -> DriverFolder:
        """A folder in this one."""
        return DriverFolder(f"{self.uri}/{name}")

    def create(self, *, recursive: bool = True) -> None:
        """Makes the folder, and those above it, if ``recursive``."""
        self._ask("POST", "", b"recursive" if recursive else b"")

    def read(self, name: str) -> bytes | None:
        """The content of a file; ``None`` if there is none."""
        return self._ask("GET", f"/{name}")

    def write(self, name: str, content: bytes | memoryview) -> None:
        """Writes a file that is whole for all who see it."""
        self._ask("PUT", f"/{name}", content)

    def names(self) -> list[str]:
        """Names of the files and folders in the folder; none if there is no folder."""
        names: list[str] = json.loads(self._ask("GET", "/") or b"[]")
        return names

    def remove(self) -> None:
        """Removes the folder with all its files, if it is there."""
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: bytes | memoryview = b"") -> bytes | None:
        to = urlsplit(self.uri)
        connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=_TIMEOUT)
        try:
            connection.request(method, to.path + path, body, {"Content-Length": str(len(body))})
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            message = (
                f"the driver at {to.hostname}:{to.port} cannot be reached: {error}; if a firewall closes its ports, give"
                " storage, a folder that all machines share"
            )
            raise TastespaceError("storage/not-usable", message, {"host": to.hostname, "port": to.port}) from error
        finally:
            connection.close()
        if answer.status == http.HTTPStatus.NOT_FOUND and method == "GET":
            return None
        if answer.status == http.HTTPStatus.NOT_FOUND and method != "DELETE":
            raise FileNotFoundError(f"the driver has no folder for {self.shown}{path}")
        if answer.status >= http.HTTPStatus.BAD_REQUEST and answer.status != http.HTTPStatus.NOT_FOUND:
            raise OSError(f"{method} {path}: the driver answered {answer.status} {content.decode(errors='replace')}")
        return content


class DriverStorage:
    """A folder on the driver's disk, served until the end of a ``with`` statement."""

    def __init__(self, context: SparkContext) -> None:
        """Serves at the address that executors reach the driver by. Paths begin with a secret."""
        conf = context.getConf()
        host = conf.get("spark.driver.host") or "localhost"
        self._root = Path(tempfile.mkdtemp(prefix="tastespace-"))
        secret = secrets.token_urlsafe(24)

        class Handler(_Handler):
            root = self._root
            key = secret

        self._http = ThreadingHTTPServer((conf.get("spark.driver.bindAddress") or host, 0), Handler)
        self._http.daemon_threads = True
        self._folder = DriverFolder(f"http://{host}:{self._http.server_port}/{secret}")
        Thread(target=self._http.serve_forever, daemon=True).start()

    def __enter__(self) -> DriverFolder:
        """The folder, for tasks."""
        return self._folder

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends the server, and removes the folder."""
        self._http.shutdown()
        self._http.server_close()
        shutil.rmtree(self._root, ignore_errors=True)


class _Handler(BaseHTTPRequestHandler):
    root: Path
    key: str

    def do_GET(self) -> None:
        path = self._path()
        if path is None or not path.exists():
            self._answer(http.HTTPStatus.NOT_FOUND)
        elif path.is_dir():
            self._answer(http.HTTPStatus.OK, json.dumps(os.listdir(path)).encode())
        else:
            self._send(path)

    def do_PUT(self) -> None:
        path = self._path()
        if path is None or not path.parent.is_dir():
            self._answer(http.HTTPStatus.NOT_FOUND)
            return
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        left = self._length()
        with part.open("wb") as stream:
            while left > 0 and (piece := self.rfile.read(min(left, _PIECE))):
                stream.write(piece)
                left -= len(piece)
        # The sender ended early.
        if left > 0:
            part.unlink()
            return
        part.rename(path)
        self._answer(http.HTTPStatus.OK)

    def do_POST(self) -> None:
        path = self._path()
        is_recursive = self.rfile.read(self._length()) == b"recursive"
        if path is None or not (is_recursive or path.parent.is_dir()):
            self._answer(http.HTTPStatus.NOT_FOUND)
            return
        path.mkdir(parents=True, exist_ok=True)
        self._answer(http.HTTPStatus.OK)

    def do_DELETE(self) -> None:
        path = self._path()
        if path is not None and path != self.root and path.is_dir():
            # A task that Spark has ended may write for a while. It finds the folder no more.
            removed = path.with_name(f"{path.name}.{uuid.uuid4().hex}.removed")
            path.rename(removed)
            shutil.rmtree(removed, ignore_errors=True)
        self._answer(http.HTTPStatus.OK)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps requests out of the driver's output."""

    def _length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def _path(self) -> Path | None:
        """The file or folder of the request; ``None`` without the secret, or for a path that leaves the folder."""
        _, key, *parts = [*self.path.split("/"), ""]
        if not hmac.compare_digest(key.encode(), self.key.encode()) or ".." in parts:
            return None
        return self.root.joinpath(*filter(None, parts))

    def _send(self, path: Path) -> None:
        with path.open("rb") as stream:
            self.send_response(http.HTTPStatus.OK)
            self.send_header("Content-Length", str(os.fstat(stream.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(stream, self.wfile, _PIECE)

    def _answer(self, status: http.HTTPStatus, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
