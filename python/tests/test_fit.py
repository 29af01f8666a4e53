import random

import pytest
from node import fit_in_node

from tastespace_spark import fit


def interactions():
    """Ratings of 300 users and 90 items with some structure, of which some pairs come twice."""
    sampled = random.Random(5)
    rows = []
    for _ in range(6000):
        user, item = sampled.randrange(300), int(90 * sampled.random() ** 2)
        liked = (user % 3 == item % 3) + sampled.random()
        rows.append((user * 7, f"item {item}", 1 + round(8 * liked / 2) / 2))
    return rows


ROWS = interactions()


@pytest.fixture(scope="module")
def shuffled(spark):
    """The rows in another order and in other partitions; their number is the column `at`."""
    rows = [(*row, at) for at, row in enumerate(ROWS)]
    random.Random(1).shuffle(rows)
    return spark.createDataFrame(rows, "user long, item string, rating double, at long").repartition(5).persist()


@pytest.mark.parametrize(
    ("kind", "options", "tasks"),
    [("biased-mf", {"factors": 12}, (1, 2, 4, 8)), ("bpr", {"factors": 12}, (1, 2, 4, 8))],
)
def test_the_file_is_that_of_one_machine(shuffled, tmp_path, kind, options, tasks):
    expected, epochs = fit_in_node(tmp_path, ROWS, "user,item,rating", kind=kind, options=options, fit={"epochs": 3, "seed": 7})
    for count in tasks:
        losses = []
        model = fit(
            shuffled,
            kind,
            options,
            storage=str(tmp_path / "storage"),
            seed=7,
            epochs=3,
            tasks=count,
            orderCol="at",
            on_epoch=lambda report: losses.append(["fit", report.epoch, report.loss, None, report.best_epoch]),
        )
        assert losses == epochs
        assert model.content == expected
    assert list((tmp_path / "storage").iterdir()) == []
