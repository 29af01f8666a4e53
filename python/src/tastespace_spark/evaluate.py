"""Metrics of a model on test rows, computed by the executors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from math import fsum, sqrt
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tastespace_spark.errors import TastespaceError, codes_in_messages, out_of_range
from tastespace_spark.model import Model
from tastespace_spark.scoring.columns import rows_of
from tastespace_spark.scoring.measure import RATING_METRICS, Part, part_of
from tastespace_spark.scoring.send import send_model
from tastespace_spark.scoring.served import served

# Rows that are evaluated together, and the other rows of their users.
_ROWS_AT_ONCE = 1 << 16

# Metrics of all lists together, or of some items in all of them.
_OF_ALL_LISTS = re.compile("(coverage|gini|novelty)@|recall@.*rows$")

_FRAMES = ("test", "given", "exclude")

# Kinds whose answers depend on the order of a user's interactions.
_SEQUENTIAL = ("attrec", "sasrec")


@dataclass(frozen=True)
class Metrics:
    """Metrics on test rows."""

    #: Values by name, such as ``rmse`` or ``ndcg@10``. Empty if no test row has a user and an item of training.
    values: dict[str, float]
    #: Number of test rows that count.
    rows: int
    #: Test rows whose user or item has no training rows.
    cold: int
    #: Test rows that are training rows too; ``None`` for a model without its history.
    repeated: int | None


def evaluate(
    df: DataFrame,
    model: Model,
    *,
    k: Sequence[int] = (10, 50, 100),
    metrics: Sequence[str] = (),
    task: Literal["rating", "ranking"] | None = None,
    negatives: int = 0,
    seed: int = 0,
    given: DataFrame | None = None,
    exclude: DataFrame | None = None,
    userCol: str = "user",
    itemCol: str = "item",
    ratingCol: str | None = "rating",
    timestampCol: str | None = None,
) -> Metrics:
    """Metrics on the rows of ``df``: those of ``evaluate`` in Node, by the same names.

    Sums are exact and rounded once. So they depend neither on the order of rows nor on the number of partitions, and
    differ from those of Node by rounding alone.

    - ``df``: the test rows.
    - ``model``: the model, of any kind.
    - ``k``: lengths of the lists that ranking metrics consider.
    - ``metrics``: names of the metrics to compute, of one task, such as ``["recall@20", "mrr"]``. Default: all.
    - ``task``: whether predicted ratings are evaluated or rankings. Default: the task of the metrics or of the model.
    - ``negatives``: random items that each test item is also ranked among, for metrics such as ``hr@10/100neg``.
    - ``seed``: seed of the random items.
    - ``given``: rows given as the history of users whom the model does not know; for sequential kinds also later rows
      of known users.
    - ``exclude``: rows whose items are not ranked for their users, besides those of training: the validation part,
      for example.
    - ``userCol``: the column of user ids, integers or texts, of all DataFrames.
    - ``itemCol``: the column of item ids, integers or texts.
    - ``ratingCol``: the column of ratings; ``None`` for rows without ratings.
    - ``timestampCol``: the column of times, by which a user's rows are ordered. Of several rows of a user and an item
      the latest counts, or without times the one with the highest rating.

    Metrics of all lists together are computed by Node only: ``coverage@k``, ``gini@k``, ``novelty@k``,
    ``recall@k/…rows``.

    Raises ``TastespaceError`` with ``config/unknown-metric``, ``config/conflict``, ``data/missing-column``,
    ``data/wrong-type``, ``dataset/needs-timestamps``, ``dataset/no-positives``, ``dataset/empty``. Errors of the
    executors are Spark's, with the message of the engine.

    Example::

        evaluate(test, model, k=[10]).values["ndcg@10"]
    """
    sequential = model.kind in _SEQUENTIAL
    if task not in (None, "rating", "ranking"):
        out_of_range("task", task, "'rating' or 'ranking'")
    if isinstance(k, int) or not all(isinstance(length, int) and length > 0 for length in k):
        out_of_range("k", k, "integers from 1, such as [10, 50]")
    _check(metrics, negatives > 0, given is not None, sequential, timestampCol is not None)
    frames = dict(zip(_FRAMES, (df, given, exclude), strict=True))
    columns = {"user": userCol, "item": itemCol, "rating": ratingCol, "time": timestampCol}
    rows = [rows_of(frame, columns).withColumn("frame", F.lit(name)) for name, frame in frames.items() if frame is not None]
    options: dict[str, Any] = {"k": list(k), "metrics": list(metrics), "negatives": negatives, "seed": seed}
    if task is not None:
        options["task"] = task
    file = send_model(df.sparkSession, model)

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with codes_in_messages():
            model = served(file)
            for rows in whole_users(batches):
                by_frame = {name: rows.filter(pc.equal(rows["frame"], name)) for name in _FRAMES}
                part = part_of(model, by_frame, options) if by_frame["test"].num_rows else None
                if part is not None:
                    yield pa.RecordBatch.from_pydict({"part": [json.dumps(part)]})

    together = reduce(DataFrame.unionByName, rows).repartition("user")
    order = [name for name in ("user", "frame", "time", "rating", "item") if name in together.columns]
    sorted_rows = together.sortWithinPartitions(*order).drop("time")
    parts = [Part(*json.loads(row.part)) for row in sorted_rows.mapInArrow(measure, "part string").collect()]
    if parts:
        return sum_of(parts)
    if df.isEmpty():
        raise TastespaceError("dataset/empty", "there are no test rows: expected a row at least")
    raise TastespaceError("dataset/no-positives", "no test row is a positive: all ratings are below zero")


def _check(metrics: Sequence[str], sampled: bool, given: bool, sequential: bool, times: bool) -> None:
    for name in metrics:
        if _OF_ALL_LISTS.match(name):
            message = f"'{name}' is a metric of all lists together, which the library computes in Node, by model.evaluate"
            raise TastespaceError("config/unknown-metric", message, {"metric": name})
    if given and (sampled or any("neg" in name for name in metrics)):
        message = "metrics among random items need users of training: leave out 'given', 'negatives' and such metrics"
        raise TastespaceError("config/conflict", message, {"key": "given"})
    if given and sequential and not times:
        message = "rows of 'given' need times for a sequential model: give 'timestampCol'"
        raise TastespaceError("dataset/needs-timestamps", message)


def whole_users(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables of some users with all their rows, from rows in the order of users."""
    held: list[pa.Table] = []
    for batch in batches:
        held.append(pa.Table.from_batches([batch]))
        rows = pa.concat_tables(held)
        if rows.num_rows < _ROWS_AT_ONCE:
            continue
        # The last user's rows may go on in the next batch.
        end = pc.index(rows["user"], rows["user"][-1]).as_py()
        held = [rows.slice(end)]
        if end > 0:
            yield rows.slice(0, end)
    if held:
        yield pa.concat_tables(held)


def sum_of(parts: list[Part]) -> Metrics:
    """The metrics of all users."""
    rows, cold = sum(part.rows for part in parts), sum(part.cold for part in parts)
    repeated = None if parts[0].repeated is None else sum(part.repeated or 0 for part in parts)
    if not any(part.measurable for part in parts):
        return Metrics({}, 0, rows + cold, repeated)
    users = sum(part.users for part in parts)
    values = {}
    for place, name in enumerate(parts[0].names):
        total = fsum(chain.from_iterable(part.sums[place] for part in parts))
        mean = total / (rows if name in RATING_METRICS else users)
        values[name] = sqrt(mean) if name == "rmse" else mean
    return Metrics(values, rows, cold, repeated)
