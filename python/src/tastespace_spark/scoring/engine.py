"""The engine in a process of Node, which answers one call at a time. ``ts/engine/calls.ts`` declares the calls."""

from __future__ import annotations

import atexit
import json
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tastespace_spark.errors import TastespaceError
from tastespace_spark.scoring.node import find_node

# Names of JavaScript's types by those of NumPy.
_TYPES = {
    "uint8": "Uint8Array",
    "uint32": "Uint32Array",
    "int32": "Int32Array",
    "int64": "BigInt64Array",
    "float32": "Float32Array",
    "float64": "Float64Array",
}
_DTYPES = {name: np.dtype(dtype) for dtype, name in _TYPES.items()}

# Bytes of the length before a head.
_LENGTH = 4

# The build of the repository puts the programs there.
_PROGRAMS = Path(__file__).parent / "pipe"

# Lines of the program's standard error in a message.
_LINES = 10


class Engine:
    """A running engine. ``call`` asks it; arrays are NumPy's, and a ``Path`` stands for the bytes of its file."""

    def __init__(self, program: Literal["engine", "tuner"] = "engine") -> None:
        """Starts the process: the engine, or the library's tuning, whose calls ``ts/tune/tuner-pipe.ts`` has.

        Raises ``TastespaceError`` with ``node/not-found`` or ``node/too-old``.
        """
        # A file, since a pipe that nobody reads would block the process when it is full.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the process
        command = [find_node(), str(_PROGRAMS / f"{program}.mjs")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        self._process = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._process.poll() is None

    def call(self, name: str, *args: object) -> Any:
        """The answer of a call.

        Raises ``TastespaceError`` with the code of the engine, or ``engine/crashed`` if the process has ended.
        """
        try:
            self._write({"call": name, "args": args})
            answer = self._read()
        except (OSError, EOFError):
            self._crashed(f"its process ended with status {self._process.wait()}")
        if "error" not in answer:
            return answer["value"]
        error = answer["error"]
        if error["code"] == "engine/crashed":
            self._crashed(error["details"]["reason"])
        raise TastespaceError(error["code"], error["message"], error["details"])

    def close(self) -> None:
        """Ends the process."""
        atexit.unregister(self.close)
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _write(self, value: object) -> None:
        arrays: list[npt.NDArray[Any]] = []
        text = json.dumps(
            {
                "value": _without_arrays(value, arrays),
                "arrays": [[_TYPES[array.dtype.name], array.nbytes] for array in arrays],
            }
        ).encode()
        stream = self._process.stdin
        stream.write(len(text).to_bytes(_LENGTH, "little") + text)
        for array in arrays:
            stream.write(array.data.cast("B") if array.size else b"")
        stream.flush()

    def _read(self) -> Any:
        head = json.loads(self._bytes(int.from_bytes(self._bytes(_LENGTH), "little")))
        arrays = [np.frombuffer(self._bytes(length), _DTYPES[name]) for name, length in head["arrays"]]
        return _with_arrays(head["value"], arrays)

    def _bytes(self, count: int) -> bytes:
        found: bytes = self._process.stdout.read(count)
        if len(found) < count:
            raise EOFError("the process has ended")
        return found

    def _crashed(self, reason: str) -> NoReturn:
        """Raises the error of a process that is gone, with the last lines that it wrote."""
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()[-_LINES:]
        wrote = "; its last lines:\n" + "\n".join(lines) if lines else ""
        message = f"the engine on {platform.node()} crashed: {reason}{wrote}"
        raise TastespaceError("engine/crashed", message, {"reason": reason, "lines": lines})


def texts(ids: pa.Array) -> dict[str, npt.NDArray[Any]]:
    """Texts as the engine takes them: all UTF-8, and where each text ends."""
    ids = ids.cast(pa.large_string())
    offsets = np.frombuffer(ids.buffers()[1], np.int64)[ids.offset : ids.offset + len(ids) + 1]
    data = np.frombuffer(ids.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    return {"bytes": data, "ends": (offsets[1:] - offsets[0]).astype(np.uint32)}


def from_texts(packed: dict[str, npt.NDArray[Any]]) -> pa.StringArray:
    """The texts that the engine packed."""
    offsets = np.concatenate([[0], packed["ends"]]).astype(np.int32)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(packed["bytes"]))


def _without_arrays(value: Any, arrays: list[npt.NDArray[Any]]) -> Any:
    match value:
        case np.ndarray():
            arrays.append(np.ascontiguousarray(value))
            return {"$array": len(arrays) - 1}
        case Path():
            return {"$file": str(value)}
        case dict():
            return {key: _without_arrays(part, arrays) for key, part in value.items()}
        case list() | tuple():
            return [_without_arrays(part, arrays) for part in value]
    return value


def _with_arrays(value: Any, arrays: list[npt.NDArray[Any]]) -> Any:
    match value:
        case {"$array": int(place)}:
            return arrays[place]
        case dict():
            return {key: _with_arrays(part, arrays) for key, part in value.items()}
        case list():
            return [_with_arrays(part, arrays) for part in value]
    return value
