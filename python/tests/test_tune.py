import csv
from dataclasses import asdict

import pytest
from library import node

from tastespace_spark import TastespaceError, tune

GENERATE = """
const data = await ts.Dataset.synthetic({ users: 120, items: 60, ratings: 2500, seed: 2 })
await data.save(file)
return null
"""

TUNE = """
const { aborted, seconds, ...report } = await ts.tune(await ts.Dataset.fromFile(file), options)
return report
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Rows in the order in which Spark collects them: by time, and user and item as texts."""
    file = tmp_path_factory.mktemp("rows") / "rows.csv"
    node(GENERATE, file=str(file))
    with open(file) as lines:
        names, *rows = csv.reader(lines)
    user, item, _, time = range(4)
    rows.sort(key=lambda row: (int(row[time]), row[user], row[item]))
    with open(file, "w") as lines:
        csv.writer(lines).writerows([names, *rows])
    return file


@pytest.fixture
def rows(spark, file):
    columns = "user int, item int, rating float, timestamp long"
    return spark.read.csv(str(file), header=True, schema=columns).repartition(4, "item")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (
            "biased-mf",
            {"trials": 4, "epochs": 9, "seed": 3, "space": {"penalty": {"low": 0.01, "high": 1, "log": True}}},
        ),
        ("ease", {"trials": 3, "split": "leave-one-out", "metric": "mrr"}),
    ],
)
def test_a_search_comes_to_the_trials_of_the_library(rows, file, kind, options):
    found = tune(rows, kind, timestampCol="timestamp", **options)
    assert asdict(found) == node(TUNE, file=str(file), options={"kind": kind, **options})


def test_invalid_options_are_refused_before_rows_are_collected(rows):
    with pytest.raises(TastespaceError, match="'trials' is 0: expected an integer from 1 to 1000") as refused:
        tune(rows, "ease", trials=0)
    assert refused.value.code == "config/out-of-range"
    with pytest.raises(TastespaceError, match="there are no rows"):
        tune(rows.limit(0), "ease")


def test_the_error_of_the_defaults_ends_the_search(rows):
    with pytest.raises(TastespaceError) as refused:
        tune(rows, "biased-mf", ratingCol=None, trials=2)
    assert refused.value.code == "dataset/needs-ratings"
