"""The library in Node, with which results are compared."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "dist/index.mjs"

FIT = """
const { createModelByName, Dataset } = await import(process.argv[1])
const { file, read, kind, options, fit, out } = JSON.parse(process.argv[2])
const data = await Dataset.fromFile(file, read)
const model = await createModelByName(kind, options)
const losses = []
await model.fit(data, { ...fit, onEpoch: ({ phase, epoch, loss, validation, bestEpoch }) => {
  losses.push([phase, epoch, loss, validation?.values.rmse ?? null, bestEpoch])
} })
await model.save(out)
console.log(JSON.stringify(losses))
"""


def fit_in_node(folder, rows, header, *, kind, options, fit, read=None):
    """The bytes of the model file, and phase, epoch, loss, RMSE and best epoch of each epoch."""
    if not LIBRARY.exists() or shutil.which("node") is None:
        pytest.skip("the library is not built: run npm run build")
    file, out = folder / "rows.csv", folder / "node.safetensors"
    file.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    request = {"file": str(file), "read": read or {}, "kind": kind, "options": options, "fit": fit, "out": str(out)}
    command = ["node", "--input-type=module", "-e", FIT, str(LIBRARY), json.dumps(request)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    return out.read_bytes(), json.loads(printed.stdout)
