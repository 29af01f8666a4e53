"""Columns of ids."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import ByteType, DataType, IntegerType, LongType, NumericType, ShortType, StringType

from tastespace_spark.errors import TastespaceError

_ID_TYPES = (StringType, LongType, IntegerType, ShortType, ByteType)


def check_id(df: DataFrame, column: str, argument: str) -> None:
    """Refuses a column of ids, named by an argument, that is not there, or whose values are neither integers nor texts."""
    _check_type(df, column, argument, _ID_TYPES, expected="ids are integers or texts", cast="string")


def check_number(df: DataFrame, column: str, argument: str) -> None:
    """Refuses a column, named by an argument, that is not there, or whose values are no numbers."""
    _check_type(df, column, argument, (NumericType,), expected="ratings are numbers", cast="float")


def check_there(df: DataFrame, column: str, argument: str) -> None:
    """Refuses the name of a column, given by an argument, that is not there."""
    if column in df.columns:
        return
    message = f"there is no column '{column}' for {argument}; the columns are {', '.join(df.columns)}"
    raise TastespaceError("data/missing-column", message, {"column": column, "columns": df.columns})


def check_new(df: DataFrame, column: str) -> None:
    """Refuses the name of a column to add that is there already."""
    if column not in df.columns:
        return
    message = f"there is a column '{column}' already, which would be added: rename or drop it"
    raise TastespaceError("data/column-exists", message, {"column": column})


def rows_of(df: DataFrame, columns: Mapping[str, str | None]) -> DataFrame:
    """The columns ``user`` and ``item`` as texts, ``rating`` as floats and ``time`` as it is, by their names in ``df``.

    ``None`` stands for a column that there is not.
    """
    chosen = []
    for name, column in columns.items():
        if column is None:
            continue
        if name in ("user", "item"):
            check_id(df, column, f"{name}Col")
            chosen.append(df[column].cast("string").alias(name))
        elif name == "rating":
            check_number(df, column, "ratingCol")
            chosen.append(df[column].cast("float").alias(name))
        else:
            check_there(df, column, "timestampCol")
            chosen.append(df[column].alias(name))
    return df.select(chosen)


def ids_of(batch: pa.RecordBatch, column: str) -> pa.Array:
    """Ids as texts, those of integers as their digits. Refuses null."""
    ids = batch.column(column)
    if ids.null_count:
        message = f"column '{column}' has a null value: expected an id; leave such rows out"
        raise TastespaceError("data/bad-id", message, {"column": column})
    return ids.cast(pa.large_string())


def _check_type(
    df: DataFrame,
    column: str,
    argument: str,
    types: tuple[type[DataType], ...],
    *,
    expected: str,
    cast: str,
) -> None:
    check_there(df, column, argument)
    kind = df.schema[column].dataType
    if isinstance(kind, types):
        return
    message = (
        f"column '{column}' is of type {kind.simpleString()}: {expected};"
        f" convert it, for example by df.withColumn('{column}', df['{column}'].cast('{cast}'))"
    )
    raise TastespaceError("data/wrong-type", message, {"column": column, "type": kind.simpleString()})
