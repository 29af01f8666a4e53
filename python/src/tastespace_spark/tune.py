"""Search for better options of a kind of model: each trial is a task of Spark."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
from pyspark import SparkFiles
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import TimestampType

from tastespace_spark.errors import TastespaceError, codes_in_messages
from tastespace_spark.scoring.columns import rows_of
from tastespace_spark.scoring.engine import Engine
from tastespace_spark.scoring.send import send


@dataclass(frozen=True)
class TuneReport:
    """The result of a search."""

    kind: str
    #: The metric on validation.
    metric: str
    #: Whether larger values of the metric are better.
    moreIsBetter: bool
    #: The best trial: ``trial``, ``options``, ``value``, ``epoch``, ``epochs``.
    best: dict[str, Any]
    #: The default values of the options that are varied.
    defaults: dict[str, Any]
    #: The options that are varied, with their ranges: ``low``, ``high``, ``log``, or ``choices``.
    space: dict[str, Any]
    #: All options of the best trial that differ from the defaults.
    options: dict[str, Any]
    #: Every trial, the best first. Their values come from unequal numbers of epochs.
    trials: list[dict[str, Any]]
    #: How much the value depends on each option, most first: ``name``, ``value``.
    importance: list[dict[str, Any]]


def tune(
    df: DataFrame,
    kind: str,
    *,
    options: Mapping[str, Any] | None = None,
    space: Mapping[str, Mapping[str, Any]] | None = None,
    trials: int | None = None,
    epochs: int | None = None,
    reduction: int | None = None,
    metric: str | None = None,
    seed: int | None = None,
    split: str | Mapping[str, Any] | None = None,
    userCol: str = "user",
    itemCol: str = "item",
    ratingCol: str | None = "rating",
    timestampCol: str | None = None,
) -> TuneReport:
    """Searches for better options of a kind of model on a validation part, as ``tune`` in Node.

    Trials of a rung train at the same time, a task each; the best third of them trains three times as many epochs in
    the next rung. Which trial goes on depends on the results alone: executors change nothing. A trial starts again in
    each rung, which gives the bits of one that goes on.

    Every task holds all rows and its model in one process, at most 4 GiB: for more data, tune on a sample of the users.

    - ``df``: the interactions. They are collected on the driver, ordered by time, user and item, and sent to the
      executors.
    - ``kind``: the kind of model, of all that the library has, such as ``cml``.
    - ``options``: options that every trial has.
    - ``space``: the options to vary with their values, such as ``{"penalty": {"low": 0.01, "high": 1, "log":
      True}}``. Default: those of the kind.
    - ``trials``: number of trials, from 1 to 1,000. Trial 0 has the defaults. Default 30.
    - ``epochs``: largest number of epochs of a trial. Default: that of the kind.
    - ``reduction``: one in this many trials goes on, with this many times the epochs. Default 3.
    - ``metric``: the metric on validation. Default ``rmse`` for rating models, ``ndcg@10`` for ranking models.
    - ``seed``: seed of the values that are tried and of every training. Default 0.
    - ``split``: how rows are held out, such as ``leave-one-out``. Default: as ``fit`` does.
    - ``userCol``: the column of user ids, integers or texts.
    - ``itemCol``: the column of item ids, integers or texts.
    - ``ratingCol``: the column of ratings; ``None`` for interactions without ratings.
    - ``timestampCol``: the column of times: timestamps or numbers.

    Raises ``TastespaceError`` with ``config/…`` for invalid options, ``data/missing-column``, ``data/wrong-type``,
    ``dataset/empty``, and the error of defaults that cannot be trained. Other errors of the executors are Spark's.

    Example::

        report = tune(ratings, "biased-mf", trials=30)
        model = fit(ratings, "biased-mf", report.options)
    """
    given = {
        "kind": kind,
        "options": options,
        "space": space,
        "trials": trials,
        "epochs": epochs,
        "reduction": reduction,
        "metric": metric,
        "seed": seed,
        "split": split,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    driver = Engine("tuner")
    try:
        driver.call("driver", asked)
        file = send(df.sparkSession, _csv(df, userCol, itemCol, ratingCol, timestampCol), "csv")
        while jobs := driver.call("ask"):
            for job, outcome in _done(df, jobs, file, asked):
                driver.call("tell", job, outcome)
        return TuneReport(**driver.call("report"))
    finally:
        driver.close()


def _done(df: DataFrame, jobs: list[Any], file: str, asked: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The jobs of a rung with their outcomes, a task each."""

    def train(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with codes_in_messages():
            for batch in batches:
                for job in batch.column("job").to_pylist():
                    outcome = _trainer(file, asked).call("train", json.loads(job))
                    yield pa.RecordBatch.from_pydict({"job": [job], "outcome": [json.dumps(outcome)]})

    rows = df.sparkSession.sparkContext.parallelize([(json.dumps(job),) for job in jobs], len(jobs))
    found = rows.toDF("job string").mapInArrow(train, "job string, outcome string").collect()
    return [(json.loads(row.job), json.loads(row.outcome)) for row in found]


_last: tuple[str, Engine] | None = None


def _trainer(file: str, asked: dict[str, Any]) -> Engine:
    """The tuner of this Python worker with the rows, which stays for the next task of the same search."""
    global _last  # noqa: PLW0603 -- one in each process, so that its memory is bounded
    search = json.dumps([file, asked])
    if _last is not None and _last[0] == search and _last[1].alive:
        return _last[1]
    if _last is not None:
        _last[1].close()
    engine = Engine("tuner")
    engine.call("executor", str(Path(SparkFiles.get(file))), asked)
    _last = (search, engine)
    return engine


def _csv(df: DataFrame, userCol: str, itemCol: str, ratingCol: str | None, timestampCol: str | None) -> bytes:
    """The rows as a file, in an order that does not depend on partitions."""
    rows = rows_of(df, {"user": userCol, "item": itemCol, "rating": ratingCol, "time": timestampCol})
    if timestampCol is not None:
        is_timestamp = isinstance(rows.schema["time"].dataType, TimestampType)
        rows = rows.withColumn("time", F.unix_micros("time") if is_timestamp else F.col("time").cast("long"))
    order = [name for name in ("time", "user", "item", "rating") if name in rows.columns]
    parts = rows.sort(*order).mapInArrow(_lines, "lines binary").collect()
    if not parts:
        raise TastespaceError("dataset/empty", "there are no rows: expected interactions")
    return (",".join(rows.columns) + "\n").encode() + b"".join(part.lines for part in parts)


def _lines(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        lines = io.BytesIO()
        pa.csv.write_csv(batch, lines, pa.csv.WriteOptions(include_header=False))
        yield pa.RecordBatch.from_pydict({"lines": [lines.getvalue()]})
