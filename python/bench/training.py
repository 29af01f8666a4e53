"""The time of an epoch of biased-mf on two executors of one core, compared with one Node process on the threads of the machine.

    python python/bench/training.py --rows 20000000 --epochs 6

prints the medians of the epochs after the first, and whether all parameters are equal.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from tastespace_spark import Interactions, Model, fit

LIBRARY = Path(__file__).resolve().parents[2] / "dist/index.mjs"

NODE = """
const { readFileSync } = await import('node:fs')
const { createModelByName, Dataset } = await import(process.argv[1])
const [folder, factors, epochs] = JSON.parse(process.argv[2])
const words = (name) => new Uint32Array(readFileSync(`${folder}/${name}`).buffer)
const data = await Dataset.fromColumns({
  user: words('user'), item: words('item'), rating: new Float32Array(readFileSync(`${folder}/rating`).buffer),
})
const model = await createModelByName('biased-mf', { factors })
const times = []
await model.fit(data, { epochs, onEpoch: ({ seconds }) => void times.push(seconds) })
await model.save(`${folder}/node.safetensors`)
console.log(JSON.stringify(times))
process.exit(0)
"""


def generate(folder: Path, rows: int, users: int, items: int) -> pa.Table:
    """Ratings of different pairs in random order. Every user and item has some, so that ids are indices."""
    random = np.random.default_rng(1)
    pairs = np.concatenate(
        [
            random.integers(0, users * items, rows - users - items),
            np.arange(users) * items + random.integers(0, items, users),
            random.integers(0, users, items) * items + np.arange(items),
        ]
    )
    pairs = random.permutation(np.unique(pairs))
    columns = {"user": pairs // items, "item": pairs % items, "rating": random.integers(1, 11, len(pairs)) / 2}
    table = {}
    for name, kind in (("user", np.uint32), ("item", np.uint32), ("rating", np.float32)):
        values = columns[name].astype(kind)
        values.tofile(folder / name)
        table[name] = pa.array(values if name == "rating" else values.astype(np.int32))
    return pa.table({"row": np.arange(len(pairs)), **table})


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("rows", 20_000_000), ("users", 200_000), ("items", 50_000), ("factors", 64), ("epochs", 6)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--through-driver", action="store_true", help="without shared storage")
    size = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        table = generate(folder, size.rows, size.users, size.items)
        pq.write_table(table, folder / "rows.parquet", row_group_size=1_000_000)
        request = json.dumps([str(folder), size.factors, size.epochs])
        command = ["node", "--input-type=module", "-e", NODE, str(LIBRARY), request]
        node = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

        spark = (
            SparkSession.builder.master("local-cluster[2,1,4096]")
            .config("spark.executor.memory", "2g")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "8")
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("ERROR")
        sides = [
            spark.range(count).selectExpr("cast(id as int) index", "cast(id as string) id")
            for count in (size.users, size.items)
        ]
        rows = spark.read.parquet(str(folder / "rows.parquet"))
        data = Interactions(rows, *sides, table.num_rows, (size.users, size.items), (0.5, 5.0), 0)
        times: list[float] = []
        model = fit(
            data,
            options={"factors": size.factors},
            storage=None if size.through_driver else str(folder / "storage"),
            epochs=size.epochs,
            on_epoch=lambda report: times.append(report.seconds),
        )
        spark.stop()
        equal = Model.load(str(folder / "node.safetensors")).content == model.content
        medians = [statistics.median(seconds[1:]) for seconds in (node, times)]
        print(f"{table.num_rows} ratings, {size.factors} factors: Node {medians[0]:.2f} s, Spark {medians[1]:.2f} s an epoch")
        files = "equal" if equal else "DIFFERENT"
        print(f"ratio {medians[1] / medians[0]:.2f}; first epoch with loading {times[0]:.1f} s; the files are {files}")


if __name__ == "__main__":
    main()
