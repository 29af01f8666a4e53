import json

import pyarrow as pa
import pytest
from library import node

from tastespace_spark import Model, TastespaceError
from tastespace_spark.scoring.engine import Engine, from_texts, texts
from tastespace_spark.scoring.node import find_node
from tastespace_spark.scoring.send import send_model
from tastespace_spark.scoring.served import ServedModel

SAVE = """
const model = await ts.createModelByName('pop', {})
const rows = [{ user: 'ä', item: 'x' }, { user: 'é', item: 'y' }, { user: '漢字', item: 'x' }]
await model.fit(await ts.Dataset.fromRows(rows))
await model.save(file)
return null
"""


@pytest.fixture
def file(tmp_path):
    node(SAVE, file=str(tmp_path / "model"))
    return tmp_path / "model"


@pytest.fixture
def programs(monkeypatch):
    """Sets the variable and the PATH by which node is found."""
    find_node.cache_clear()
    yield monkeypatch
    find_node.cache_clear()


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_texts_keep_their_bytes():
    ids = pa.array(["a", "", "ä漢", "a", "z"])
    assert from_texts(texts(ids)) == ids
    assert from_texts(texts(ids.slice(1, 2))) == ids.slice(1, 2)
    assert texts(ids.slice(1, 2))["ends"].tolist() == [0, 5]
    assert from_texts(texts(pa.array([], pa.string()))) == pa.array([], pa.string())


def test_errors_of_the_engine_keep_their_code(file):
    engine = Engine()
    with pytest.raises(TastespaceError, match="not a function"):
        engine.call("no_such_call")
    engine = Engine()
    model = engine.call("load", "a file", file)
    with pytest.raises(TastespaceError, match="unknown user 'zoe'") as refused:
        engine.call("rank", model, "users", {"ids": texts(pa.array(["zoe"]))}, "{}")
    assert (refused.value.code, refused.value.details["id"]) == ("model/unknown-user", "zoe")
    assert from_texts(engine.call("names", model, "users")).to_pylist() == ["ä", "é", "漢字"]
    engine.close()


def test_a_crash_is_survived_once_in_a_task(file):
    model = ServedModel(file)
    first = model.names("items")
    model._engine._process.kill()
    assert model.names("items") == first

    model._engine._process.kill()
    with pytest.raises(TastespaceError, match="status -9") as crashed:
        model.names("items")
    assert crashed.value.code == "engine/crashed"

    model.begin_task()
    assert model.names("items") == first
    model.close()


def test_the_last_lines_of_a_failed_program_are_in_the_error(programs, tmp_path):
    text = 'case "$1" in --version) echo v20.1.0;; *) echo one >&2; echo no room >&2; exit 3;; esac'
    programs.setenv("TASTESPACE_NODE", program(tmp_path / "node", text))
    with pytest.raises(TastespaceError, match="status 3; its last lines:\none\nno room"):
        Engine().call("describe")


def test_node_is_found_by_the_variable_and_on_the_path(programs, tmp_path):
    mine = program(tmp_path / "node", "echo v22.0.0")
    programs.setenv("PATH", str(tmp_path))
    assert find_node() == mine
    find_node.cache_clear()
    programs.setenv("TASTESPACE_NODE", other := program(tmp_path / "other", "echo v20.0.0"))
    assert find_node() == other


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (None, "node/not-found", "install Node 20 or later"),
        ("echo v18.20.0", "node/too-old", "version 18.20.0, which is too old"),
        ("exit 1", "node/not-found", "does not run"),
    ],
)
def test_a_node_that_does_not_do_is_refused(programs, tmp_path, text, code, words):
    programs.setenv("PATH", str(tmp_path))
    if text:
        program(tmp_path / "node", text)
    with pytest.raises(TastespaceError, match=words) as refused:
        find_node()
    assert refused.value.code == code


def test_a_model_that_no_engine_loads_is_refused():
    header = {
        "__metadata__": {"tastespace": "{}"},
        "mean": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "user_factors": {"dtype": "F32", "shape": [2**21, 64], "data_offsets": [4, 4 + 2**29]},
    }
    text = json.dumps(header).encode()
    model = Model(len(text).to_bytes(8, "little") + text)
    with pytest.raises(TastespaceError, match="'user_factors' of the model has 536,870,912 bytes") as refused:
        send_model(None, model)
    assert refused.value.code == "memory/too-large"
