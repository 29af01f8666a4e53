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


FIT = """
const data = await ts.Dataset.fromFile(file, read)
const model = await ts.createModelByName(kind, options)
const losses = []
await model.fit(data, { ...fit, onEpoch: ({ phase, epoch, loss, metric, validation, bestEpoch }) => {
  losses.push([phase, epoch, loss, validation?.values[metric] ?? null, bestEpoch])
} })
await model.save(out)
return losses
"""


def fit_in_node(folder, rows, header, *, kind, options, fit, read=None):
    """The bytes of the model file, and phase, epoch, loss, validation metric and best epoch of each epoch."""
    file, out = folder / "rows.csv", folder / "node.safetensors"
    file.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    losses = node(FIT, file=str(file), read=read or {}, kind=kind, options=options, fit=fit, out=str(out))
    return out.read_bytes(), losses
