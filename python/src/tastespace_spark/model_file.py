"""Model files from tensors in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tastespace_spark.scoring.engine import texts
from tastespace_spark.training.file import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pyarrow as pa


def model_bytes(metadata: Mapping[str, Any], tensors: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The bytes of a file with this metadata, to which the checksum is added.

    Numbers of the metadata are integers, or floats without an exponent in their shortest text.
    """
    shapes = {name: (tensor.dtype.name, tensor.shape) for name, tensor in tensors.items()}
    # As the library prints it: sorted and without spaces.
    file = File(shapes, json.dumps(metadata, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    for name, tensor in tensors.items():
        file.tensors[name][:] = tensor
    return file.finish()


def id_tensors(side: str, ids: pa.Array) -> dict[str, npt.NDArray[Any]]:
    """The tensors of the ids of users or items."""
    packed = texts(ids)
    return {f"catalogue.{side}.text": packed["bytes"], f"catalogue.{side}.ends": packed["ends"]}
