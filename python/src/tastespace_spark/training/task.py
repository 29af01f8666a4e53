"""A task of the barrier stage: it trains its user groups, and exchanges item groups with the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyspark import BarrierTaskContext

from tastespace_spark.training.exchange import DECISION, STOP, pack, reports, unpack, wait, wait_for
from tastespace_spark.training.plan import HELD, TRAINED, Cut, members
from tastespace_spark.training.ranking import joined, ndcg
from tastespace_spark.training.sums import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tastespace_spark.storage import Folder
    from tastespace_spark.training.plan import Plan, Side

    #: Embeddings, padded, and biases of a group.
    Rows = list[npt.NDArray[Any]]
    Columns = dict[str, npt.NDArray[Any]]
    #: Of validation rows in a block: their numbers, user positions and item positions.
    Pairs = list[npt.NDArray[Any]]

# Position of a user or an item without training interactions.
_UNKNOWN = 2**32 - 1

# The columns that move with a user to another task.
_MOVED = ("row", "user", "item", "part")


def train(batches: Iterator[pa.RecordBatch], plan: Plan) -> Iterator[pa.RecordBatch]:
    """Trains from the last whole epoch to the end. The batches have the interactions of the task's user groups."""
    context = BarrierTaskContext.get()
    task = _Task(plan, context.partitionId(), columns_of(batches))
    # The others may see an epoch that has just become whole.
    start = max(map(int, context.allGather(str(_last_whole(plan)))))
    for epoch in range(start, plan.epochs):
        if not task.may_start(epoch):
            break
        task.train_epoch(epoch)
    yield pa.record_batch({"task": pa.array([task.number], pa.int32())})


def _last_whole(plan: Plan) -> int:
    """The number of whole epochs on storage."""
    epochs = sorted((int(name) for name in plan.storage.names()), reverse=True)
    return next((epoch for epoch in epochs if reports(plan.folder(epoch), plan.tasks)), 0)


def _part(columns: Columns, part: int) -> Columns:
    of = columns["part"] == part
    return {name: values[of] for name, values in columns.items()}


class _Task:
    def __init__(self, plan: Plan, number: int, columns: Columns) -> None:
        self.plan = plan
        self.number = number
        self._columns = columns
        self._module, described = plan.begin()
        self._stride: int = described["stride"]
        self._cuts_anew: bool = described["cutsAnew"]
        self._is_loaded = False
        #: The validation rows of each block.
        self._validation: dict[tuple[int, int], Pairs] = {}
        #: Item groups that this task trains next.
        self._held: dict[int, Rows] = {}

    def may_start(self, epoch: int) -> bool:
        """Whether the driver lets an epoch start."""
        if not self.plan.is_validated or epoch == 0:
            return True
        return wait_for(self.plan.folder(epoch), DECISION, self.plan.timeout) != STOP

    def train_epoch(self, epoch: int) -> None:
        cut = Cut.of(self._module, epoch)
        if self._cuts_anew or not self._is_loaded:
            self._load(epoch, cut)
        self.plan.folder(epoch).create(recursive=False)
        trained: dict[int, Rows] = {}
        for step in range(cut.count):
            pending = self._groups(cut)
            while pending:
                # Blocks of a step share no rows, so that any order has the same result.
                user_group, item_group, rows = self._next(pending, epoch, step, cut)
                pending.remove(user_group)
                request = {"call": "train", "epoch": epoch, "group": user_group, "itemGroup": item_group}
                rows = self._module.call(request, rows).parts
                if step + 1 == cut.count:
                    trained[item_group] = rows
                elif self._trains(cut, item_group, cut.strata[step + 1]):
                    self._held[item_group] = rows
                else:
                    self.plan.folder(epoch).write(f"passed-{item_group}-{step + 1}", pack(*rows))
        self._end(epoch + 1, cut, trained)

    def _groups(self, cut: Cut) -> list[int]:
        """The user groups of this task."""
        return [group for group in range(cut.count) if self.plan.owner(group, cut.count) == self.number]

    def _trains(self, cut: Cut, item_group: int, stratum: int) -> bool:
        return self.plan.owner((item_group - stratum) % cut.count, cut.count) == self.number

    def _load(self, epoch: int, cut: Cut) -> None:
        """Takes the user groups of this task into training."""
        self._is_loaded = True
        if epoch > 0 and self._cuts_anew:
            self._columns = self._moved(epoch, cut)
        columns = self._columns
        if columns:
            if self.plan.is_rating:
                self._validation = self._pairs(_part(columns, HELD), cut)
            columns = _part(columns, TRAINED)
        groups = cut.groups["users"][columns["user"]] if columns else np.zeros(0)
        for group in self._groups(cut):
            own = {name: values[groups == group] for name, values in columns.items()}
            users = own.get("user", np.zeros(0, np.int32))
            items = own.get("item", users).astype("<u4")
            ratings = own.get("rating", np.zeros(len(users))).astype("<f4")
            rows = self._first_rows("users", group, epoch, cut)
            assert rows is not None, "the users of a task come from a whole epoch"
            self._module.call({"call": "load", "group": group}, [cut.positions["users"][users], items, ratings, *rows])

    def _next(self, pending: list[int], epoch: int, step: int, cut: Cut) -> tuple[int, int, Rows]:
        """A user group, the item group that it meets, and the rows of that, once they are there."""

        def look() -> tuple[int, int, Rows] | None:
            for user_group in pending:
                item_group = (user_group + cut.strata[step]) % cut.count
                rows = self._items(item_group, epoch, step, cut)
                if rows is not None:
                    return user_group, item_group, rows
            return None

        return wait(look, self.plan.timeout, f"item groups of epoch {epoch + 1}, step {step + 1} of {cut.count},")

    def _items(self, group: int, epoch: int, step: int, cut: Cut) -> Rows | None:
        if group in self._held:
            return self._held.pop(group)
        if step == 0:
            return self._first_rows("items", group, epoch, cut)
        content = self.plan.folder(epoch).read(f"passed-{group}-{step}")
        return None if content is None else unpack(content)

    def _sources(self, group: int, cut: Cut) -> list[int]:
        """The groups of the epoch before from which members of a group may come."""
        return list(range(cut.count)) if self._cuts_anew else [group]

    def _first_rows(self, side: Side, group: int, epoch: int, cut: Cut) -> Rows | None:
        """The rows of a group at the start of an epoch; ``None`` while some are missing."""
        if epoch == 0:
            return self._module.call({"call": "initial", "side": side, "group": group}).parts
        folder = self.plan.folder(epoch)
        pieces = [folder.read(f"{side}-{source}-{group}") for source in self._sources(group, cut)]
        if None in pieces:
            return None
        size = len(members(self._module, side, group))
        vectors, biases = np.zeros((size, self._stride), "<f4"), np.zeros(size, "<f4")
        has_biases = False
        for ids, piece_vectors, piece_biases in (unpack(piece) for piece in pieces if piece is not None):
            positions = cut.positions[side][ids]
            vectors[positions] = piece_vectors
            has_biases = has_biases or len(piece_biases) > 0
            if len(piece_biases) > 0:
                biases[positions] = piece_biases
        return [vectors, biases if has_biases else biases[:0]]

    def _moved(self, epoch: int, cut: Cut) -> Columns:
        """The interactions of the task's new users, in the order of the data."""
        folder = self.plan.folder(epoch)
        names = [f"data-{task}-{group}" for group in self._groups(cut) for task in range(self.plan.tasks)]
        pieces = [unpack(wait_for(folder, name, self.plan.timeout)) for name in names]
        # Few users make fewer groups than there are tasks.
        if not pieces:
            return {}
        columns = dict(zip(_MOVED, (np.concatenate(parts) for parts in zip(*pieces, strict=True)), strict=True))
        order = np.argsort(columns["row"])
        return {name: values[order] for name, values in columns.items()}

    def _end(self, epoch: int, cut: Cut, trained: dict[int, Rows]) -> None:
        """Puts the rows after ``epoch`` epochs on storage, with losses and predictions."""
        folder, module = self.plan.folder(epoch), self._module
        folder.create(recursive=False)
        users: dict[int, Rows] = {}
        losses = {}
        for group in self._groups(cut):
            users[group] = module.call({"call": "rows", "group": group}).parts
            loss = module.call({"call": "loss", "group": group})
            losses[group] = [float(loss.parts[0].view("<f8")[0]), loss.json["count"]]
        # The items first, for which the other tasks wait.
        sides: dict[Side, dict[int, Rows]] = {"items": trained, "users": users}
        ids = {side: {group: members(module, side, group) for group in rows} for side, rows in sides.items()}
        # Only now, since the current groups become others.
        after = Cut.of(module, epoch)
        for side, groups in sides.items():
            for group, rows in groups.items():
                self._write_rows(folder, side, group, (ids[side][group], rows), after)
        if self._cuts_anew:
            self._write_interactions(folder, after)
        else:
            self._held = {group: rows for group, rows in trained.items() if self._trains(after, group, after.strata[0])}
        if self.plan.is_validated:
            found = self._predict(epoch, cut, trained) if self.plan.is_rating else self._rank(after, ids["users"], users)
            folder.write(f"validation-{self.number}", pack(*found))
        folder.write(f"report-{self.number}", json.dumps(losses).encode())

    def _write_rows(self, folder: Folder, side: Side, group: int, of: tuple[npt.NDArray[np.uint32], Rows], after: Cut) -> None:
        """Writes the rows of a group for the groups of the next epoch."""
        ids, rows = of
        vectors, biases = rows[0].view("<f4").reshape(-1, self._stride), rows[1].view("<f4")
        if not self._cuts_anew:
            folder.write(f"{side}-{group}-{group}", pack(ids, vectors, biases))
            return
        groups = after.groups[side][ids]
        for target in range(after.count):
            to = groups == target
            folder.write(f"{side}-{group}-{target}", pack(ids[to], vectors[to], biases[to] if len(biases) else biases))

    def _write_interactions(self, folder: Folder, after: Cut) -> None:
        groups = after.groups["users"][self._columns["user"]] if self._columns else np.zeros(0, np.int64)
        for target in range(after.count):
            to = groups == target
            folder.write(f"data-{self.number}-{target}", pack(*(self._columns.get(name, groups)[to] for name in _MOVED)))

    def _pairs(self, held: Columns, cut: Cut) -> dict[tuple[int, int], Pairs]:
        """Numbers, user positions and item positions of the validation rows of each block."""
        totals = self.plan.totals.value
        sides: dict[Side, tuple[str, npt.NDArray[np.uint32]]] = {
            "users": ("user", totals.users),
            "items": ("item", totals.items),
        }
        blocks, positions = [], []
        for side, (column, counts) in sides.items():
            index = held[column]
            blocks.append(cut.groups[side][index])
            positions.append(np.where(counts[index] > 0, cut.positions[side][index], _UNKNOWN).astype("<u4"))
        pairs = {}
        for block in {(int(user), int(item)) for user, item in np.unique(np.stack(blocks, axis=1), axis=0)}:
            of = (blocks[0] == block[0]) & (blocks[1] == block[1])
            pairs[block] = [held["row"][of], *(position[of] for position in positions)]
        return pairs

    def _predict(self, epoch: int, cut: Cut, trained: dict[int, Rows]) -> Rows:
        """Numbers and predicted ratings of the validation rows of this task."""
        rows, ratings = [np.zeros(0, np.int64)], [np.zeros(0, "<f4")]
        folder = self.plan.folder(epoch)
        for item_group in range(cut.count):
            blocks = [block for block in self._validation if block[1] == item_group]
            if not blocks:
                continue
            items = trained.get(item_group)
            if items is None:
                items = unpack(wait_for(folder, f"items-{item_group}-{item_group}", self.plan.timeout))[1:]
            for block in blocks:
                numbers, *pairs = self._validation[block]
                request = {"call": "predict", "group": block[0], "itemGroup": item_group}
                rows.append(numbers)
                ratings.append(self._module.call(request, [*pairs, *items]).parts[0].view("<f4"))
        return [np.concatenate(rows), np.concatenate(ratings)]

    def _rank(self, after: Cut, ids: dict[int, npt.NDArray[np.uint32]], users: dict[int, Rows]) -> Rows:
        """The validation users of this task, and the NDCG@10 of each."""
        if not (self._columns and (self._columns["part"] == HELD).any()):
            return [np.zeros(0, "<u4"), np.zeros(0, "<f8")]
        names = [f"items-{source}-{group}" for group in range(after.count) for source in self._sources(group, after)]
        folder = self.plan.folder(after.epoch)
        pieces = (unpack(wait_for(folder, name, self.plan.timeout)) for name in names)
        items = joined(pieces, len(self.plan.totals.value.items), self._stride)
        own = [(ids[group], rows[0].view("<f4").reshape(-1, self._stride)) for group, rows in users.items()]
        return ndcg(self._module, self._columns, own, items)
