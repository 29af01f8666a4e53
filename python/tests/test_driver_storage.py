import http.client
from urllib.parse import urlsplit

import pytest

from tastespace_spark import TastespaceError
from tastespace_spark.driver_storage import DriverFolder, DriverStorage


class Context:
    """Of a SparkContext what the storage asks for."""

    def getConf(self):
        return {"spark.driver.host": "127.0.0.1"}


@pytest.fixture
def folder():
    with DriverStorage(Context()) as folder:
        yield folder


def test_files_and_folders_are_those_of_a_disk(folder):
    epoch = folder.folder("fit").folder("1")
    assert epoch.names() == []
    assert epoch.read("rows") is None
    with pytest.raises(FileNotFoundError):
        epoch.create(recursive=False)
    with pytest.raises(FileNotFoundError):
        epoch.write("rows", b"x")
    epoch.create()
    content = bytes(range(256)) * 20000
    epoch.write("rows", memoryview(content))
    epoch.write("empty", b"")
    assert epoch.read("rows") == content
    assert epoch.read("empty") == b""
    epoch.write("rows", b"newer")
    assert epoch.read("rows") == b"newer"
    assert sorted(epoch.names()) == ["empty", "rows"]
    epoch.create(recursive=False)
    folder.folder("fit").remove()
    assert folder.names() == []
    folder.folder("fit").remove()


def test_who_does_not_know_the_secret_reads_nothing(folder):
    folder.write("rows", b"secret")
    to = urlsplit(folder.uri)
    for path in ("/rows", "/wrong/rows", f"{to.path}/../rows", "/", "rows"):
        connection = http.client.HTTPConnection(to.hostname, to.port)
        connection.request("GET", path)
        assert connection.getresponse().status == 404, path
        connection.close()


def test_a_driver_that_cannot_be_reached_is_named():
    with DriverStorage(Context()) as folder:
        port = urlsplit(folder.uri).port
    with pytest.raises(TastespaceError, match=f"127.0.0.1:{port} cannot be reached") as refused:
        DriverFolder(folder.uri).read("rows")
    assert refused.value.code == "storage/not-usable"
