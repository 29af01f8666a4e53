import numpy as np
import pytest

from tastespace_spark import TastespaceError
from tastespace_spark.module import Module


def refused(module: Module, request, parts=()):
    with pytest.raises(TastespaceError) as error:
        module.call(request, parts)
    return error.value.code, str(error.value)


def test_arrays_go_in_and_come_out():
    module = Module()
    totals = [np.array([2, 0, 3], np.uint32), np.array([1, 4], np.uint32), np.array([2.5, 1, 5])]
    begun = module.call({"call": "begin", "kind": "biased-mf", "options": {"factors": 3}, "seed": 1}, totals).json
    assert (begun["factors"], begun["constants"], begun["cutsAnew"]) == (3, {"mean": 2.5}, False)
    cut = module.call({"call": "cut", "epoch": 0})
    assert sorted(cut.json["strata"]) == list(range(8))
    assert [len(part) for part in cut.parts] == [3, 12, 2, 8]
    group = int(cut.parts[0][2])
    vectors, biases = module.call({"call": "initial", "side": "users", "group": group}).parts
    assert vectors.view(np.float32)[:3].all()
    assert biases.view(np.float32).tolist() == [0] * (len(biases) // 4)


def test_the_validation_rows_are_a_sample_by_seed():
    module = Module()
    rows = [
        module.call({"call": "split", "options": {"by": "random", "test": 0.1, "seed": seed}, "step": {"rows": 1000}})
        .parts[1]
        .view(np.uint32)
        for seed in (1, 1, 2)
    ]
    assert len(set(rows[0].tolist())) == 100
    assert (np.diff(rows[0].astype(int)) > 0).all()
    assert rows[0].tolist() == rows[1].tolist() != rows[2].tolist()


def test_errors_have_their_code():
    module = Module()
    assert refused(module, {"call": "check", "kind": "cml", "options": {}}) == (
        "config/unknown-kind",
        "unknown model kind 'cml': expected one of biased-mf, bpr",
    )
    assert refused(module, {"call": "check", "kind": "bpr", "options": {"factors": 0}})[0] == "config/out-of-range"
    assert refused(module, {"call": "sing"})[0] == "shard/bad-request"
    assert refused(module, {"call": "split", "options": {"by": "random"}, "step": {"rows": 3}})[0] == "split/too-few-rows"


def test_a_crash_is_an_error_with_the_reason():
    # More memory than 32 bits can address.
    code, message = refused(Module(), {"call": "split", "options": {"by": "random"}, "step": {"rows": 2**32 - 1}})
    assert code == "engine/crashed"
    assert "the module of this task crashed: " in message
