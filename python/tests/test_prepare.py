import random
from datetime import datetime

import numpy as np
import pytest
from library import node

from tastespace_spark import TastespaceError, prepare, split


def rows_of(data):
    """The rows in their order, with ids in place of indices."""
    users, items = data.ids("users").to_pylist(), data.ids("items").to_pylist()
    rows = sorted(data.rows.collect(), key=lambda row: row["row"])
    assert [row["row"] for row in rows] == list(range(data.count))
    rest = [tuple(row[name] for name in data.rows.columns[3:]) for row in rows]
    return [(users[row["user"]], items[row["item"]], *values) for row, values in zip(rows, rest, strict=True)]


def expected_rows(rows):
    """Of rows of user, item, rating and time those that are the last by (time, place) of their user and item."""
    last = {}
    for place, (user, item, _, time) in enumerate(rows):
        key = (user, item)
        if key not in last or (time, place) > (rows[last[key]][3], last[key]):
            last[key] = place
    return [rows[place] for place in sorted(last.values())]


def test_shuffled_rows_have_the_numbers_of_the_file(spark):
    sampled = random.Random(2)
    rows = [
        (
            str(sampled.randrange(-20, 40)),
            f"ä{sampled.randrange(30)}",
            sampled.randrange(1, 11) / 2,
            float(sampled.randrange(9)),
        )
        for _ in range(900)
    ]
    numbered = [(*row, at) for at, row in enumerate(rows)]
    sampled.shuffle(numbered)
    df = spark.createDataFrame(numbered, "`the user` string, item string, stars float, day double, at int").repartition(6)
    data = prepare(df, userCol="the user", ratingCol="stars", timestampCol="day", orderCol="at")
    expected = expected_rows(rows)
    assert rows_of(data) == expected
    assert data.duplicates == 900 - len(expected)
    # Integers ascend, others come by first appearance.
    assert data.ids("users").to_pylist() == sorted({user for user, *_ in rows}, key=int)
    assert data.ids("items").to_pylist() == list(dict.fromkeys(item for _, item, *_ in rows))
    assert data.range == (0.5, 5.0)
    assert data.totals.users.sum() == data.totals.items.sum() == data.count == data.totals.rows

    parts = split(data, {"by": "random", "test": 0, "validation": 0.1, "seed": 4})
    train, held = parts.train, parts.validation
    assert (train.count, held.count) == (data.count - held.count, round(data.count / 10))
    train_rows, held_rows = rows_of(train), rows_of(held)
    # Both in the order of all rows.
    for part, other in ((train_rows, held_rows), (held_rows, train_rows)):
        assert part == [row for row in expected if row not in other]


def test_a_filter_keeps_the_order_of_ids(spark):
    sampled = random.Random(4)
    pairs = sampled.sample([(str(user), f"i{item}") for user in range(40) for item in range(20)], 300)
    rows = [(*pair, sampled.randrange(1, 6)) for pair in pairs]
    df = spark.createDataFrame(rows, "user string, item string, rating int").coalesce(1)
    data = prepare(df, positiveThreshold=3, core=4)
    brute = [row for row in rows if row[2] >= 3]
    while True:
        kept = [row for row in brute if all(sum(other[side] == row[side] for other in brute) >= 4 for side in (0, 1))]
        if kept == brute:
            break
        brute = kept
    assert 0 < len(brute) < 200
    assert rows_of(data) == [(user, item) for user, item, _ in brute]
    used = {user for user, *_ in brute}, {item for _, item, _ in brute}
    assert data.ids("users").to_pylist() == sorted(used[0], key=int)
    assert data.ids("items").to_pylist() == [item for item in dict.fromkeys(item for _, item, _ in rows) if item in used[1]]
    assert data.range == (1, 1)


def test_whole_numbers_with_decimals_are_the_ids_without(spark):
    rows = [("20.0", "007"), ("3.0", "7"), ("20", "8")]
    df = spark.createDataFrame(rows, "user string, item string")
    data = prepare(df.coalesce(1), ratingCol=None)
    assert data.ids("users").to_pylist() == ["3", "20"]
    assert data.ids("items").to_pylist() == ["007", "7", "8"]


def test_dates_are_times(spark):
    rows = [(1, 1, datetime(2020, 1, 2)), (1, 1, datetime(2020, 1, 1)), (1, 2, datetime(2020, 1, 1))]
    df = spark.createDataFrame(rows, "user int, item int, at timestamp_ntz").coalesce(1)
    data = prepare(df, ratingCol=None, timestampCol="at")
    times = [row[2] for row in rows_of(data)]
    assert np.diff(times).tolist() == [-86400]


@pytest.mark.parametrize(
    ("rows", "arguments", "code", "message"),
    [
        ([], {}, "data/no-rows", "the DataFrame has no rows"),
        ([("a", "x", None, 1)], {}, "data/bad-number", "column 'rating' has no finite number in 1 of 1 rows, first in row 1"),
        ([("a", "x", 1.0, 1), ("a", "y", float("nan"), 2)], {}, "data/bad-number", "first in row 2"),
        ([("a", "x", 1e300, 1)], {}, "data/bad-number", "first in row 1"),
        ([("", "x", 1.0, 1)], {}, "data/bad-row", "column 'user' has an empty id"),
        ([("a", None, 1.0, 1)], {}, "data/bad-row", r"dropna\(subset=\['item'\]\)"),
        ([("a", "x", 1.0, 1), ("a", "y", 1.0, 1)], {"orderCol": "at"}, "data/equal-order", "the value 1 in 2 rows"),
        (
            [("a", "x", 1.0, 1)],
            {"ratingCol": "stars"},
            "data/missing-column",
            "'stars' for ratingCol: found user",
        ),
        ([("a", "x", 1.0, 1)], {"ratingCol": "item"}, "data/wrong-type", "'item' has the type string: expected numbers"),
        ([("a", "x", 1.0, 1)], {"userCol": "rating"}, "data/wrong-type", "expected texts or integers"),
        ([("a", "x", 1.0, 1)], {"core": 2}, "data/no-rows", "of 1 rows none is left after the filter"),
    ],
)
def test_wrong_rows_are_refused(spark, rows, arguments, code, message):
    df = spark.createDataFrame(rows, "user string, item string, rating double, at int").coalesce(1)
    with pytest.raises(TastespaceError, match=message) as refused:
        prepare(df, **arguments)
    assert refused.value.code == code


@pytest.mark.parametrize(("duplicates", "rated"), [("sum", True), ("sum", False), ("max", True)])
def test_rows_of_a_pair_become_one_as_in_the_library(spark, duplicates, rated):
    sampled = random.Random(9)
    rows = [(sampled.randrange(9), sampled.randrange(7), sampled.random(), sampled.randrange(5), at) for at in range(200)]
    text = "user,item,rating,timestamp\n" + "\n".join(",".join(map(str, row[:4])) for row in rows)
    read = {"duplicates": duplicates, **({} if rated else {"columns": {"rating": "none"}})}
    program = """
    const data = await ts.Dataset.fromBytes(new TextEncoder().encode(text), read)
    let csv = ''
    for await (const piece of data.toCSV()) csv += new TextDecoder().decode(piece)
    return csv.trim().split('\\n').slice(1).map((row) => row.split(',').map(Number))
    """
    df = spark.createDataFrame(rows, "user int, item int, rating double, time int, at int")
    data = prepare(df, ratingCol="rating" if rated else None, timestampCol="time", orderCol="at", duplicates=duplicates)
    expected = [
        (str(int(user)), str(int(item)), np.float32(rating), time)
        for user, item, rating, time in node(program, text=text, read=read)
    ]
    assert rows_of(data) == expected


def test_a_wrong_rule_for_duplicates_is_refused(spark):
    df = spark.createDataFrame([(1, 1)], "user int, item int")
    with pytest.raises(TastespaceError, match="duplicates is 'first': expected one of last, sum, count, max"):
        prepare(df, ratingCol=None, duplicates="first")


def test_few_rows_are_in_few_partitions(spark):
    key = "spark.sql.shuffle.partitions"
    before = spark.conf.get(key)
    spark.conf.set(key, 100)
    try:
        data = prepare(spark.createDataFrame([(1, 2, 3.0), (2, 2, 4.0), (3, 4, 5.0)], "user long, item long, rating double"))
    finally:
        spark.conf.set(key, before)
    assert data.rows.rdd.getNumPartitions() < 10
    assert data.users.rdd.getNumPartitions() < 10
    assert spark.conf.get("spark.sql.optimizer.canChangeCachedPlanOutputPartitioning") == "false"
