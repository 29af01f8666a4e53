"""Cached DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Whether a cached plan may have fewer partitions than `spark.sql.shuffle.partitions`, where its rows need no more.
_ADAPTS = "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning"


def persisted(df: DataFrame) -> DataFrame:
    """Caches a DataFrame, in as many partitions as its rows need. Spark's default is 200, however few the rows are."""
    conf = df.sparkSession.conf
    before = conf.get(_ADAPTS)
    conf.set(_ADAPTS, "true")
    try:
        return df.persist()
    finally:
        conf.set(_ADAPTS, before or "false")
