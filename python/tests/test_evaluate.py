import csv
import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from library import node
from pyspark.errors import PySparkException

from tastespace_spark import Metrics, Model, TastespaceError, evaluate
from tastespace_spark.evaluate import sum_of, whole_users
from tastespace_spark.scoring.measure import exact_sum, part_of
from tastespace_spark.scoring.served import ServedModel

# Sums of Node are rounded at each addition.
TOLERANCE = 1e-12

TRAIN = """
const data = await ts.Dataset.synthetic({ users: 150, items: 80, ratings: 4000, seed: 3 })
const split = { by: 'random', test: 0.2, validation: 0.1, seed: 1 }
const { train, validation, test } = await data.split(split)
for (const [name, part] of Object.entries({ validation, test })) await part.save(`${folder}/${name}.csv`)
for (const kind of kinds) {
  const model = await ts.createModelByName(kind, {})
  await model.fit(train, { epochs: 2 })
  await model.save(`${folder}/${kind}.safetensors`)
}
return null
"""

EVALUATE = """
const engine = await ts.createEngine()
const model = await ts.loadModel(file, { engine })
const { test, given, exclude, ...rest } = options
const read = (file) => file === undefined ? undefined : ts.Dataset.fromFile(file, { engine })
return model.evaluate(await read(test), { ...rest, given: await read(given), exclude: await read(exclude) })
"""

OF_ALL_LISTS = ("coverage", "gini", "novelty")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    node(TRAIN, kinds=["biased-mf", "bpr", "attrec"], folder=str(folder))
    return folder


def read(spark, file):
    """The rows of a file, shuffled."""
    with open(file) as lines:
        _, *rows = csv.reader(lines)
    random.Random(5).shuffle(rows)
    types = "user string, item string, rating string, timestamp string"
    return spark.createDataFrame(rows, types).selectExpr(
        "user", "item", "cast(rating as float) rating", "cast(timestamp as double) timestamp"
    )


def check(found: Metrics, expected):
    assert (found.rows, found.cold, found.repeated) == tuple(expected[key] for key in ("rows", "cold", "repeated"))
    values = {name: value for name, value in expected["values"].items() if not name.startswith(OF_ALL_LISTS)}
    assert found.values == pytest.approx(values, rel=TOLERANCE)


@pytest.mark.parametrize(
    ("kind", "options", "frames"),
    [
        ("biased-mf", {}, {}),
        ("biased-mf", {"metrics": ["mae"]}, {}),
        ("biased-mf", {"task": "ranking", "k": [5]}, {"exclude": "validation"}),
        ("bpr", {"negatives": 20, "seed": 4}, {"exclude": "validation"}),
        ("attrec", {"metrics": ["ndcg@10", "mrr"]}, {"given": "validation", "exclude": "validation"}),
    ],
)
def test_metrics_are_those_of_the_library_on_any_number_of_partitions(spark, folder, kind, options, frames):
    file = str(folder / f"{kind}.safetensors")
    files = {name: str(folder / f"{part}.csv") for name, part in {"test": "test", **frames}.items()}
    expected = node(EVALUATE, file=file, options={**options, **files})
    data = {name: read(spark, path) for name, path in files.items()}
    test = data.pop("test")
    found = []
    for partitions in ("1", "5"):
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        found.append(evaluate(test, Model.load(file), **options, **data, timestampCol="timestamp"))
    spark.conf.set("spark.sql.shuffle.partitions", "3")
    check(found[0], expected)
    assert found[0] == found[1]


COLD = """
const rows = [{ user: 'a', item: 'x' }, { user: 'b', item: 'x' }, { user: 'b', item: 'y' }, { user: 'c', item: 'y' }]
const data = await ts.Dataset.fromRows(rows)
const model = await ts.createModelByName('pop', {})
await model.fit(data)
await model.save(file)
const test = await ts.Dataset.fromRows(pairs.map(([user, item]) => ({ user, item })))
return model.evaluate(test)
"""


@pytest.mark.parametrize(
    "pairs",
    [
        # The user b has no item of training, but counts, since a has one; nobody knows d.
        [["a", "y"], ["b", "new"], ["b", "other"], ["d", "x"]],
        [["a", "x"], ["a", "y"], ["b", "new"]],
        # Nothing is measured.
        [["a", "new"], ["b", "new"]],
        [["d", "x"]],
    ],
)
def test_users_count_alone_as_they_do_together(tmp_path, pairs):
    expected = node(COLD, file=str(tmp_path / "model"), pairs=pairs)
    model = ServedModel(tmp_path / "model")
    parts = []
    for user in sorted({user for user, _ in pairs}):
        items = [item for other, item in pairs if other == user]
        parts.append(part_of(model, {"test": pa.table({"user": [user] * len(items), "item": items})}, {}))
    model.close()
    check(sum_of(parts), expected)


def test_sums_are_exact():
    random.seed(2)
    values = [random.random() * 10.0 ** random.randint(-12, 12) for _ in range(3000)]
    terms = exact_sum(values)
    assert sum(map(Fraction, terms)) == sum(map(Fraction, values))
    assert len(terms) < 5
    assert exact_sum([]) == exact_sum([0.0, 0.0]) == []


def test_users_are_whole():
    users = [0] * 3 + [1] * 70_000 + list(range(2, 80_000))
    rows = pa.table({"user": users})
    parts = list(whole_users(iter(rows.to_batches(max_chunksize=9000))))
    assert pa.concat_tables(parts).equals(rows)
    first_and_last = [(part["user"][0].as_py(), part["user"][-1].as_py()) for part in parts]
    assert len(parts) > 2
    assert all(last < first for (_, last), (first, _) in pairwise(first_and_last))


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"metrics": ["coverage@10"]}, "config/unknown-metric", "'coverage@10' is a metric of all lists together"),
        ({"task": "rank"}, "config/out-of-range", "task is 'rank': expected 'rating' or 'ranking'"),
        ({"k": 10}, "config/out-of-range", "k is 10: expected integers from 1"),
        ({"ratingCol": "stars"}, "data/missing-column", "the columns are user, item, rating"),
        ({"ratingCol": "item"}, "data/wrong-type", "of type string: ratings are numbers"),
        ({"given": True}, "dataset/needs-timestamps", "give 'timestampCol'"),
        ({"given": True, "negatives": 5}, "config/conflict", "leave out 'given'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(spark, folder, options, code, words):
    df = spark.createDataFrame([("1", "2", 3.0)], "user string, item string, rating float")
    if "given" in options:
        options = {**options, "given": df}
    with pytest.raises(TastespaceError, match=words) as refused:
        evaluate(df, Model.load(str(folder / "attrec.safetensors")), **options)
    assert refused.value.code == code


def test_rows_that_cannot_be_test_rows_are_refused(spark, folder):
    model = Model.load(str(folder / "bpr.safetensors"))
    low, null = (
        spark.createDataFrame([row], "user string, item string, rating float") for row in [("1", "2", -1.0), ("1", None, 1.0)]
    )
    with pytest.raises(TastespaceError, match="all ratings are below zero"):
        evaluate(low, model)
    with pytest.raises(TastespaceError, match="there are no test rows"):
        evaluate(low.limit(0), model)
    with pytest.raises(PySparkException, match="a row has a null item"):
        evaluate(null, model)
    with pytest.raises(PySparkException, match="nonsense"):
        evaluate(low, model, metrics=["nonsense"])
