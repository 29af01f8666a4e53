import random

import pytest
from library import node

from tastespace_spark import TastespaceError, prepare, split

ROWS = [
    (user, f"i{item}", rating, time)
    for sampled in [random.Random(6)]
    for user, item, rating, time in (
        (sampled.randrange(40), sampled.randrange(30), sampled.randrange(1, 6), sampled.randrange(20)) for _ in range(600)
    )
]

SPLIT = """
const data = await ts.Dataset.fromBytes(new TextEncoder().encode(text))
const parts = await data.split(by)
const found = {}
for (const [name, part] of Object.entries(parts)) {
  if (!part) continue
  let csv = ''
  for await (const piece of part.toCSV()) csv += new TextDecoder().decode(piece)
  found[name] = csv.trim().split('\\n').slice(1).map((row) => row.split(',').slice(0, 2))
}
return found
"""


def in_node(by):
    """The rows of each part, with the ids of user and item."""
    text = "\n".join(["user,item,rating,timestamp", *(",".join(map(str, row)) for row in ROWS)])
    return node(SPLIT, text=text, by=by)


@pytest.fixture(scope="module")
def data(spark):
    numbered = [(user, item, float(rating), time, at) for at, (user, item, rating, time) in enumerate(ROWS)]
    random.Random(1).shuffle(numbered)
    df = spark.createDataFrame(numbered, "user long, item string, rating double, time long, at long").repartition(4)
    return prepare(df, timestampCol="time", orderCol="at")


@pytest.fixture(scope="module")
def ids(data):
    return data.ids("users").to_pylist(), data.ids("items").to_pylist()


@pytest.mark.parametrize(
    "by",
    [
        "random:0.2;validation=0.3;seed=5",
        "kfold:4;fold=2;validation=true",
        "per-user:0.6,0.2,0.2;min=12;seed=3",
        "leave-one-out;validation=true",
        {"by": "leave-one-out", "order": "rows"},
        "time:0.2;validation=true",
        "user:0.2;given=0.4;validation=0.1",
    ],
)
def test_each_part_has_the_rows_of_one_machine(data, ids, by):
    parts = split(data, by)
    names = {
        "train": parts.train,
        "validation": parts.validation,
        "test": parts.test,
        "trainAndValidation": parts.train_and_validation,
        "validationGiven": parts.validation_given,
        "testGiven": parts.test_given,
    }
    found = {name: part for name, part in names.items() if part is not None}
    expected = in_node(by)
    assert set(found) == set(expected)
    users, items = ids
    for name, part in found.items():
        rows = sorted(part.rows.select("row", "user", "item").collect())
        assert [[users[user], items[item]] for _, user, item in rows] == expected[name], name
        assert [row for row, *_ in rows] == list(range(part.count))


def test_a_part_has_the_ids_as_a_dataframe(data, ids):
    test = split(data, "time:0.2").test
    rows = sorted(test.rows.collect(), key=lambda row: row["row"])
    expected = [(ids[0][row["user"]], ids[1][row["item"]], row["rating"], row["time"]) for row in rows]
    assert [tuple(row) for row in test.dataframe().collect()] == expected


@pytest.mark.parametrize(
    ("by", "code", "message"),
    [
        ("moon", "config/out-of-range", "expected one of random, file, per-user, leave-one-out, time, user, kfold"),
        ("file", "config/out-of-range", "expected one of random, per-user, leave-one-out, time, user, kfold"),
        ("random:0.0001", "split/too-few-rows", "test"),
        ("per-user:0.9,0,0.1;min=1000", "split/too-few-rows", "test"),
    ],
)
def test_wrong_splits_are_refused(data, by, code, message):
    with pytest.raises(TastespaceError, match=message) as refused:
        split(data, by)
    assert refused.value.code == code


def test_an_order_by_time_needs_times(spark):
    df = spark.createDataFrame([("a", "b"), ("a", "c")], "user string, item string")
    with pytest.raises(TastespaceError, match="leave-one-out needs times: name their column by timestampCol"):
        split(df, "leave-one-out", ratingCol=None)
