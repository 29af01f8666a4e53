"""Top lists and predictions of a model, on the executors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, FloatType, StringType, StructField, StructType

from tastespace_spark.errors import codes_in_messages, out_of_range
from tastespace_spark.model import Model
from tastespace_spark.scoring.columns import check_id, check_new, ids_of
from tastespace_spark.scoring.engine import texts
from tastespace_spark.scoring.send import send_model
from tastespace_spark.scoring.served import ServedModel, served

Unknown = Literal["error", "skip"]

# Users, or pairs, and items of lists in an answer of the engine: they bound its memory.
_ROWS_AT_ONCE = 4096
_ITEMS_AT_ONCE = 1 << 20

_LISTS = "recommendations"


def recommend(
    df: DataFrame,
    model: Model,
    k: int = 10,
    *,
    userCol: str = "user",
    excludeSeen: bool = True,
    exclude: list[str] | None = None,
    unknown: Unknown = "error",
) -> DataFrame:
    """The best items for each row's user, best first: the lists and scores of ``recommend`` in Node, to the bit.

    - ``df``: A row for each user. All of its columns are kept.
    - ``model``: the model, of any kind.
    - ``k``: largest number of items of a list, at least 1.
    - ``userCol``: the column of user ids, integers or texts.
    - ``excludeSeen``: whether items that the user interacted with in training are left out.
    - ``exclude``: ids of items that are never recommended.
    - ``unknown``: whether a user whom the model does not know is an error, or skipped: the list is empty.

    Returns ``df`` with a column ``recommendations``: an array of structs of ``item`` (text), ``score`` and, where the
    model has titles, ``title``. A higher score is better. That of a rating model is a lower bound of the rating.

    Raises ``TastespaceError`` with ``config/out-of-range``, ``data/missing-column``, ``data/wrong-type``,
    ``data/column-exists``, ``spark/connect``. The action that computes the lists fails with errors of the executors,
    such as ``model/unknown-user``, ``model/no-history``, ``node/not-found`` and ``engine/crashed``.

    Example::

        lists = recommend(df.select("user").distinct(), model, k=20)
        lists.write.parquet("s3://bucket/lists")
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        out_of_range("k", k, "an integer from 1")
    _check_unknown(unknown)
    check_id(df, userCol, "userCol")
    has_titles = model.has("titles.ends")
    fields = [StructField("item", StringType(), False), StructField("score", FloatType(), False)]
    if has_titles:
        fields.append(StructField("title", StringType()))
    options = {
        "k": k,
        "seen": "exclude" if excludeSeen else "include",
        "exclude": exclude or [],
        "unknown": unknown,
    }

    def lists(model: ServedModel, batch: pa.RecordBatch) -> pa.Array:
        asked = {"ids": texts(ids_of(batch, userCol))}
        ranked = model.ask(lambda engine, handle: engine.call("rank", handle, "users", asked, json.dumps(options)))
        columns = [model.items.take(pa.array(ranked["items"])), pa.array(ranked["scores"])]
        if has_titles:
            columns.append(model.titles.take(pa.array(ranked["items"])))
        offsets = pa.array(np.concatenate([[0], ranked["ends"]]).astype(np.int32))
        return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(columns, [field.name for field in fields]))

    column = StructField(_LISTS, ArrayType(StructType(fields), False), False)
    return _with_column(df, model, column, lists, max(1, min(_ITEMS_AT_ONCE // k, _ROWS_AT_ONCE)))


def predict(
    df: DataFrame,
    model: Model,
    *,
    userCol: str = "user",
    itemCol: str = "item",
    predictionCol: str = "prediction",
    unknown: Unknown = "error",
) -> DataFrame:
    """The predicted rating, or the score, of each row's pair of a user and an item, as ``predict`` in Node.

    - ``df``: A row for each pair. All of its columns are kept.
    - ``model``: the model, of any kind.
    - ``userCol``: the column of user ids, integers or texts.
    - ``itemCol``: the column of item ids, integers or texts.
    - ``predictionCol``: the column to add.
    - ``unknown``: whether a user or an item that the model does not know is an error, or skipped: the prediction is
      NaN.

    Returns ``df`` with the column of predictions.

    Raises ``TastespaceError`` as :func:`recommend` does.

    Example::

        predict(test, model, unknown="skip").where("not isnan(prediction)")
    """
    _check_unknown(unknown)
    check_id(df, userCol, "userCol")
    check_id(df, itemCol, "itemCol")

    def predictions(model: ServedModel, batch: pa.RecordBatch) -> pa.Array:
        users, items = texts(ids_of(batch, userCol)), texts(ids_of(batch, itemCol))
        options = json.dumps({"unknown": unknown})
        return pa.array(model.ask(lambda engine, handle: engine.call("predict", handle, users, items, options)))

    return _with_column(df, model, StructField(predictionCol, FloatType(), False), predictions, _ROWS_AT_ONCE)


def _with_column(
    df: DataFrame,
    model: Model,
    column: StructField,
    values: Callable[[ServedModel, pa.RecordBatch], pa.Array],
    rows_at_once: int,
) -> DataFrame:
    """``df`` with a column, whose values the model gives for some rows at a time."""
    check_new(df, column.name)
    name = send_model(df.sparkSession, model)

    def with_values(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with codes_in_messages():
            model = served(name)
            for batch in batches:
                for start in range(0, batch.num_rows, rows_at_once):
                    part = batch.slice(start, rows_at_once)
                    names = [*part.schema.names, column.name]
                    yield pa.RecordBatch.from_arrays([*part.columns, values(model, part)], names)

    return df.mapInArrow(with_values, StructType([*df.schema.fields, column]))


def _check_unknown(unknown: str) -> None:
    if unknown not in ("error", "skip"):
        out_of_range("unknown", unknown, "'error' or 'skip'")
