"""Sums in the order of the rows, so that they have the bits of one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt
    from pyspark.sql import DataFrame

    Columns = dict[str, npt.NDArray[Any]]


def in_row_order(rows: DataFrame, key: str) -> DataFrame:
    """The rows by ``key``, those of each in their order."""
    return rows.repartition(key).sortWithinPartitions("row")


def columns_of(batches: Iterator[pa.RecordBatch]) -> dict[str, npt.NDArray[Any]]:
    """All values of a partition by column; none if it has no batch."""
    parts = list(batches)
    table = pa.Table.from_batches(parts) if parts else pa.table({})
    return {name: table[name].to_numpy() for name in table.column_names}


def sums_by(rows: DataFrame, key: str, terms: Callable[[Columns], list[npt.NDArray[np.float64]]], width: int = 1) -> pa.Table:
    """Columns ``key``, ``count`` and ``sum0``, … of the sums of each term over the rows of each key.

    ``rows`` are those of ``in_row_order``. ``terms`` makes of the columns ``width`` arrays of values to add.
    """

    def summed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        columns = columns_of(batches)
        if not columns:
            return
        keys, of = np.unique(columns[key], return_inverse=True)
        # It adds one value after the other.
        added = [np.bincount(of, values, len(keys)) for values in terms(columns)]
        count = np.bincount(of, minlength=len(keys))
        names = [key, "count", *(f"sum{index}" for index in range(len(added)))]
        yield pa.record_batch([pa.array(keys, pa.int64()), pa.array(count), *map(pa.array, added)], names)

    sums = "".join(f", sum{index} double" for index in range(width))
    return rows.mapInArrow(summed, f"{key} long, count long{sums}").toArrow()
