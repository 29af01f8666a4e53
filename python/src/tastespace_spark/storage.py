"""Files on shared storage, through ``pyarrow.fs``: local and mounted paths, HDFS, S3, Google Cloud Storage."""

from __future__ import annotations

import os
import re
import time
import uuid
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from os.path import abspath
from typing import Protocol

import pyarrow as pa
import pyarrow.fs as pafs

from tastespace_spark.errors import TastespaceError

# Object stores write a file as a whole, and would copy it to rename it, and all files of a folder.
_WRITES_WHOLE_FILES = (pafs.S3FileSystem, pafs.GcsFileSystem, pafs.AzureFileSystem)

_HADOOP_SCHEMES = ("hdfs:", "viewfs:")

# A file is closed once a data node has reported its block. Hadoop looks again after 400 ms, and waits twice as long each
# further time, five in all. The files of training are small and many: look sooner, and as long.
_HADOOP_OPTIONS = {
    "dfs.client.block.write.locateFollowingBlock.initial.delay.ms": 20,
    "dfs.client.block.write.locateFollowingBlock.retries": 10,
}

_HADOOP = (
    "; for HDFS, check the host and the port, and that driver and executors have JAVA_HOME, the folder of libhdfs.so in"
    " ARROW_LIBHDFS_DIR, and what `hadoop classpath --glob` prints in CLASSPATH"
)
_SPACE = "; a space in a URI is written %20"


class Folder(Protocol):
    """A folder that driver and tasks share."""

    @property
    def shown(self) -> str:
        """Where it is, without secrets, for messages."""

    def folder(self, name: str) -> Folder:
        """A folder in this one."""

    def create(self, *, recursive: bool = True) -> None:
        """Makes the folder; and those above it, if ``recursive``."""

    def read(self, name: str) -> bytes | None:
        """The content of a file; ``None`` if there is none."""

    def write(self, name: str, content: bytes | memoryview) -> None:
        """Writes a file that is whole for all who see it."""

    def names(self) -> list[str]:
        """Names of the files and folders in the folder; none if there is no folder."""

    def remove(self) -> None:
        """Removes the folder with all its files, if it is there."""


@dataclass(frozen=True)
class Storage:
    """A folder, by path or URI such as ``hdfs://host/models`` or ``s3://bucket/models?region=eu-west-1``."""

    uri: str

    @cached_property
    def _opened(self) -> tuple[pafs.FileSystem, str]:
        on_hadoop, uri = self.uri.startswith(_HADOOP_SCHEMES), _with_options(self.uri)
        if on_hadoop:
            # The JVM in this process would take Ctrl-C for itself, and end the process.
            os.environ.setdefault("LIBHDFS_OPTS", "-Xrs")
        try:
            if "://" in self.uri:
                filesystem, path = pafs.FileSystem.from_uri(uri)
            else:
                filesystem, path = pafs.LocalFileSystem(), abspath(self.uri)
            if on_hadoop:
                _connect(filesystem, path)
        except (pa.ArrowInvalid, OSError, NotImplementedError) as error:
            hint = _SPACE if " " in self.uri else _HADOOP if on_hadoop else ""
            # The first line, since libraries that are not found have one each. The whole error may have the keys of the URI.
            reason = str(error).partition("\n")[0].replace(uri, self.shown)
            raise TastespaceError(
                "storage/not-usable",
                f"the storage '{self.shown}' cannot be opened: {reason}; expected a path that all machines"
                " share, or a URI of pyarrow.fs, such as hdfs://host/folder, s3://bucket/folder or gs://bucket/folder" + hint,
                {"storage": self.shown},
            ) from None
        return filesystem, path.rstrip("/")

    def __reduce__(self) -> tuple[type[Storage], tuple[str]]:
        """Without the connection, which every process opens for itself."""
        return type(self), (self.uri,)

    @property
    def shown(self) -> str:
        """The URI without secrets, for messages."""
        return without_secrets(self.uri)

    def open(self) -> Storage:
        """Itself, opened, as all its folders are then. Raises ``TastespaceError`` with ``storage/not-usable``."""
        self._opened  # noqa: B018
        return self

    def folder(self, name: str) -> Storage:
        """A folder in this one."""
        path, query = _parts(self.uri)
        folder = Storage(f"{path.rstrip('/')}/{name}{query}")
        if "_opened" in self.__dict__:
            filesystem, path = self._opened
            folder.__dict__["_opened"] = (filesystem, f"{path}/{name}")
        return folder

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}"

    def create(self, *, recursive: bool = True) -> None:
        """Makes the folder, where the storage has folders; and those above it, if ``recursive``."""
        filesystem, path = self._opened
        filesystem.create_dir(path, recursive=recursive)

    def read(self, name: str) -> bytes | None:
        """The content of a file; ``None`` if there is none."""
        filesystem, _ = self._opened
        # HDFS would print the exception of Java for a missing file.
        if isinstance(filesystem, pafs.HadoopFileSystem) and name not in self.names():
            return None
        try:
            with filesystem.open_input_file(self._path(name)) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes | memoryview) -> None:
        """Writes a file that is whole for all who see it."""
        filesystem, _ = self._opened
        path = self._path(name)
        if isinstance(filesystem, _WRITES_WHOLE_FILES):
            with filesystem.open_output_stream(path) as stream:
                stream.write(content)
            return
        # Of its own, since an attempt that Spark gave up on may still write.
        part = f"{path}.{uuid.uuid4().hex}.part"
        with filesystem.open_output_stream(part) as stream:
            stream.write(content)
        filesystem.move(part, path)

    def names(self) -> list[str]:
        """Names of the files and folders in the folder; none if there is no folder."""
        filesystem, path = self._opened
        try:
            return [found.base_name for found in filesystem.get_file_info(pafs.FileSelector(path or "/"))]
        except FileNotFoundError:
            return []

    def remove(self) -> None:
        """Removes the folder with all its files, if it is there; warns if it cannot."""
        filesystem, path = self._opened
        try:
            if not isinstance(filesystem, _WRITES_WHOLE_FILES):
                # HDFS says only "input/output error" when it moves what is missing.
                if _is_missing(filesystem, path):
                    return
                # A task that Spark has ended may write for a while. It finds the folder no more.
                moved = f"{path}.{uuid.uuid4().hex}.removed"
                filesystem.move(path, moved)
                path = moved
            _delete(filesystem, path)
        except FileNotFoundError:
            return
        except OSError as error:
            # No error, since the model is worth more than the space.
            message = f"{path} of the folder {self.shown} could not be removed, and can be removed by hand: {error}"
            warnings.warn(message, stacklevel=2)


def folder_and_name(file: str) -> tuple[Storage, str]:
    """The folder of a file, by path or URI, and the file's name."""
    path, query = _parts(file)
    folder, _, name = path.rpartition("/")
    return Storage((folder or ("/" if path.startswith("/") else ".")) + query), name


def without_secrets(uri: str) -> str:
    """A path or URI without options and the keys that may be in it: ``s3://key:secret@bucket/folder``."""
    return re.sub("://[^/@]*@", "://", _parts(uri)[0])


def _parts(uri: str) -> tuple[str, str]:
    """The path, and the options after it; a path without a scheme has none."""
    path, mark, query = uri.partition("?") if "://" in uri else (uri, "", "")
    return path, mark + query


def _is_missing(filesystem: pafs.FileSystem, path: str) -> bool:
    return bool(filesystem.get_file_info(path).type == pafs.FileType.NotFound)


def _connect(filesystem: pafs.FileSystem, path: str) -> None:
    """Lists a folder of HDFS: the first request connects, and the type of a path is `NotFound` without a connection too."""
    with suppress(FileNotFoundError):
        filesystem.get_file_info(pafs.FileSelector(path or "/"))


def _with_options(uri: str) -> str:
    """A URI of HDFS with the options that it does not name itself."""
    if not uri.startswith(_HADOOP_SCHEMES):
        return uri
    path, query = _parts(uri)
    added = [f"{name}={value}" for name, value in _HADOOP_OPTIONS.items() if f"{name}=" not in query]
    return path + "?" + "&".join(filter(None, [query[1:], *added]))


def _delete(filesystem: pafs.FileSystem, path: str) -> None:
    """Deletes a folder. If a task opens or renames a file in it meanwhile, it is deleted once more."""
    for pause in (0.1, 0.5, 2.0):
        try:
            filesystem.delete_dir(path)
        except OSError as error:
            # The missing path may be such a file instead of the folder.
            if isinstance(error, FileNotFoundError) and _is_missing(filesystem, path):
                return
            time.sleep(pause)
        else:
            return
    filesystem.delete_dir(path)
