import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spark.md"


def test_the_programs_of_the_page_run(spark, tmp_path):
    """One after the other, as a reader does, with a folder for the bucket and fewer epochs."""
    spark.range(6000).selectExpr(
        "cast(id % 200 as int) user", "cast(pmod(id * id + 3 * id, 71) as int) item", "cast(1 + id % 5 as float) rating"
    ).write.parquet(f"{tmp_path}/ratings")
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert len(programs) == 5
    names = {}
    for program in programs:
        exec(program.replace("s3://bucket", str(tmp_path)).replace("epochs=20", "epochs=2"), names)
    lists = spark.read.parquet(f"{tmp_path}/lists")
    assert lists.count() == 200
    assert lists.selectExpr("max(size(recommendations))").first()[0] == 20
    assert spark.read.parquet(f"{tmp_path}/rows").dtypes[1] == ("item", "bigint")
    assert spark.read.parquet(f"{tmp_path}/als-lists").count() == 200
