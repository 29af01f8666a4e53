import json
import pickle

import numpy as np
import pytest

from tastespace_spark import Model, TastespaceError


def model_file() -> bytes:
    """A file by the format's own rules: the header's length, the header, the tensors."""
    tensors = {
        "catalogue.users.text": np.frombuffer("åbob".encode(), np.uint8),
        "catalogue.users.ends": np.array([2, 5], np.uint32),
        "catalogue.items.text": np.frombuffer(b"x", np.uint8),
        "catalogue.items.ends": np.array([1], np.uint32),
        "item_factors": np.array([[1.5, -2]], np.float32),
    }
    dtypes = {"uint8": "U8", "uint32": "U32", "float32": "F32"}
    training = {"epochs": 3, "seed": 1, "rows": 9}
    metadata = {"kind": "biased-mf", "options": {"factors": 2}, "range": [1, 5], "training": training}
    header, data = {"__metadata__": {"tastespace": json.dumps(metadata)}}, b""
    for name, values in tensors.items():
        ends = [len(data), len(data) + values.nbytes]
        header[name] = {"dtype": dtypes[values.dtype.name], "shape": list(values.shape), "data_offsets": ends}
        data += values.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_a_model_has_its_catalogue_and_comes_back_from_a_file(tmp_path):
    path = str(tmp_path / "new" / "model.safetensors")
    Model(model_file()).save(path)
    for where in (path, f"file://{path}"):
        model = Model.load(where)
        assert (model.kind, model.options, model.range) == ("biased-mf", {"factors": 2}, (1, 5))
        assert (model.users.to_pylist(), model.items.to_pylist()) == (["å", "bob"], ["x"])
        assert model.tensor("item_factors").tolist() == [[1.5, -2]]
        assert model.training["epochs"] == 3
        assert model.content == model_file()
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["model.safetensors"]


def test_other_files_are_refused(tmp_path):
    for content in (b"", b"12345678", b"\x02" + bytes(7) + b"{}", b"\x02" + bytes(7) + b"[]"):
        with pytest.raises(TastespaceError, match="not a model file") as refused:
            Model(content)
        assert refused.value.code == "file/corrupt"
    with pytest.raises(TastespaceError, match="there is no file") as missing:
        Model.load(str(tmp_path / "none.safetensors"))
    assert missing.value.code == "file/not-found"
    with pytest.raises(TastespaceError, match="has no tensor 'x'"):
        Model(model_file()).tensor("x")


def test_a_storage_of_another_kind_is_refused():
    with pytest.raises(TastespaceError, match=r"moon://a' cannot be opened.*expected a path") as refused:
        Model.load("moon://a/model.safetensors")
    assert refused.value.code == "storage/not-usable"


def test_an_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(TastespaceError("a/b", "text", {"key": 1})))
    assert (error.code, str(error), error.details) == ("a/b", "text", {"key": 1})
