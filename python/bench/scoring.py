"""Lists for many users: Spark on two executors against one process of Node with two threads, and their memory.

Example::

    python python/bench/scoring.py --users 1000000 --items 50000 --folder /tmp/scoring
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from tastespace_spark import Model, recommend
from tastespace_spark.model_file import id_tensors, model_bytes

ROOT = Path(__file__).resolve().parents[2]
K = 20
SEEN = 20
SAMPLE = 10_000

_TICKS = os.sysconf("SC_CLK_TCK")

NODE = """
import { loadModel, createEngine } from %s
const [file, sample, k] = process.argv.slice(1)
const engine = await createEngine({ threads: 2 })
const model = await loadModel(file, { engine })
const users = (await model.userIds()).filter((_, index) => index %% Number(sample) === 0)
const lists = await model.recommend(users, { k: Number(k) })
const start = performance.now()
const before = process.cpuUsage()
let count = 0
for await (const { items } of model.recommendAll({ k: Number(k) })) count += items.length
const seconds = (performance.now() - start) / 1000
const { user, system } = process.cpuUsage(before)
const cpu = (user + system) / 1e6
const named = Object.fromEntries(lists.map((list, n) => [users[n], list.map(({ item, score }) => [item, score])]))
console.log(JSON.stringify({ seconds, cpu, count, lists: named }))
"""


def model_of(users: int, items: int, factors: int) -> Model:
    """A model of generated factors, whose items are not equally popular, with a history."""
    random = np.random.default_rng(1)
    tensors = {
        "mean": np.full(1, 3.5, np.float32),
        "user_biases": random.normal(0, 0.3, users).astype(np.float32),
        "item_biases": random.normal(0, 0.4, items).astype(np.float32),
        "user_factors": random.normal(0, 0.15, (users, factors)).astype(np.float32),
        "item_factors": random.normal(0, 0.15, (items, factors)).astype(np.float32),
        **id_tensors("users", pa.array(np.arange(users)).cast(pa.string())),
        **id_tensors("items", pa.array(np.arange(items)).cast(pa.string())),
        "catalogue.users.rows": np.full(users, SEEN, np.uint32),
        "catalogue.items.rows": (users * SEEN // (np.arange(items) + 1)).clip(1).astype(np.uint32),
        "catalogue.spread": np.array([0.9, 0.4], np.float32),
        "history.offsets": np.arange(0, users * SEEN + 1, SEEN, dtype=np.uint32),
        "history.items": random.integers(0, items, users * SEEN, dtype=np.uint32),
    }
    training = {"epochs": 1, "seed": 0, "rows": users * SEEN}
    metadata = {"format": 1, "kind": "biased-mf", "options": {"factors": factors}, "range": [1.0, 5.0]}
    return Model(model_bytes({**metadata, "training": training}, tensors))


class Process(NamedTuple):
    """A process: its parent, its name, and the seconds of processors that it and its children that ended have used."""

    parent: int
    name: str
    cpu: float


class Executors(threading.Thread):
    """The executors of an application, with their Python workers and engines. Samples their memory."""

    def __init__(self, application: str) -> None:
        """Nothing is sampled yet."""
        super().__init__(daemon=True)
        self._application = application
        self.peaks: dict[int, dict[str, float]] = {}

    def run(self) -> None:
        """Keeps the peak of each executor in MiB, by the names of its processes, until the program ends."""
        while True:
            for executor, tree in self._trees().items():
                by_name: dict[str, float] = {}
                for pid, process in tree.items():
                    by_name[process.name] = by_name.get(process.name, 0) + _memory(pid)
                if sum(by_name.values()) > sum(self.peaks.get(executor, {}).values()):
                    self.peaks[executor] = by_name
            time.sleep(0.2)

    def cpu(self) -> float:
        """Seconds of processors so far."""
        return sum(process.cpu for tree in self._trees().values() for process in tree.values())

    def _trees(self) -> dict[int, dict[int, Process]]:
        """The processes of each executor."""
        processes = dict(_processes())
        trees: dict[int, dict[int, Process]] = {}
        for pid, process in processes.items():
            ancestor = pid
            while ancestor in processes:
                if processes[ancestor].name == "java" and f"--app-id {self._application}" in _command(ancestor):
                    trees.setdefault(ancestor, {})[pid] = process
                ancestor = processes[ancestor].parent
        return trees


def _processes() -> Iterator[tuple[int, Process]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        yield int(stat.parent.name), Process(int(fields[1]), name, sum(map(int, fields[11:15])) / _TICKS)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _memory(pid: int) -> float:
    """MiB of a process. Pages that several share count in equal parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)


def timed(what: str, users: int, executors: Executors, action: Callable[[], object]) -> tuple[float, float]:
    """Seconds of an action, and of the executors' processors, which it prints."""
    start, cpu = time.perf_counter(), executors.cpu()
    action()
    seconds, cpu = time.perf_counter() - start, executors.cpu() - cpu
    print(f"{what}: {seconds:.1f} s, {users / seconds:,.0f} users/s, {cpu:.1f} s of processors", flush=True)
    return seconds, cpu


def main() -> None:
    """Runs both, and compares lists, times and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    users, folder = arguments.users, arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.safetensors"
    model_of(users, arguments.items, arguments.factors).save(str(file))

    every = max(1, users // SAMPLE)
    program = NODE % json.dumps(str(ROOT / "dist" / "index.mjs"))
    command = ["node", "--input-type=module", "-e", program, str(file), str(every), str(K)]
    of_node = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(
        f"Node, two threads: {of_node['seconds']:.1f} s, {users / of_node['seconds']:,.0f} users/s, "
        f"{of_node['cpu']:.1f} s of processors",
        flush=True,
    )

    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "768m")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    executors = Executors(spark.sparkContext.applicationId)
    executors.start()
    lists = recommend(spark.range(0, users, 1, 16).selectExpr("id as user"), Model.load(str(file)), K)
    nowhere = lists.write.format("noop").mode("overwrite")
    timed("Spark, with start and loading", users, executors, nowhere.save)
    seconds, cpu = timed("Spark, loaded", users, executors, nowhere.save)
    parquet = str(folder / "lists")
    timed("Spark, to Parquet", users, executors, lambda: lists.write.mode("overwrite").parquet(parquet))
    times, cpus = of_node["seconds"] / seconds, of_node["cpu"] / cpu
    print(f"Spark, loaded, against Node: {times:.2f} by time, {cpus:.2f} by processors")

    rows = spark.read.parquet(parquet).where(f"user % {every} = 0").collect()
    found = {str(row.user): [[one.item, one.score] for one in row.recommendations] for row in rows}
    print(f"{len(found):,} lists of users are equal: {found == of_node['lists']}")
    for peak in executors.peaks.values():
        print(
            "Peak of an executor:",
            ", ".join(f"{name} {size:,.0f} MiB" for name, size in peak.items()),
            f"= {sum(peak.values()):,.0f} MiB",
        )
    spark.stop()


if __name__ == "__main__":
    main()
