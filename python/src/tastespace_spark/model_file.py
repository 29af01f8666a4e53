"""Writes the file of a model: ``crates/models/src/serve/file.rs`` has the format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tastespace_spark.scoring.engine import texts

# Names of the safetensors format by those of NumPy.
_NAMES = {"float32": "F32", "uint32": "U32", "uint8": "U8"}

# A header ends at a multiple of so many bytes.
_ALIGNMENT = 8


def model_bytes(metadata: Mapping[str, Any], tensors: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The bytes of a file with this metadata, to which the checksum is added.

    Numbers of the metadata are integers, or floats without an exponent in their shortest text.
    """
    content = {name: np.ascontiguousarray(tensors[name]).tobytes() for name in sorted(tensors)}
    # As the library prints it: sorted and without spaces.
    digest = hashlib.sha256(_json(metadata))
    for name, data in content.items():
        digest.update(f"\n{name} {len(data)}\n".encode())
        digest.update(data)
    header: dict[str, Any] = {"__metadata__": {"tastespace": _json({**metadata, "checksum": digest.hexdigest()}).decode()}}
    end = 0
    for name, data in content.items():
        tensor = tensors[name]
        offsets = [end, end + len(data)]
        header[name] = {"dtype": _NAMES[tensor.dtype.name], "shape": list(tensor.shape), "data_offsets": offsets}
        end += len(data)
    text = _json(header)
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *content.values()])


def id_tensors(side: str, ids: pa.Array) -> dict[str, npt.NDArray[Any]]:
    """The tensors of the ids of users or items."""
    packed = texts(ids)
    return {f"catalogue.{side}.text": packed["bytes"], f"catalogue.{side}.ends": packed["ends"]}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
