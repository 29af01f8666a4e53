"""The model file of a run (``serve/file.rs``), byte for byte that of one machine."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tastespace_spark.errors import TastespaceError
from tastespace_spark.training.exchange import pack, unpack
from tastespace_spark.training.sums import columns_of, in_row_order, sums_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tastespace_spark.module import Module
    from tastespace_spark.prepare import Interactions
    from tastespace_spark.storage import Folder
    from tastespace_spark.training.plan import Plan, Side
    from tastespace_spark.training.start import Biases
    from tastespace_spark.training.totals import Totals

    Tensors = dict[str, npt.NDArray[Any]]

_DTYPES = {"float32": "F32", "uint32": "U32", "uint8": "U8"}
# safetensors puts wider numbers first, floating-point numbers before integers.
_ORDER = ("F32", "U32", "U8")
# The header ends at a multiple of this.
_ALIGNMENT = 8


class File:
    """A model file under construction: a header and room for the tensors, which are filled in place."""

    def __init__(self, shapes: dict[str, tuple[str, tuple[int, ...]]], metadata: str) -> None:
        """A file of tensors by name, dtype and shape. ``metadata`` is that without the checksum."""
        self._metadata = metadata
        order = sorted(shapes, key=lambda name: (_ORDER.index(_DTYPES[shapes[name][0]]), name))
        self._entries: dict[str, dict[str, Any]] = {}
        end = 0
        for name in order:
            dtype, shape = shapes[name]
            start, end = end, end + int(np.prod(shape)) * np.dtype(dtype).itemsize
            self._entries[name] = {"dtype": _DTYPES[dtype], "shape": list(shape), "data_offsets": [start, end]}
        header = len(self._header("0" * 64))
        # Made as a stream, which hands out its bytes without a copy.
        self._stream = io.BytesIO()
        self._stream.seek(header + end - 1)
        self._stream.write(b"\0")
        self._data = np.frombuffer(self._stream.getbuffer(), np.uint8)[header:]
        self.tensors: Tensors = {}
        for name, entry in self._entries.items():
            start, end = entry["data_offsets"]
            self.tensors[name] = self._data[start:end].view(shapes[name][0]).reshape(entry["shape"])

    def _header(self, checksum: str) -> bytes:
        # The key comes first, since the keys are sorted.
        metadata = f'{{"checksum":"{checksum}",{self._metadata[1:]}'
        header = {"__metadata__": {"tastespace": metadata}, **self._entries}
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % _ALIGNMENT)
        return len(text).to_bytes(8, "little") + text

    def finish(self) -> bytes:
        """The bytes of the file."""
        checksum = hashlib.sha256(self._metadata.encode())
        for name in sorted(self.tensors):
            start, end = self._entries[name]["data_offsets"]
            checksum.update(f"\n{name} {end - start}\n".encode())
            checksum.update(self._data[start:end].data)
        header = self._header(checksum.hexdigest())
        self.tensors.clear()
        del self._data
        self._stream.seek(0)
        self._stream.write(header)
        return self._stream.getvalue()


def model_file(plan: Plan, data: Interactions, epochs: int, *, history: bool, start: Biases | None = None) -> bytes:
    """The file of the model after ``epochs`` epochs, from their folder; or of the biases that it starts from."""
    module, described = plan.begin()
    totals, folder = plan.totals.value, plan.folder(epochs)
    folder.create()
    request = {"call": "metadata", "range": data.range, "epochs": epochs, "rows": totals.rows}
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {name: ("float32", (1,)) for name in described["constants"]}
    texts = {}
    for side, size in zip(("users", "items"), data.sizes, strict=True):
        shapes[described[side]["vectors"]] = ("float32", (size, described["factors"]))
        if described[side]["biases"]:
            shapes[described[side]["biases"]] = ("float32", (size,))
        texts[side] = _texts(data.ids(side))
        shapes[f"catalogue.{side}.text"] = ("uint8", texts[side][0].shape)
        shapes[f"catalogue.{side}.ends"] = shapes[f"catalogue.{side}.rows"] = ("uint32", (size,))
    if plan.is_rating:
        shapes["catalogue.spread"] = ("float32", (2,))
    if history:
        shapes["history.offsets"] = ("uint32", (data.sizes[0] + 1,))
        shapes["history.items"] = ("uint32", (data.count,))
        if data.has_ratings:
            shapes["history.ratings"] = ("float32", (data.count,))
    file = File(shapes, module.call(request).text)
    tensors = file.tensors
    for name, value in described["constants"].items():
        tensors[name][:] = value
    sides: tuple[Side, Side] = ("users", "items")
    for side in sides:
        tensors[f"catalogue.{side}.text"][:], tensors[f"catalogue.{side}.ends"][:] = texts.pop(side)
        tensors[f"catalogue.{side}.rows"][:] = getattr(totals, side)
        if start is None:
            _fill_rows(tensors, described[side], side, folder)
            check_finite(plan.kind, epochs, [tensors[name] for name in described[side].values() if name])
    if start is not None:
        tensors["user_biases"][:], tensors["item_biases"][:] = start.users, start.items
    if plan.is_rating:
        tensors["catalogue.spread"][:] = _spread(module, data, totals)
    if history:
        _fill_history(tensors, data, folder)
    del tensors
    return file.finish()


def check_finite(kind: str, epochs: int, parameters: list[npt.NDArray[np.float32]]) -> None:
    """Refuses parameters that diverged. The loss of an epoch, which is that before its last updates, may be finite."""
    if all(np.isfinite(values).all() for values in parameters):
        return
    message = f"{kind} diverged in epoch {epochs}: lower the option learningRate"
    raise TastespaceError("model/diverged", message, {"kind": kind, "epoch": epochs})


def _texts(ids: pa.ChunkedArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    """All ids joined, and the end of each."""
    encoded = ids.cast(pa.large_binary()).combine_chunks()
    ends = np.frombuffer(encoded.buffers()[1], np.int64)[encoded.offset : encoded.offset + len(encoded) + 1]
    text = np.frombuffer(encoded.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
    return text, (ends[1:] - ends[0]).astype(np.uint32)


def _fill_rows(tensors: Tensors, names: dict[str, str], side: Side, folder: Folder) -> None:
    for name in folder.names():
        if name.startswith(f"{side}-"):
            ids, vectors, biases = unpack(folder.read(name) or b"")
            table = tensors[names["vectors"]]
            table[ids] = vectors[:, : table.shape[1]]
            if names["biases"]:
                tensors[names["biases"]][ids] = biases


def _spread(module: Module, data: Interactions, totals: Totals) -> npt.NDArray[np.float32]:
    """The spread of the ratings within and between items."""
    lowest = totals.scale[1]

    def terms(columns: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[np.float64]]:
        excess = columns["rating"].astype(np.float64) - lowest
        return [excess, np.square(excess)]

    sums = sums_by(in_row_order(data.rows.select("row", "item", "rating"), "item"), "item", terms, 2).sort_by("item")
    arrays = [sums[name].to_numpy().astype("<f8") for name in ("count", "sum0", "sum1")]
    return module.call({"call": "spread"}, arrays).parts[0].view("<f4")


def _fill_history(tensors: Tensors, data: Interactions, folder: Folder) -> None:
    """Items, and ratings, of each user by (time, row), through files, since they may be larger than a Spark result."""
    ordered = [name for name in ("user", "time", "row") if name in data.rows.columns]

    def written(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        columns = columns_of(batches)
        if columns:
            users, counts = np.unique(columns["user"], return_counts=True)
            first, kept = columns["user"][0], [columns[name] for name in ("item", "rating") if name in columns]
            folder.write(f"history-{first}", pack(users, counts, *kept))
            yield pa.record_batch({"first": pa.array([first], pa.int32())})

    rows = data.rows.repartitionByRange("user").sortWithinPartitions(*ordered)
    counts, end = np.zeros(data.sizes[0], np.int64), 0
    for (first,) in sorted(rows.mapInArrow(written, "first int").collect()):
        users, of_users, items, *ratings = unpack(folder.read(f"history-{first}") or b"")
        counts[users] = of_users
        start, end = end, end + len(items)
        tensors["history.items"][start:end] = items
        for values in ratings:
            tensors["history.ratings"][start:end] = values
    tensors["history.offsets"][1:] = np.cumsum(counts)
