"""The library in Node, whose answers those of Spark must equal."""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def node(program: str, **values: Any) -> Any:
    """What a program returns. It has the library as ``ts``, and the values by name."""
    names = ", ".join(values)
    script = f"""
import * as ts from {json.dumps(str(ROOT / "dist" / "index.mjs"))}
const {{ {names} }} = JSON.parse(process.argv[1])
process.stdout.write(JSON.stringify(await (async () => {{ {program} }})()))
"""
    command = ["node", "--input-type=module", "-e", script, json.dumps(values)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
