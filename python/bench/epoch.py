"""What a task of training takes: seconds of a processor for a rating, and for a byte of an item group that travels.

Example::

    python python/bench/epoch.py --ratings 2000000 --blocks 32
"""

import argparse
import tempfile
import time
from types import SimpleNamespace

import numpy as np

from tastespace_spark.storage import Storage
from tastespace_spark.training.exchange import pack, unpack
from tastespace_spark.training.plan import Plan
from tastespace_spark.training.task import _Task
from tastespace_spark.training.totals import Totals


def plan_of(columns: dict[str, np.ndarray], blocks: int, users: int, items: int, folder: str) -> Plan:
    """A run of one task."""
    counts = (np.bincount(columns[side], minlength=size).astype(np.uint32) for side, size in (("user", users), ("item", items)))
    ratings = columns["rating"]
    totals = Totals(len(ratings), *counts, (float(ratings.mean()), float(ratings.min()), float(ratings.max())))
    return Plan(
        kind="biased-mf",
        options={"factors": 64, "blocks": blocks},
        seed=0,
        epochs=3,
        tasks=1,
        storage=Storage(folder),
        timeout=60,
        is_rating=True,
        is_validated=False,
        totals=SimpleNamespace(value=totals),
    )


def main() -> None:
    """Measures both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratings", type=int, default=2_000_000)
    parser.add_argument("--users", type=int, default=40_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--blocks", type=int, default=32)
    arguments = parser.parse_args()
    random, count = np.random.default_rng(1), arguments.ratings
    columns = {
        "row": np.arange(count),
        "user": random.integers(0, arguments.users, count, dtype=np.int32),
        "item": random.integers(0, arguments.items, count, dtype=np.int32),
        "rating": random.integers(1, 6, count).astype(np.float32),
    }
    with tempfile.TemporaryDirectory() as folder:
        task = _Task(plan_of(columns, arguments.blocks, arguments.users, arguments.items, folder), 0, columns)
        seconds = []
        for epoch in range(3):
            start = time.process_time()
            task.train_epoch(epoch)
            seconds.append(time.process_time() - start)
        print(f"{count / min(seconds):,.0f} ratings in a second of a processor, of epochs of {seconds}")
        group = np.zeros((31_250, 64), np.float32)
        start = time.process_time()
        for turn in range(20):
            Storage(folder).write(f"group-{turn}", pack(group, group[:, 0]))
            unpack(Storage(folder).read(f"group-{turn}") or b"")
        spent = (time.process_time() - start) / 20
        print(f"{group.nbytes / spent / 1e6:,.0f} MB of item groups written and read in a second of a processor")


if __name__ == "__main__":
    main()
