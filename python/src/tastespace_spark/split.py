"""Splits of interactions into parts, by the rules of the library: the same rows as on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from tastespace_spark.cached import persisted
from tastespace_spark.errors import TastespaceError
from tastespace_spark.module import Answer, Module
from tastespace_spark.prepare import Interactions, in_order, numbered, prepare, renumbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    #: The answer to the step `check`.
    Checked = dict[str, Any]

# The numbers of the parts (`crates/data/src/split/part.rs`).
_TRAIN, _VALIDATION, _VALIDATION_GIVEN, _TEST, _TEST_GIVEN = range(5)

_RULES = "random, per-user, leave-one-out, time, user, kfold"

# Rows of a batch.
_BATCH = 1 << 16


@dataclass(frozen=True)
class Parts:
    """The parts of a split. Each is ``None`` if it has no rows."""

    _data: Interactions
    #: The rows with their ``part`` and their number in it, ``within``.
    _marked: DataFrame
    _counts: dict[int, int] = field(repr=False)

    @cached_property
    def train(self) -> Interactions:
        """Training rows."""
        part = self._part(_TRAIN)
        assert part is not None, "the rules keep a row for training"
        return part

    @cached_property
    def validation(self) -> Interactions | None:
        """Validation rows, for early stopping, if requested."""
        return self._part(_VALIDATION)

    @cached_property
    def test(self) -> Interactions | None:
        """Test rows."""
        return self._part(_TEST)

    @cached_property
    def train_and_validation(self) -> Interactions | None:
        """Training and validation rows, for the final training; ``None`` without a validation part."""
        return self._part(_TRAIN, _VALIDATION, _VALIDATION_GIVEN) if self._counts.get(_VALIDATION) else None

    @cached_property
    def validation_given(self) -> Interactions | None:
        """Split by user: the given rows of the validation users, from which they are folded in."""
        return self._part(_VALIDATION_GIVEN)

    @cached_property
    def test_given(self) -> Interactions | None:
        """Split by user: the given rows of the test users, from which they are folded in."""
        return self._part(_TEST_GIVEN)

    def _part(self, *parts: int) -> Interactions | None:
        count = sum(self._counts.get(part, 0) for part in parts)
        if count == 0:
            return None
        rows = self._marked.where(F.col("part").isin(*parts)).drop("part")
        if len(parts) == 1:
            rows = rows.drop("row").withColumnRenamed("within", "row").select(*self._data.rows.columns)
        else:
            rows, _ = renumbered(rows.drop("within"))
        return replace(self._data, rows=rows, count=count)


def split(data: DataFrame | Interactions, by: str | Mapping[str, Any] = "random", **columns: Any) -> Parts:
    """Splits interactions into parts for training, validation and test.

    - ``data``: a DataFrame of interactions, or what ``prepare`` made of it.
    - ``by``: the rule with its options, as on the command line or as a mapping: ``random:0.1``,
      ``per-user:0.8,0.1,0.1;min=5``, ``leave-one-out;validation=true``, ``time:0.1``, ``user:0.1;given=0.5``,
      ``kfold:5;fold=0``, ``{"by": "random", "test": 0.2, "seed": 7}``.
    - ``**columns``: names of columns and filters, see ``prepare``.

    Parts keep the order of the rows and the indices of users and items. ``dataframe()`` of a part has the ids.

    Raises ``TastespaceError``: ``config/…`` for options, ``split/…`` for a part without rows, ``dataset/needs-timestamps``.

    Example::

        parts = split(ratings, "leave-one-out", timestampCol="time")
        model = fit(parts.train, "bpr", storage="s3://bucket/tmp")
        print(evaluate(parts.test.dataframe(), model).values)
    """
    if isinstance(data, Interactions) and columns:
        message = f"split was given {', '.join(columns)} with interactions that are prepared: give them to prepare"
        raise TastespaceError("config/unknown-key", message, {"key": next(iter(columns))})
    steps = _Steps(Module(), dict(by) if isinstance(by, Mapping) else {"by": by})
    checked = steps.take("check").json
    basis, by_time = checked["basis"], checked["byTime"]
    if basis == "file":
        message = f"a split by file has test rows of its own, which evaluate takes as they are: expected one of {_RULES}"
        raise TastespaceError("config/out-of-range", message, {"key": "by"})
    if by_time and ("time" not in data.rows.columns if isinstance(data, Interactions) else "timestampCol" not in columns):
        message = f"the split {checked['options']['by']} needs times: name their column by timestampCol"
        raise TastespaceError("dataset/needs-timestamps", message, {"by": checked["options"]["by"]})
    if not isinstance(data, Interactions):
        data = prepare(data, **columns)
    marked, counts = _MARKED[basis](data, steps, checked)
    steps.take({"counts": [counts.get(_TEST, 0), counts.get(_VALIDATION, 0)]})
    return Parts(data, marked, counts)


@dataclass(frozen=True)
class _Steps:
    """The steps of a split in the module (``crates/shard/src/splits.rs``)."""

    module: Module
    options: dict[str, Any]

    def take(self, step: str | dict[str, Any], parts: Sequence[Numbers] = ()) -> Answer:
        return self.module.call({"call": "split", "options": self.options, "step": step}, parts)


def _by_number(data: Interactions, steps: _Steps, _: Checked) -> tuple[DataFrame, dict[int, int]]:
    held = [part.view("<u4") for part in steps.take({"rows": data.count}).parts]
    numbers = data.rows.sparkSession.sparkContext.broadcast(held)

    def marked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = batch["row"].to_numpy()
            within, part = rows.copy(), np.full(len(rows), _TRAIN, np.int8)
            for of, name in zip(numbers.value, (_VALIDATION, _TEST), strict=True):
                # Ascending, so that as many rows of this part come before.
                before = of.searchsorted(rows)
                is_of = of.take(before, mode="clip") == rows if len(of) else np.zeros(len(rows), np.bool_)
                within = np.where(is_of, before, within - before * (part == _TRAIN))
                part[is_of] = name
            yield batch.append_column("within", pa.array(within, pa.int64())).append_column("part", pa.array(part))

    counts = {_VALIDATION: len(held[0]), _TEST: len(held[1])}
    rows = data.rows.mapInArrow(marked, T.StructType([*data.rows.schema, _WITHIN, _PART]))
    return persisted(rows), {_TRAIN: data.count - sum(counts.values()), **counts}


def _by_user(data: Interactions, steps: _Steps, checked: Checked) -> tuple[DataFrame, dict[int, int]]:
    whole = np.full(data.sizes[0], _TRAIN, np.uint8)
    if checked["options"]["by"] == "user":
        users = np.flatnonzero(data.totals.users).astype("<u4")
        whole[users] = steps.take("users", [users]).parts[0]
    shared = data.rows.sparkSession.sparkContext.broadcast(whole)
    options = steps.options

    def marked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        parts = list(batches)
        if not parts:
            return
        table = pa.Table.from_batches(parts)
        users, counts = np.unique(table["user"].to_numpy(), return_counts=True)
        arrays = [users.astype("<u4"), counts.astype("<u4"), shared.value[users]]
        part = _Steps(Module(), options).take("rowsOfUsers", arrays).parts[0].view(np.int8)
        yield from table.append_column("part", pa.array(part)).to_batches(_BATCH)

    order = ["user", *(["time"] if checked["byTime"] else []), "row"]
    rows = data.rows.repartition("user").sortWithinPartitions(*order)
    return _numbered_within(rows.mapInArrow(marked, T.StructType([*data.rows.schema, _PART])))


def _by_time(data: Interactions, steps: _Steps, _: Checked) -> tuple[DataFrame, dict[int, int]]:
    counts = steps.take({"latest": data.count}).json
    ordered = data.rows.withColumnRenamed("row", "own").repartitionByRange("time", "own").sortWithinPartitions("time", "own")
    ranked = numbered(persisted(ordered))[0]
    first_test = data.count - counts["test"]
    part = (
        F.when(F.col("row") >= first_test, _TEST)
        .when(F.col("row") >= first_test - counts["validation"], _VALIDATION)
        .otherwise(_TRAIN)
    )
    marked = ranked.withColumn("part", part.cast("byte")).drop("row").withColumnRenamed("own", "row")
    return _numbered_within(marked.select(*data.rows.columns, "part"))


def _numbered_within(marked: DataFrame) -> tuple[DataFrame, dict[int, int]]:
    """The rows with their number in their part, and the number of rows of each part."""
    cached = persisted(in_order(marked.withColumn("order", F.col("row")), True).drop("order"))
    sizes = cached.groupBy(F.spark_partition_id().alias("partition"), "part").count().collect()
    starts: dict[tuple[int, int], int] = {}
    counts: dict[int, int] = {}
    for partition, part, size in sorted(sizes):
        starts[partition, part] = counts.get(part, 0)
        counts[part] = starts[partition, part] + size

    def within(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = TaskContext.get()
        assert context is not None, "a task runs this"
        partition = context.partitionId()
        next_of = {part: start for (of, part), start in starts.items() if of == partition}
        for batch in batches:
            parts = batch["part"].to_numpy()
            numbers = np.zeros(len(parts), np.int64)
            for part in np.unique(parts).tolist():
                is_of = parts == part
                size = int(is_of.sum())
                numbers[is_of] = np.arange(next_of[part], next_of[part] + size)
                next_of[part] += size
            yield batch.append_column("within", pa.array(numbers))

    return persisted(cached.mapInArrow(within, T.StructType([*cached.schema, _WITHIN]))), counts


_WITHIN = T.StructField("within", T.LongType())
_PART = T.StructField("part", T.ByteType())
_MARKED = {"number": _by_number, "user": _by_user, "time": _by_time}
