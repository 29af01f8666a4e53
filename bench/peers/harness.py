"""Shared by the Python peers: reads job and data, times the epochs, prints lines of JSON (`../lib/engine.mjs`).

A peer is a file with a function `peer(job, train)`. It returns an object with `predict(users, items)`, or `scores(users)` of all
items for ranking models, and one of

- `train_epoch()`: trains one more epoch; each is timed, after the warm-up;
- `fit(epochs)`: trains from scratch. The time is `fit(warm-up + epochs)` minus `fit(warm-up)`, so that the set-up before the first
  epoch does not count; another `fit(warm-up)` runs first, so that nothing is loaded during timing.
"""

import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np


@dataclass
class Rows:
    """
    Ratings with users and items numbered from 0; `shape` counts those of the training and test rows together. Without a
    third column the ratings are 1; a fourth one is the rows' times.
    """

    users: np.ndarray
    items: np.ndarray
    ratings: np.ndarray
    shape: tuple[int, int]
    times: np.ndarray | None = None
    ids: tuple[np.ndarray, np.ndarray] | None = None


def read(train_path, test_path):
    """The training and test rows of two CSV files with a header; ids are whole numbers."""
    files = [np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2) for path in (train_path, test_path)]
    cut = len(files[0])
    both = np.concatenate(files)
    user_ids, users = np.unique(both[:, 0], return_inverse=True)
    item_ids, items = np.unique(both[:, 1], return_inverse=True)
    shape = (len(user_ids), len(item_ids))
    ratings = both[:, 2].astype(np.float32) if both.shape[1] > 2 else np.ones(len(both), dtype=np.float32)
    times = both[:, 3] if both.shape[1] > 3 else None
    ids = (user_ids, item_ids)
    part = lambda rows: Rows(users[rows], items[rows], ratings[rows], shape, None if times is None else times[rows], ids)
    return part(slice(cut)), part(slice(cut, None))


def run(peer, version):
    """Trains the job given as the first argument with `peer`, the library named by `version`."""
    job = json.loads(sys.argv[1], object_hook=lambda fields: SimpleNamespace(**fields))
    # Libraries print to standard output, which is reserved for the lines of this protocol.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    tell = lambda **line: print(json.dumps(line), file=out)

    train, test = read(job.train, job.test)
    if getattr(job, "shuffled", False):
        order = np.random.default_rng(job.seed).permutation(len(train.ratings))
        train = Rows(train.users[order], train.items[order], train.ratings[order], train.shape)
    model = peer(job, train)
    rows = len(train.ratings)
    if hasattr(model, "train_epoch"):
        for epoch in range(job.warmUp + job.epochs):
            seconds, cpu = timed(model.train_epoch)
            phase, passes = "warm-up" if epoch < job.warmUp else "epoch", getattr(model, "passes", 1)
            tell(phase=phase, seconds=seconds, cpu=cpu, rows=rows * passes)
    else:
        seconds, cpu = timed(lambda: model.fit(job.warmUp))
        tell(phase="warm-up", seconds=seconds, cpu=cpu, rows=rows * job.warmUp)
        short, whole = (timed(lambda: model.fit(epochs)) for epochs in (job.warmUp, job.warmUp + job.epochs))
        tell(phase="epoch", seconds=whole[0] - short[0], cpu=whole[1] - short[1], rows=rows * job.epochs)

    tell(phase="quality", **(ranking(model, train, test) if hasattr(model, "scores") else errors(model, train, test)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    tell(phase="end", version=f"{version}, Python {sys.version.split()[0]}", peakMemory=peak)


def errors(model, train, test):
    """Errors of predicted ratings."""
    lowest, highest = train.ratings.min(), train.ratings.max()
    wrong = np.clip(model.predict(test.users, test.items), lowest, highest) - test.ratings
    return {"rmse": float(np.sqrt(np.mean(wrong**2))), "mae": float(np.mean(np.abs(wrong)))}


def ranking(model, train, test, k=10):
    """NDCG at `k` over all items that are not a user's in training."""
    return {f"ndcg@{k}": float(np.mean(ndcg(model, train, test, k)[1]))}


def ndcg(model, train, test, k=10, at_once=500):
    """The test users that are in training, and the NDCG at `k` of each. A few users are scored at a time."""
    users = np.intersect1d(test.users, train.users)
    gains = 1 / np.log2(np.arange(k) + 2)
    known, wanted = (by_user(rows) for rows in (train, test))
    values = []
    for start in range(0, len(users), at_once):
        some = users[start : start + at_once]
        scores = np.array(model.scores(some))
        for row, user in zip(scores, some):
            row[known(user)] = -np.inf
            best = np.argpartition(-row, min(k, len(row) - 1))[:k]
            top, these = best[np.argsort(-row[best], kind="stable")], wanted(user)
            values.append(gains[: len(top)][np.isin(top, these)].sum() / gains[: len(these)].sum())
    return users, np.array(values)


def by_user(rows):
    """A function from a user to the items of the user's rows."""
    order = np.argsort(rows.users, kind="stable")
    users, items = rows.users[order], rows.items[order]
    return lambda user: items[np.searchsorted(users, user) : np.searchsorted(users, user, "right")]


def timed(work):
    """Seconds of wall and of CPU time that `work` takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def initial(train, options, seed):
    """User and item vectors as the job starts them: Normal(0, initialDeviation)."""
    draw = np.random.default_rng(seed).normal
    sizes = [(rows, options.factors) for rows in train.shape]
    return [draw(0, options.initialDeviation, size).astype(np.float32) for size in sizes]
