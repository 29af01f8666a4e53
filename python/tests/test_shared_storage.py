"""Object storage, on a server of moto; and HDFS, in the folder that `TASTESPACE_TEST_HDFS` names."""

import os
import uuid

import pyarrow.fs as pafs
import pytest
from library import fit_in_node
from test_fit import OPTIONS, ROWS, shuffled

from tastespace_spark import Model, TastespaceError, fit
from tastespace_spark.storage import Storage


@pytest.fixture(scope="module")
def options():
    """What a URI needs to reach the server, which has a bucket `bucket`."""
    server = pytest.importorskip("moto.server")
    moto = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    known = {"endpoint_override": f"{host}:{port}", "scheme": "http", "region": "us-east-1"}
    pafs.S3FileSystem(access_key="key", secret_key="secret", allow_bucket_creation=True, **known).create_dir("bucket")
    yield "&".join(f"{name}={value}" for name, value in known.items())
    moto.stop()


@pytest.fixture(params=["s3", "hdfs"])
def at(request):
    """The URI of a name in a new folder."""
    folder = uuid.uuid4().hex
    if request.param == "s3":
        options = request.getfixturevalue("options")
        yield lambda name: f"s3://key:secret@bucket/{folder}/{name}?{options}"
        return
    storage = os.environ.get("TASTESPACE_TEST_HDFS")
    if not storage:
        pytest.skip("HDFS needs TASTESPACE_TEST_HDFS, a folder such as hdfs://host:8020/tests")
    yield lambda name: f"{storage.rstrip('/')}/{folder}/{name}"
    Storage(f"{storage.rstrip('/')}/{folder}").remove()


def test_files_and_folders(at):
    run = Storage(at("run"))
    epoch = run.folder("1")
    assert (epoch.names(), epoch.read("rows")) == ([], None)
    epoch.create()
    epoch.write("rows", b"123")
    epoch.write("rows", b"45")
    assert (run.names(), epoch.names(), epoch.read("rows")) == (["1"], ["rows"], b"45")
    run.remove()
    assert (run.names(), epoch.read("rows")) == ([], None)
    run.remove()


def test_messages_have_no_secrets(options):
    assert Storage(f"s3://key:secret@bucket/run?{options}").folder("1").shown == "s3://bucket/run/1"
    with pytest.raises(TastespaceError) as refused:
        Storage("s3://key:secret@bucket/run?nonsense=1").names()
    assert "'s3://bucket/run' cannot be opened" in str(refused.value)
    with pytest.raises(TastespaceError) as refused:
        Storage(f"s3://key:secret@bucket/a run?{options}").names()
    assert "Cannot parse URI: 's3://bucket/a run'" in str(refused.value)
    assert "a space in a URI is written %20" in str(refused.value)


def test_training_has_the_file_of_one_machine(spark, at, tmp_path):
    fitted = {"epochs": 2, "seed": 7}
    expected, _ = fit_in_node(tmp_path, ROWS, "user,item,rating", kind="bpr", options=OPTIONS, fit=fitted)
    storage = at("training")
    data = shuffled(spark, ROWS)
    model = fit(data, "bpr", OPTIONS, storage=storage, seed=7, epochs=2, tasks=4, on_epoch=lambda _: None)
    assert model.content == expected
    assert Storage(storage).names() == []
    file = at("model.safetensors")
    model.save(file)
    assert Model.load(file).content == model.content
    with pytest.raises(TastespaceError) as missing:
        Model.load(at("other.safetensors"))
    assert missing.value.code == "file/not-found"
    assert "secret" not in str(missing.value)
