import threading
import warnings

import pyarrow.fs as pafs
import pytest

from tastespace_spark.storage import Storage, _delete


def test_a_folder_is_removed_under_a_task_that_still_writes(tmp_path):
    run = Storage(str(tmp_path)).folder("run")
    epoch = run.folder("1")
    epoch.create()
    began = threading.Event()

    def write() -> None:
        at = 0
        while True:
            try:
                epoch.create(recursive=False)
                epoch.write(f"passed-{at}", b"row" * 1000)
            except OSError:
                return
            at += 1
            began.set()

    tasks = [threading.Thread(target=write, daemon=True) for _ in range(4)]
    for task in tasks:
        task.start()
    began.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.remove()
    for task in tasks:
        task.join(10)
        assert not task.is_alive()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_a_file_appears_is_deleted_again():
    class Busy:
        """A file appears in the folder while it is deleted, twice."""

        deletions = 0

        def delete_dir(self, path: str) -> None:
            self.deletions += 1
            if self.deletions < 3:
                raise OSError(39, f"{path}: Directory not empty")

    busy = Busy()
    _delete(busy, "run")
    assert busy.deletions == 3


def test_a_folder_that_cannot_be_removed_is_a_warning(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.warns(UserWarning, match="file could not be removed, and can be removed by hand: "):
        Storage(str(tmp_path / "file")).remove()


def test_a_file_that_goes_meanwhile_is_not_the_folder():
    class Filesystem:
        """Finds a file of the folder no more, once."""

        deletions = 0

        def delete_dir(self, path):
            self.deletions += 1
            if self.deletions == 1:
                raise FileNotFoundError(f"{path}/passed-1.part")

        def get_file_info(self, path):
            return pafs.FileInfo(path, pafs.FileType.Directory)

    filesystem = Filesystem()
    _delete(filesystem, "run")
    assert filesystem.deletions == 2
