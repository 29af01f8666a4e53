"""Training on Spark."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F
from pyspark.sql.utils import is_remote

from tastespace_spark.driver_storage import DriverStorage
from tastespace_spark.errors import TastespaceError, out_of_range
from tastespace_spark.model import Model
from tastespace_spark.module import Module
from tastespace_spark.prepare import Interactions, prepare
from tastespace_spark.split import split
from tastespace_spark.storage import Folder, Storage, without_secrets
from tastespace_spark.training.file import model_file
from tastespace_spark.training.plan import Plan
from tastespace_spark.training.ranking import Rankings, users_to_validate
from tastespace_spark.training.run import run
from tastespace_spark.training.start import Biases
from tastespace_spark.training.totals import Totals
from tastespace_spark.training.validation import Choice, Ratings

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyspark import SparkContext
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class EpochReport:
    """The result of an epoch."""

    #: ``fit``, or ``refit`` for the second training, on all rows.
    phase: str
    #: From 1.
    epoch: int
    #: Largest number of epochs.
    epochs: int
    #: Training loss: RMSE for ``biased-mf``, mean loss of a pair for ``bpr``.
    loss: float
    #: RMSE on the validation rows, if there are any and the model predicts ratings.
    rmse: float | None
    #: NDCG@10 of the validation users, if there are any and the model ranks items.
    ndcg: float | None
    #: The best epoch so far on validation, 0 for the model before the first; without validation the last.
    best_epoch: int
    #: Whether its phase ends with it.
    last: bool
    seconds: float


def print_epoch(report: EpochReport) -> None:
    """Prints a line of progress to stderr."""
    found = [(name, value) for name, value in (("RMSE", report.rmse), ("NDCG@10", report.ndcg)) if value is not None]
    validation = "".join(f", validation {name} {value:.4f}, best epoch {report.best_epoch}" for name, value in found)
    line = (
        f"{report.phase}: epoch {report.epoch} of {report.epochs}, loss {report.loss:.4f}{validation}, {report.seconds:.1f} s"
    )
    print(line, file=sys.stderr)


def fit(
    data: DataFrame | Interactions,
    model: str = "biased-mf",
    options: dict[str, Any] | None = None,
    *,
    storage: str | None = None,
    seed: int = 0,
    epochs: int | None = None,
    patience: int | None = None,
    tasks: int | None = None,
    history: bool = True,
    timeout: float = 600,
    on_epoch: Callable[[EpochReport], None] = print_epoch,
    **columns: Any,
) -> Model:
    """Trains a model, with the bytes of the model that one machine trains on the same rows.

    - ``data``: a DataFrame of interactions, or what ``prepare`` made of it, for several runs.
    - ``model``: ``biased-mf`` or ``bpr``.
    - ``options``: options of the kind by their names in the library, such as ``{"factors": 32}``. ``blocks`` (default 8, 1 to
      256) is the largest number of tasks.
    - ``storage``: a folder that driver and executors share, as path or URI of ``pyarrow.fs`` (``hdfs://…``, ``s3://…``,
      ``gs://…``). Training writes files to a new folder in it, and removes them. Without it, the driver keeps them on its disk
      and sends them to the executors, which is slower with many tasks.
    - ``seed``: of all random streams, 0 to 2⁵³ − 1.
    - ``epochs``: exactly as many, at least 1, on all rows. By default a tenth of the rows is held out for validation, training
      stops where their RMSE, or for ``bpr`` the NDCG@10 of their users, stops improving, and all rows are trained on for the
      best number of epochs. ``bpr`` is validated on at most 1,000 users, or on more while that costs no more than an epoch.
    - ``patience``: epochs without improvement on validation that end training, at least 1. Default 20, which ``biased-mf``
      applies only after 5,000,000 training rows.
    - ``tasks``: tasks that train at the same time, each on a core of its own. Default: the cores of the cluster, at most
      ``blocks``. The number does not change the model.
    - ``history``: whether the file has the items of each user, which ``recommend`` leaves out.
    - ``timeout``: seconds that a task waits for a file of another, more than a block takes.
    - ``on_epoch``: called after each epoch. By default progress goes to stderr.
    - ``**columns``: names of columns and filters, see ``prepare``: ``userCol``, ``itemCol``, ``ratingCol``, ``timestampCol``,
      ``orderCol``, ``duplicates``, ``positiveThreshold``, ``core``.

    Raises ``TastespaceError``; its ``code`` is one of the library, ``storage/not-usable``, ``storage/timeout`` or
    ``spark/failed``.

    Example::

        model = fit(spark.read.parquet("ratings"), storage="s3://bucket/tmp", orderCol="id")
        model.save("s3://bucket/model.safetensors")
    """
    if is_remote():
        message = "training needs a classic Spark session: Spark Connect has no barrier stages that a program can follow"
        raise TastespaceError("spark/connect", message)
    context = (data.rows if isinstance(data, Interactions) else data).sparkSession.sparkContext
    checked = Module().call({"call": "check", "kind": model, "options": options or {}}).json
    how, blocks = checked["how"], checked["options"]["blocks"]
    _check_numbers({"epochs": epochs, "patience": patience, "tasks": tasks}, seed)
    # Refuses options that a plan cannot have, before any work.
    one = np.ones(1, np.uint32)
    Totals(1, one, one, (1.0, 1.0, 1.0)).begin(Module(), model, checked["options"], seed)
    cores = context.defaultParallelism
    if tasks is not None and tasks > min(blocks, cores):
        most = f"at most {min(blocks, cores)}: the cluster has {cores} cores, and there are {blocks} blocks"
        out_of_range("tasks", tasks, most)
    is_rating = how["task"] == "rating"
    _check_columns(columns, is_prepared=isinstance(data, Interactions))
    # First the storage, which may be refused: preparation takes longer.
    with _shared_folder(storage, context) as folder:
        if not isinstance(data, Interactions):
            data = prepare(data, **columns)
        if is_rating:
            _check_ratings(model, data)
        trainer = _Trainer(
            kind=model,
            options=checked["options"],
            how=how,
            seed=seed,
            tasks=tasks or min(blocks, cores),
            storage=folder,
            timeout=timeout,
            on_epoch=on_epoch,
        )
        start = None
        if epochs is None:
            epochs = trainer.best_epochs(data, patience)
            start = Biases.of(data, data.totals) if epochs == 0 else None
            phase = "refit"
        else:
            phase = "fit"
        learned = data if is_rating else _positives(model, data)
        plan = trainer.plan(learned, phase, max(epochs, 1), is_validated=False)
        if epochs > 0:
            run(plan, learned, trainer.follow(phase, epochs))
        return Model(model_file(plan, data, epochs, history=history, start=start))


@contextmanager
def _shared_folder(storage: str | None, context: SparkContext) -> Iterator[Folder]:
    """A new folder that the driver shares with the tasks, until it is left."""
    if storage is None:
        with DriverStorage(context) as served:
            yield served
        return
    folder = Storage(storage).open().folder(f"tastespace-{uuid.uuid4().hex}")
    try:
        folder.create()
    except OSError as error:
        shown = without_secrets(storage)
        message = (
            f"no folder can be made in the storage '{shown}': {error}; expected a folder that driver and executors may write"
            " to; without storage the driver has the files"
        )
        raise TastespaceError("storage/not-usable", message, {"storage": shown}) from error
    try:
        yield folder
    finally:
        folder.remove()


def _check_numbers(counts: dict[str, int | None], seed: int) -> None:
    for key, value in counts.items():
        if value is not None and (not isinstance(value, int) or value < 1):
            out_of_range(key, value, "an integer from 1")
    if not isinstance(seed, int) or not 0 <= seed < 2**53:
        out_of_range("seed", seed, "an integer from 0 to 2^53 - 1")


def _check_columns(columns: dict[str, Any], *, is_prepared: bool) -> None:
    accepted = [name for name in signature(prepare).parameters if name != "df"]
    own = [name for name in signature(fit).parameters if name not in ("data", "columns")]
    for name in columns:
        if name not in accepted:
            message = (
                f"fit has no argument '{name}': it takes {', '.join(own)}; columns and filters are {', '.join(accepted)};"
                ' options of the model go into options, such as options={"factors": 32}'
            )
        elif is_prepared:
            message = f"fit was given {name} with interactions that are prepared: give it to prepare"
        else:
            continue
        raise TastespaceError("config/unknown-key", message, {"key": name})


def _check_ratings(kind: str, data: Interactions) -> None:
    """Refuses data without ratings, and counts (``core/counts.rs``)."""
    if not data.has_ratings:
        message = f"{kind} is trained on ratings: give ratingCol, or use a ranking model such as bpr"
        raise TastespaceError("dataset/needs-ratings", message, {"kind": kind})
    lowest, highest = data.range
    if highest <= 20 or lowest < 0 or data.rows.where(F.col("rating") != F.floor("rating")).head() is not None:
        return
    positive = data.rows.where("rating > 0")
    middle = positive.count() // 2
    seen, median = 0, 0.0
    for rating, count in sorted(positive.groupBy("rating").count().collect()):
        if seen <= middle:
            median = rating
        seen += count
    if highest >= 10 * median:
        message = (
            f"the ratings are whole numbers from {lowest:g} to {highest:g} with a heavy tail, which look like counts, such as"
            f" plays: {kind} predicts ratings on a scale; use bpr, or make ratings of the counts"
        )
        raise TastespaceError("dataset/counts", message, {"kind": kind, "lowest": lowest, "highest": highest})


def _has_dislikes(data: Interactions) -> bool:
    return data.has_ratings and data.range[0] < 0


def _dislikes(data: Interactions) -> DataFrame | None:
    """The interactions that a ranking model does not learn from."""
    return data.rows.where("rating < 0") if _has_dislikes(data) else None


def _positives(kind: str, data: Interactions) -> Interactions:
    """The interactions that a ranking model learns from: without those with a rating below zero."""
    if not _has_dislikes(data):
        return data
    rows = data.rows.where("rating >= 0")
    count = rows.count()
    if count == 0:
        message = f"{kind} has no positives to learn from: all {data.count} ratings are below zero"
        raise TastespaceError("dataset/no-positives", message, {"kind": kind, "rows": data.count})
    return replace(data, rows=rows, count=count)


@dataclass(frozen=True)
class _Trainer:
    kind: str
    options: dict[str, Any]
    how: dict[str, Any]
    seed: int
    tasks: int
    storage: Folder
    timeout: float
    on_epoch: Callable[[EpochReport], None]

    @property
    def is_rating(self) -> bool:
        return bool(self.how["task"] == "rating")

    def plan(self, data: Interactions, phase: str, epochs: int, *, is_validated: bool) -> Plan:
        totals = data.rows.sparkSession.sparkContext.broadcast(data.totals)
        return Plan(
            kind=self.kind,
            options=self.options,
            seed=self.seed,
            epochs=epochs,
            tasks=self.tasks,
            storage=self.storage.folder(phase),
            timeout=self.timeout,
            is_rating=self.is_rating,
            is_validated=is_validated,
            totals=totals,
        )

    def follow(
        self, phase: str, epochs: int, validation: Ratings | Rankings | None = None, choice: Choice | None = None
    ) -> Callable[[int, float, npt.NDArray[Any] | None], bool]:
        """Reports epochs, and chooses the last by validation."""
        began = time.monotonic()

        def followed(epoch: int, loss: float, found: npt.NDArray[Any] | None) -> bool:
            nonlocal began
            if loss - loss != 0:
                message = f"{self.kind} diverged in epoch {epoch}: lower the option learningRate"
                raise TastespaceError("model/diverged", message, {"kind": self.kind, "epoch": epoch})
            rmse, ndcg, best, is_last = None, None, epoch, epoch == epochs
            if validation and choice and found is not None:
                error, losses = validation.error(found)
                rmse, ndcg = (error, None) if self.is_rating else (None, -error)
                is_last = choice.epoch(epoch, error, losses)
                best = choice.best[1] if choice.best else epoch
            now = time.monotonic()
            self.on_epoch(EpochReport(phase, epoch, epochs, loss, rmse, ndcg, best, is_last, now - began))
            began = now
            return is_last

        return followed

    def best_epochs(self, data: Interactions, patience: int | None) -> int:
        """The number of epochs that is best on a validation part; 0 for the model before the first."""
        parts = split(data, {"by": "random", "test": 0, "validation": True, "seed": self.seed})
        train, held = parts.train, parts.validation
        assert held is not None, "it was requested"
        left_out = None
        if not self.is_rating:
            left_out = _dislikes(train)
            train, held = (_positives(self.kind, part) for part in (train, held))
        epochs = self.how["epochs"]
        after = self.how["patienceAfter"] if patience is None else 0
        choice = Choice(epochs, patience or self.how["patience"], after, train.count)
        plan = self.plan(train, "fit", epochs, is_validated=True)
        if self.is_rating:
            ratings, rows = Ratings.of(held), held.rows
            if self.how["hasStart"]:
                biases = Biases.of(train, plan.totals.value)
                choice.start(*ratings.error(biases.predict(ratings.users, ratings.items)))
            validation: Ratings | Rankings = ratings
        else:
            validation = Rankings(plan.begin()[0])
            rows = users_to_validate(validation.module, train, held, self.seed)
        run(plan, train, self.follow("fit", epochs, validation, choice), rows, left_out)
        plan.storage.remove()
        assert choice.best is not None, "there was an epoch"
        return choice.best[1]
