"""Metrics of some users, by the engine of an executor, as parts with a sum that no order or partition changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from math import fsum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tastespace_spark.errors import TastespaceError
from tastespace_spark.scoring.engine import Engine, from_texts, texts
from tastespace_spark.scoring.served import ServedModel

# Metrics of predicted ratings, which are over ratings and not over users.
RATING_METRICS = ("rmse", "mae")


# Of rows; without ratings there is no column of them.
_COLUMNS = ("user", "item", "rating")


class Part(NamedTuple):
    """What some users add to the metrics of all."""

    # Users that count, and their rows.
    users: int
    rows: int
    cold: int
    # Training interactions among the rows; null without the history.
    repeated: int | None
    # Whether an item of the rows has training interactions, without which nothing is measured.
    measurable: bool
    # Sums over users, or over ratings, by metric: numbers whose exact sum is the sum.
    names: list[str]
    sums: list[list[float]]


def exact_sum(values: Iterable[float]) -> list[float]:
    """A few numbers with the exact sum of all: each is the rest that the ones before leave, rounded."""
    values = list(values)
    terms: list[float] = []
    while rest := fsum(chain(values, (-term for term in terms))):
        terms.append(rest)
    return terms


def part_of(model: ServedModel, rows: dict[str, pa.Table], options: dict[str, Any]) -> Part | None:
    """The part of some users, by their ``test`` rows and others; ``None`` if none of the rows can be a test item.

    Tables have columns ``user``, ``item`` and, with ratings, ``rating``.
    """
    try:
        return model.ask(lambda engine, handle: _Measuring(engine, handle, rows, options).part())
    except TastespaceError as error:
        # Other users may have positives.
        if error.code == "dataset/no-positives":
            return None
        raise


class _Measured(NamedTuple):
    """Metrics of some users, and of each."""

    report: dict[str, Any]
    names: list[str]
    users: pa.StringArray
    # Test rows of each user.
    rows: npt.NDArray[np.uint32]
    # (metrics, users)
    values: npt.NDArray[np.float64]

    def part(self, *, measurable: bool) -> Part:
        weights = {"rmse": self.rows, "mae": self.rows}
        squared = {"rmse": 2}
        sums = [
            exact_sum((of_users ** squared.get(name, 1) * weights.get(name, 1)).tolist())
            for name, of_users in zip(self.names, self.values, strict=True)
        ]
        rows, cold, repeated = self.report["rows"], self.report["cold"], self.report.get("repeated")
        return Part(len(self.rows), rows, cold, repeated, measurable, self.names, sums)


class _Measuring:
    def __init__(self, engine: Engine, model: int, rows: dict[str, pa.Table], options: dict[str, Any]) -> None:
        self._engine = engine
        self._model = model
        self._rows = rows
        self._options = json.dumps({**options, "perUser": True})

    def part(self) -> Part:
        columns = [name for name in _COLUMNS if name in self._rows["test"].column_names]
        test = self._rows["test"].select(columns)
        measured = self._evaluate(test)
        if len(measured.users):
            return measured.part(measurable=True)
        # None of their items has training interactions: they count if those of other users have.
        row = self._row_of_training(test["user"])
        if row is None:
            return measured.part(measurable=False)
        row = row.select(columns)
        both, alone = self._evaluate(pa.concat_tables([test, row])), self._evaluate(row)
        kept = pc.not_equal(both.users, row["user"][0]).to_numpy(zero_copy_only=False)
        report = {**both.report, "rows": both.report["rows"] - 1}
        if "repeated" in report:
            report["repeated"] -= alone.report["repeated"]
        rows, values = both.rows[kept], both.values[:, kept]
        return both._replace(report=report, rows=rows, values=values).part(measurable=False)

    def _evaluate(self, test: pa.Table) -> _Measured:
        with (
            self._dataset("test", test) as rows,
            self._dataset("given", self._rows.get("given")) as given,
            self._dataset("exclude", self._rows.get("exclude")) as exclude,
        ):
            measured = self._engine.call("evaluate", self._model, rows, given, exclude, self._options)
            ids = from_texts(self._engine.call("names", rows, "users"))
        names = json.loads(measured["metrics"])
        values = measured["values"].reshape(len(names), -1)
        users = ids.take(pa.array(measured["users"]))
        return _Measured(json.loads(measured["report"]), names, users, measured["rows"], values)

    @contextmanager
    def _dataset(self, name: str, rows: pa.Table | None) -> Iterator[int | None]:
        if rows is None or rows.num_rows == 0:
            yield None
            return
        dataset = self._engine.call("createDataset", "rows", json.dumps({"file": f"the {name} rows"}))
        try:
            self._engine.call("append", dataset, "rows", _columns(rows), "")
            self._engine.call("finish", dataset)
            yield dataset
        finally:
            if self._engine.alive:
                self._engine.call("dispose", dataset)

    def _row_of_training(self, users: pa.ChunkedArray) -> pa.Table | None:
        """A row of another user and an item that both have training interactions; ``None`` if there is none."""
        ids = [self._trained(side) for side in ("users", "items")]
        others = ids[0].filter(pc.invert(pc.is_in(ids[0], users.combine_chunks())))
        if not len(others) or not len(ids[1]):
            return None
        return pa.table({"user": others[:1], "item": ids[1][:1], "rating": pa.array([1], pa.float32())})

    def _trained(self, side: str) -> pa.StringArray:
        """Ids of users or items with training interactions."""
        rows = pa.array(self._engine.call("rows", self._model, side))
        return from_texts(self._engine.call("names", self._model, side)).filter(pc.greater(rows, 0))


def _columns(rows: pa.Table) -> dict[str, Any]:
    """Rows as the engine takes them."""
    columns = {name: rows[name].combine_chunks() for name in _COLUMNS if name in rows.column_names}
    for name, column in columns.items():
        if column.null_count:
            message = f"a row has a null {name}: leave such rows out, for example by df.dropna()"
            raise TastespaceError("data/bad-row", message, {"column": name})
    ratings = columns["rating"].to_numpy() if "rating" in columns else np.empty(0, np.float32)
    ids = {"users": texts(columns["user"]), "items": texts(columns["item"])}
    return {**ids, "ratings": ratings, "times": np.empty(0)}
