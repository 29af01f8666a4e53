"""DataFrames of interactions as training sets: the same rows, numbers and order as the library makes of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql import types as T

from tastespace_spark.cached import persisted
from tastespace_spark.errors import TastespaceError
from tastespace_spark.training.totals import Totals, rating_scale

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyspark.sql import Column, DataFrame, Row

# Row numbers are 32-bit numbers, and the largest means none.
_MOST_ROWS = 2**32 - 2

# Integers in canonical form: 7 and -3, but not 007 or +7.
_CANONICAL = "^(0|-?[1-9][0-9]*)$"
# Numbers without decimals, as Spark writes them where it took a column of ids for fractions.
_WHOLE = r"^-?[0-9]+(\.0+)?$"

_DUPLICATES = ("last", "sum", "count", "max")

_ID_TYPES = (T.StringType, T.IntegralType)
_RATING_TYPES = (T.NumericType, T.BooleanType)
_TIME_TYPES = (T.NumericType, T.TimestampType, T.TimestampNTZType, T.DateType)


@dataclass(frozen=True)
class Interactions:
    """Interactions with numbered users, items and rows.

    ``rows`` has the columns ``row`` (from 0, without gaps, in the order of the data), ``user`` and ``item`` (indices), and
    where the data has them ``rating`` (float) and ``time`` (seconds). ``users`` and ``items`` have the columns ``index`` and
    ``id``.
    """

    rows: DataFrame
    users: DataFrame
    items: DataFrame
    count: int
    #: Numbers of users and of items.
    sizes: tuple[int, int]
    #: Lowest and highest rating, also of rows that a filter or a split removed; 1 without ratings.
    range: tuple[float, float]
    #: Rows that became part of a later row with the same user and item.
    duplicates: int

    @property
    def has_ratings(self) -> bool:
        """Whether the data has ratings."""
        return "rating" in self.rows.columns

    def ids(self, side: str) -> pa.ChunkedArray:
        """Ids of ``users`` or ``items``, in the order of their indices."""
        table: DataFrame = getattr(self, side)
        return table.toArrow().sort_by("index")["id"]

    @cached_property
    def totals(self) -> Totals:
        """Counts of interactions, and facts about the ratings."""
        users, items = (self._counts(side, size) for side, size in zip(("user", "item"), self.sizes, strict=True))
        return Totals(self.count, users, items, rating_scale(self.rows, self.count) if self.has_ratings else (0, 0, 0))

    def _counts(self, side: str, size: int) -> npt.NDArray[np.uint32]:
        table = self.rows.groupBy(side).count().toArrow()
        counts = np.zeros(size, np.uint32)
        counts[table[side].to_numpy()] = table["count"].to_numpy()
        return counts

    def dataframe(self) -> DataFrame:
        """The rows in their order with ids: ``user``, ``item``, and where the data has them ``rating`` and ``time``."""
        rows = self.rows
        for side, table in (("user", self.users), ("item", self.items)):
            rows = rows.withColumnRenamed(side, "index").join(table.withColumnRenamed("id", side), "index").drop("index")
        return rows.orderBy("row").select(*self.rows.columns[1:])


def prepare(
    df: DataFrame,
    *,
    userCol: str = "user",
    itemCol: str = "item",
    ratingCol: str | None = "rating",
    timestampCol: str | None = None,
    orderCol: str | None = None,
    duplicates: str = "last",
    positiveThreshold: float | None = None,
    core: int = 0,
) -> Interactions:
    """Numbers the interactions of a DataFrame, as the library does with the rows of a file.

    - ``userCol``, ``itemCol``: columns of ids, texts or integers. Ids that are all integers are numbered in ascending order,
      others by first appearance.
    - ``ratingCol``: column of finite numbers; ``None`` for implicit feedback.
    - ``timestampCol``: column of numbers, timestamps or dates.
    - ``orderCol``: column of different values in whose order the rows are. Without it, the order of the DataFrame's
      partitions, which is that of the file if it was read from one file and not shuffled.
    - ``duplicates``: what becomes of rows with the same user and item. The last of them stays, by time and then by order,
      with its rating (``last``), their ``sum`` or the highest (``max``), or the number of rows (``count``, and ``sum``
      without ratings).
    - ``positiveThreshold``: keeps the rows with at least this rating, as implicit feedback.
    - ``core``: removes users and items with fewer rows, again and again, until all have as many.

    Raises ``TastespaceError`` with ``data/missing-column``, ``data/wrong-type``, ``data/bad-row``, ``data/bad-number``,
    ``data/equal-order``, ``data/no-rows`` or ``data/too-large``.
    """
    if duplicates not in _DUPLICATES:
        accepted = ", ".join(_DUPLICATES)
        message = f"duplicates is {duplicates!r}: expected one of {accepted}"
        raise TastespaceError("config/out-of-range", message, {"key": "duplicates", "value": duplicates})
    named = {"user": userCol, "item": itemCol, "rating": ratingCol, "time": timestampCol, "order": orderCol}
    columns = {role: name for role, name in named.items() if name is not None}
    _check_columns(df, columns)
    raw = persisted(in_order(_cast(df, columns), "order" in columns))
    rows, total = numbered(raw)
    if total == 0:
        raise TastespaceError("data/no-rows", "the DataFrame has no rows", {"rows": 0})
    read = _check_rows(rows, columns)
    for side in ("user", "item"):
        if read[f"{side}_is_whole"] and read[f"{side}_has_point"]:
            rows = rows.withColumn(side, F.substring_index(side, ".", 1))
    firsts = {side: rows.groupBy(side).agg(F.min("row").alias("first")) for side in ("user", "item")}
    different = persisted(_without_duplicates(rows, duplicates))
    has_ratings = "rating" in different.columns
    rating = F.col("rating") if has_ratings else F.lit(1.0)
    count, *limits = _only(different.agg(F.count("*"), F.min(rating), F.max(rating)))
    kept = different
    if positiveThreshold is not None and has_ratings:
        kept, limits = kept.where(rating >= F.lit(positiveThreshold).cast("float")).drop("rating"), [1.0, 1.0]
    if core > 1:
        kept = _core(kept, core)
    ids, sizes = {}, []
    for side in ("user", "item"):
        table, size = _ids(firsts[side], kept, side, read)
        if size == 0:
            raise TastespaceError("data/no-rows", f"of {total} rows none is left after the filter", {"rows": total})
        ids[side] = table
        sizes.append(size)
        kept = kept.join(table.withColumnRenamed("id", side), side).drop(side).withColumnRenamed("index", side)
    kept, left = renumbered(kept)
    for cached in (raw, different):
        cached.unpersist()
    return Interactions(kept, ids["user"], ids["item"], left, (sizes[0], sizes[1]), (limits[0], limits[1]), total - count)


def _check_columns(df: DataFrame, columns: dict[str, str]) -> None:
    types = {field.name: field.dataType for field in df.schema}
    accepted = {"user": _ID_TYPES, "item": _ID_TYPES, "rating": _RATING_TYPES, "time": _TIME_TYPES}
    expected = {"rating": "numbers", "time": "numbers, timestamps or dates"}
    for role, name in columns.items():
        if name not in types:
            parameter = f"{'timestamp' if role == 'time' else role}Col"
            hint = "; without ratings, give ratingCol=None" if role == "rating" else ""
            message = f"there is no column '{name}' for {parameter}: found {', '.join(types)}{hint}"
            raise TastespaceError("data/missing-column", message, {"column": name, "found": list(types)})
        if role in accepted and not isinstance(types[name], accepted[role]):
            to = {"rating": "double", "time": "timestamp"}.get(role, "string")
            message = (
                f"column '{name}' has the type {types[name].simpleString()}: expected"
                f" {expected.get(role, 'texts or integers')}; cast it, as in df.withColumn('{name}', df['{name}'].cast('{to}'))"
            )
            raise TastespaceError("data/wrong-type", message, {"column": name, "type": types[name].simpleString()})


def _cast(df: DataFrame, columns: dict[str, str]) -> DataFrame:
    casts = {"user": "string", "item": "string", "rating": "float"}

    def column(role: str, name: str) -> Column:
        # By name and not as a path: a name may have dots.
        of = df[f"`{name}`"]
        if role == "time" and isinstance(df.schema[name].dataType, (T.DateType, T.TimestampNTZType)):
            of = of.cast("timestamp")
        kind = "double" if role == "time" else casts.get(role)
        return (of.cast(kind) if kind else of).alias(role)

    return df.select(*(column(role, name) for role, name in columns.items()))


def in_order(df: DataFrame, has_order: bool) -> DataFrame:
    """The rows in the order of the column ``order``, if there is one."""
    return df.repartitionByRange("order").sortWithinPartitions("order") if has_order else df


def numbered(df: DataFrame) -> tuple[DataFrame, int]:
    """The rows with their number ``row``, and how many there are, in the order of the partitions of ``df``, which is cached."""
    # Its lower bits number the rows of a partition.
    at = F.monotonically_increasing_id()
    marked = df.withColumn("partition", F.spark_partition_id()).withColumn("at", at.bitwiseAND(F.lit(2**33 - 1)))
    sizes: dict[int, int] = dict(marked.groupBy("partition").count().collect())
    starts, total = [], 0
    for partition in sorted(sizes):
        starts.append((partition, total))
        total += sizes[partition]
    if total > _MOST_ROWS:
        raise TastespaceError("data/too-large", f"too large: {total} rows, more than {_MOST_ROWS}", {"limit": _MOST_ROWS})
    start = F.broadcast(df.sparkSession.createDataFrame(starts, "partition int, start long"))
    number = F.col("start") + F.col("at")
    return marked.join(start, "partition").withColumn("row", number).drop("partition", "at", "start"), total


def renumbered(rows: DataFrame) -> tuple[DataFrame, int]:
    """Interactions with the numbers ``row`` of their order, without gaps, and how many there are."""
    ordered = [name for name in ("row", "user", "item", "rating", "time") if name in rows.columns]
    cached = persisted(in_order(rows.select(F.col("row").alias("order"), *ordered[1:]), True))
    rows, count = numbered(cached)
    return rows.select(*ordered), count


def _check_rows(rows: DataFrame, columns: dict[str, str]) -> dict[str, Any]:
    """Refuses rows without an id or a number. Returns the form of the ids, and the number of rows."""
    bad = {role: F.col(role).isNull() | (F.col(role) == "") for role in ("user", "item")}
    for role in {"rating", "time"} & columns.keys():
        value = F.col(role).cast("double")
        bad[role] = value.isNull() | value.isNaN() | (F.abs(value) == float("inf"))
    facts = [F.count("*").alias("rows")]
    for role, is_bad in bad.items():
        facts += [F.count_if(is_bad).alias(f"{role}_bad"), F.min(F.when(is_bad, F.col("row"))).alias(f"{role}_first")]
    for side in ("user", "item"):
        id, whole = F.col(side), F.substring_index(side, ".", 1)
        facts += [
            F.bool_and(id.rlike(_WHOLE)).alias(f"{side}_is_whole"),
            F.bool_or(id.contains(".")).alias(f"{side}_has_point"),
            F.bool_and(whole.rlike(_CANONICAL) & whole.try_cast("long").isNotNull()).alias(f"{side}_is_integer"),
        ]
    read: dict[str, Any] = _only(rows.agg(*facts)).asDict()
    for role in bad:
        if read[f"{role}_bad"]:
            code, what = (
                ("data/bad-row", "an empty id") if role in ("user", "item") else ("data/bad-number", "no finite number")
            )
            name = columns[role]
            message = (
                f"column '{name}' has {what} in {read[f'{role}_bad']} of {read['rows']} rows, first in row"
                f" {read[f'{role}_first'] + 1}; remove them, as in df.dropna(subset=['{name}'])"
            )
            raise TastespaceError(code, message, {"column": name, "row": read[f"{role}_first"] + 1})
    if "order" in columns:
        equal = rows.groupBy("order").count().where("count > 1").first()
        if equal is not None:
            name = columns["order"]
            message = (
                f"column '{name}' has the value {equal['order']} in {equal['count']} rows: an order needs different values"
            )
            raise TastespaceError("data/equal-order", message, {"column": name})
    return read


def _only(aggregated: DataFrame) -> Row:
    """The row of an aggregation."""
    row = aggregated.first()
    assert row is not None, "an aggregation of all rows has one row"
    return row


def _without_duplicates(rows: DataFrame, duplicates: str) -> DataFrame:
    """Of the rows with the same user and item the last by (time, row), with the rating that ``duplicates`` makes."""
    others = [name for name in ("time", "row", "rating") if name in rows.columns]
    whole = F.struct(*others)
    if duplicates == "count" or (duplicates == "sum" and "rating" not in others):
        rating = F.count("*").cast("float")
    elif duplicates == "sum":
        # One after the other in their order, in numbers of 32 bits.
        ordered = F.array_sort(F.collect_list(whole))
        rating = F.aggregate(ordered, F.lit(0).cast("float"), lambda total, row: total + row["rating"])
    elif duplicates == "max" and "rating" in others:
        rating = F.max("rating")
    else:
        rating = None
    ratings = [] if rating is None else [rating.alias("rating")]
    columns = [f"last.{name}" for name in others if rating is None or name != "rating"]
    grouped = rows.groupBy("user", "item").agg(F.max(whole).alias("last"), *ratings)
    return grouped.select("user", "item", *columns, *(["rating"] if ratings else []))


def _core(rows: DataFrame, least: int) -> DataFrame:
    """The largest part in which every user and item has ``least`` rows."""
    count = rows.count()
    while True:
        for side in ("user", "item"):
            enough = rows.groupBy(side).count().where(F.col("count") >= least).select(side)
            rows = rows.join(enough, side, "left_semi")
        # Cuts off the growing plan.
        rows = rows.localCheckpoint()
        before, count = count, rows.count()
        if count == before:
            return rows


def _ids(first: DataFrame, kept: DataFrame, side: str, read: dict[str, Any]) -> tuple[DataFrame, int]:
    """The ids in use, numbered, and how many there are: integers ascending, others by first appearance in all rows."""
    used = first.join(kept.select(side).distinct(), side, "left_semi")
    is_integer = read[f"{side}_is_integer"] and (read[f"{side}_is_whole"] or not read[f"{side}_has_point"])
    order = F.col(side).cast("long") if is_integer else F.col("first")
    ordered = persisted(in_order(used.select(F.col(side).alias("id"), order.alias("order")), True))
    table, size = numbered(ordered)
    return table.select(F.col("row").cast("int").alias("index"), "id"), size
