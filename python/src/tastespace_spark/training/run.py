"""The driver's part of a training run: it starts one barrier stage, and follows the epochs on storage."""

from __future__ import annotations

import json
import operator
import re
import uuid
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyspark import InheritableThread
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from tastespace_spark.errors import TastespaceError
from tastespace_spark.training.exchange import DECISION, GO, STOP, reports, unpack, wait
from tastespace_spark.training.plan import HELD, LEFT_OUT, TRAINED, Cut
from tastespace_spark.training.task import train

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from pyspark import SparkContext

    from tastespace_spark.prepare import Interactions
    from tastespace_spark.training.plan import Plan

    #: Takes the number of an epoch, from 1, its loss, and the predicted ratings of the validation rows or the NDCG@10 of the
    #: validation users. Returns whether it is the last.
    OnEpoch = Callable[[int, float, npt.NDArray[Any] | None], bool]


def run(
    plan: Plan, data: Interactions, on_epoch: OnEpoch, held: DataFrame | None = None, left_out: DataFrame | None = None
) -> None:
    """Trains on ``data``. The folder of the last epoch has the result.

    ``held`` has the validation rows, and ``left_out`` rows of items that are not ranked for their users.
    """
    module, _ = plan.begin()
    # The folder above those that tasks make, so that a task that outlives the run makes none.
    plan.storage.create()
    rows = _by_task(plan, {TRAINED: data.rows, HELD: held, LEFT_OUT: left_out}, Cut.of(module, 0))
    job = _Job(data.rows.sparkSession.sparkContext, lambda: _stage(plan, rows))
    try:
        for epoch in range(1, plan.epochs + 1):
            folder = plan.folder(epoch)
            losses = _losses(plan, epoch, job)
            # In the order of the groups, one after the other.
            total, count = (reduce(operator.add, (losses[group][part] for group in sorted(losses))) for part in (0, 1))
            loss = float(np.sqrt(total / data.count)) if plan.is_rating else total / max(count, 1)
            is_last = on_epoch(epoch, loss, _validated(plan, epoch) if plan.is_validated else None)
            if plan.is_validated:
                folder.write(DECISION, STOP if is_last else GO)
            plan.folder(epoch - 1).remove()
            if is_last:
                break
        job.join()
    finally:
        job.cancel()


def _losses(plan: Plan, epoch: int, job: _Job) -> dict[int, tuple[float, int]]:
    """Sum and number of the losses of each user group, once the epoch is whole."""
    folder = plan.folder(epoch)

    def look() -> list[str] | None:
        job.check()
        return reports(folder, plan.tasks)

    names = wait(look, float("inf"), "the end of an epoch")
    return {int(group): loss for name in names for group, loss in json.loads(folder.read(name) or b"").items()}


def _validated(plan: Plan, epoch: int) -> npt.NDArray[Any]:
    """What all tasks found for validation, by row or by user."""
    files = [unpack(plan.folder(epoch).read(f"validation-{task}") or b"") for task in range(plan.tasks)]
    numbers, values = (np.concatenate(parts) for parts in zip(*files, strict=True))
    return values[np.argsort(numbers)]


def _by_task(plan: Plan, parts: dict[int, DataFrame | None], cut: Cut) -> DataFrame:
    """The rows of each task in the partition of its number, part after part, in their order."""
    marked = [
        part.drop("time").withColumn("part", F.lit(name).cast("byte")) for name, part in parts.items() if part is not None
    ]
    rows = reduce(DataFrame.unionByName, marked)
    session = rows.sparkSession
    # A key for each partition, since rows are placed by the hash of their key.
    partition = F.pmod(F.hash("id"), F.lit(plan.tasks)).alias("partition")
    keys = session.range(64 * plan.tasks).groupBy(partition).agg(F.min("id")).collect()
    of_task = {int(at): int(key) for at, key in keys}
    of_group = np.array([of_task[plan.owner(group, cut.count)] for group in range(cut.count)])
    shared = session.sparkContext.broadcast(of_group[cut.groups["users"]])

    def placed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch.append_column("key", pa.array(shared.value[batch["user"].to_numpy()]))

    schema = StructType([*rows.schema, StructField("key", LongType())])
    return rows.mapInArrow(placed, schema).repartition(plan.tasks, "key").sortWithinPartitions("part", "row").drop("key")


def _stage(plan: Plan, rows: DataFrame) -> None:
    def trained(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return train(batches, plan)

    # Spark restarts a barrier stage after a loss only if another stage follows it.
    rows.mapInArrow(trained, "task int", barrier=True).repartition(1).collect()


class _Job:
    """A Spark job in the background."""

    def __init__(self, context: SparkContext, body: Callable[[], None]) -> None:
        self._context, self._body = context, body
        self._tag = f"tastespace-{uuid.uuid4().hex}"
        self._error: Exception | None = None
        self._thread = InheritableThread(target=self._run, session=None)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._context.addJobTag(self._tag)
            self._body()
        except Exception as error:
            self._error = error

    def check(self) -> None:
        """Raises the error of the job, if it has failed."""
        if self._error is None:
            return
        own = re.search(r"TastespaceError: (.*)", str(self._error))
        reason = own[1] if own else str(self._error).strip().partition("\n")[0]
        raise TastespaceError("spark/failed", f"the stage of the training failed: {reason}") from self._error

    def join(self) -> None:
        """Waits for the end of the job."""
        self._thread.join()
        self.check()

    def cancel(self) -> None:
        """Ends the job, if it has not ended."""
        if self._thread.is_alive():
            self._context.cancelJobsWithTag(self._tag)
            self._thread.join()
