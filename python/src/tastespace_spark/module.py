"""The WebAssembly module that trains a part of the blocks (``crates/shard``), in wasmtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import wasmtime

from tastespace_spark.errors import TastespaceError

Bytes = npt.NDArray[np.uint8]

# Of the parts of a frame.
_ALIGNMENT = 8


@dataclass(frozen=True)
class Answer:
    """The answer to a call: JSON text, and arrays as bytes."""

    text: str
    parts: list[Bytes]

    @cached_property
    def json(self) -> Any:
        """The text as a value."""
        return json.loads(self.text)


@cache
def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The module of this package, compiled once for each process, which takes about a second."""
    code = files("tastespace_spark").joinpath("tastespace_shard.wasm").read_bytes()
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, code)


class Module:
    """An instance of the module, which serves one run."""

    def __init__(self) -> None:
        """Starts an instance."""
        engine, compiled = _compiled()
        self._store = wasmtime.Store(engine)
        instance = wasmtime.Instance(self._store, compiled, [])
        exports: Any = instance.exports(self._store)
        self._memory = exports["memory"]
        self._alloc, self._call, self._free, self._panic = (
            exports[f"tastespace_{name}"] for name in ("alloc", "call", "free", "panic")
        )

    def call(self, request: dict[str, Any], parts: Sequence[npt.NDArray[Any]] = ()) -> Answer:
        """Performs a call.

        Raises ``TastespaceError`` with the code of the module, or ``engine/crashed`` after a panic.
        """
        text = np.frombuffer(json.dumps(request).encode(), np.uint8)
        pieces = [text, *(np.ascontiguousarray(part).view(np.uint8).reshape(-1) for part in parts)]
        head = np.array([len(text), len(parts), *(len(piece) for piece in pieces[1:])], "<u4").view(np.uint8)
        starts, size = [], len(head)
        for piece in pieces:
            starts.append(_aligned(size))
            size = starts[-1] + len(piece)
        try:
            at = self._alloc(self._store, size)
            frame = self._view()[at : at + size]
            frame[: len(head)] = head
            for start, piece in zip(starts, pieces, strict=True):
                frame[start : start + len(piece)] = piece
            return self._read(self._call(self._store, at, size))
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise self._crashed(error) from error

    def _view(self) -> Bytes:
        # Not kept: the memory moves when it grows.
        return np.ctypeslib.as_array(self._memory.get_buffer_ptr(self._store), (self._memory.data_len(self._store),))

    def _read(self, answer: int) -> Answer:
        memory = self._view()
        status, at, size = memory[answer : answer + 12].view("<u4").tolist()
        frame = memory[at : at + size]
        length, count = frame[:8].view("<u4").tolist()
        end = 8 + 4 * count
        pieces = []
        for piece in (length, *frame[8:end].view("<u4").tolist()):
            start = _aligned(end)
            end = start + piece
            pieces.append(frame[start:end].copy())
        self._free(self._store, answer)
        read = Answer(pieces[0].tobytes().decode(), pieces[1:])
        if status != 0:
            raise TastespaceError(read.json["code"], read.json["message"], read.json["details"])
        return read

    def _crashed(self, error: Exception) -> TastespaceError:
        memory, at = self._view(), self._panic(self._store)
        _, start, size = memory[at : at + 12].view("<u4").tolist()
        message = self._view()[start : start + size].tobytes().decode() or str(error)
        return TastespaceError("engine/crashed", f"the module of this task crashed: {message}")


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT
