"""A trained model: the bytes of its file, which Node and the page load too."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tastespace_spark.errors import TastespaceError
from tastespace_spark.storage import folder_and_name, without_secrets

# Bytes of the length before the header of a safetensors file.
_LENGTH = 8

_DTYPES: dict[str, npt.DTypeLike] = {"F32": "<f4", "F16": "<f2", "U32": "<u4", "U8": "u1"}


class Model:
    """A model file in memory.

    Example::

        model = Model.load("s3://bucket/model.safetensors")
        print(model.kind, len(model.users), len(model.items))
    """

    def __init__(self, content: bytes, name: str = "the model") -> None:
        """A model from the bytes of its file. ``name`` stands for it in errors.

        Raises ``TastespaceError`` with ``file/corrupt`` for other bytes. Tensors and checksum are checked where the
        model is used.
        """
        self.content = content
        self.name = name
        length = int.from_bytes(content[:_LENGTH], "little")
        try:
            self._tensors: dict[str, Any] = json.loads(content[_LENGTH : _LENGTH + length])
            self._metadata: dict[str, Any] = json.loads(self._tensors.pop("__metadata__")["tastespace"])
            self._data = memoryview(content)[_LENGTH + length :]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{name} is not a model file of tastespace; files are written by save()"
            raise TastespaceError("file/corrupt", message, {"file": name}) from error

    def __repr__(self) -> str:
        """Kind, size and training."""
        users, items = (len(self.tensor(f"catalogue.{side}.ends")) for side in ("users", "items"))
        return f"<Model {self.kind}: {users} users, {items} items, {self.training['epochs']} epochs>"

    @classmethod
    def load(cls, path: str) -> Model:
        """The model in a file, by path or URI (``hdfs://…``, ``s3://…``, ``gs://…``).

        Raises ``TastespaceError`` with ``file/not-found`` or ``file/corrupt``.
        """
        folder, name = folder_and_name(path)
        content, file = folder.read(name), without_secrets(path)
        if content is None:
            raise TastespaceError("file/not-found", f"there is no file {file}", {"file": file})
        return cls(content, file)

    def save(self, path: str) -> None:
        """Writes the file, by path or URI. A file of this name is replaced once the new one is whole."""
        folder, name = folder_and_name(path)
        folder.create()
        folder.write(name, self.content)

    @property
    def kind(self) -> str:
        """The kind, such as ``biased-mf``."""
        return str(self._metadata["kind"])

    @property
    def options(self) -> dict[str, Any]:
        """All options that the model was trained with, defaults included."""
        return dict(self._metadata["options"])

    @property
    def training(self) -> dict[str, int]:
        """The training run: ``epochs``, ``seed`` and ``rows``, the number of training interactions."""
        return dict(self._metadata["training"])

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest possible rating."""
        low, high = self._metadata["range"]
        return low, high

    @cached_property
    def users(self) -> pa.LargeStringArray:
        """Ids of the users, in the order of their indices."""
        return self._ids("users")

    @cached_property
    def items(self) -> pa.LargeStringArray:
        """Ids of the items, in the order of their indices."""
        return self._ids("items")

    def has(self, name: str) -> bool:
        """Whether the file has a tensor of this name."""
        return name in self._tensors

    def tensor(self, name: str) -> npt.NDArray[Any]:
        """A tensor of the file, such as ``item_factors``, without a copy.

        Raises ``TastespaceError`` with ``file/corrupt`` if there is none.
        """
        if not self.has(name):
            message = f"{self.name} has no tensor '{name}'; it has {', '.join(self._tensors)}"
            raise TastespaceError("file/corrupt", message, {"file": self.name})
        tensor = self._tensors[name]
        start, end = tensor["data_offsets"]
        return np.frombuffer(self._data[start:end], _DTYPES[tensor["dtype"]]).reshape(tensor["shape"])

    def largest_tensor(self) -> tuple[str, int]:
        """The name and the bytes of the largest tensor."""
        sizes = {name: tensor["data_offsets"][1] - tensor["data_offsets"][0] for name, tensor in self._tensors.items()}
        return max(sizes.items(), key=lambda tensor: tensor[1])

    def _ids(self, side: str) -> pa.LargeStringArray:
        ends = self.tensor(f"catalogue.{side}.ends")
        offsets = np.zeros(len(ends) + 1, np.int64)
        offsets[1:] = ends
        text = self.tensor(f"catalogue.{side}.text")
        return pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
