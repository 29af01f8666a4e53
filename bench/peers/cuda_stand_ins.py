"""Makes libraries that stand in for CUDA's, so that the torch of PyPI loads on a machine without a GPU.

torch links CUDA's libraries and will not load without them, though a run on a CPU calls none of their functions. Each
stand-in defines what torch would look up in one of them, as a function that answers "no device" (100). What torch computes
on the CPU is in its own libtorch_cpu.so, which stays as it is.

    python cuda_stand_ins.py FOLDER     for the torch that this Python has; use with LD_LIBRARY_PATH=FOLDER
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

torch = Path(find_spec("torch").submodule_search_locations[0]) / "lib"
folder = Path(sys.argv[1])
CUDA = re.compile(r"lib(cu|nccl|nv)")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(library, which):
    return re.findall(r"^\S* *([A-Za-z]) (\S+)$", output("nm", "-D", which, library), re.M)


libraries = sorted(torch.glob("*.so*"))
needed = {name for library in libraries for name in re.findall(r"NEEDED.*\[(.+)\]", output("readelf", "-d", library))}
missing = sorted(name for name in needed - {library.name for library in libraries} if CUDA.match(name))
undefined = {name for library in libraries for _, name in symbols(library, "--undefined-only")}

folder.mkdir(parents=True, exist_ok=True)
for name in missing:
    # A symbol is `name@version`; the version is the library's name, and NVSHMEM in one case. NCCL's and others have none:
    # whichever library comes first may define them.
    version = "NVSHMEM" if "nvshmem" in name else name
    wanted = {symbol.split("@")[0] for symbol in undefined if symbol.endswith(f"@{version}")}
    options = []
    if wanted:
        script = folder / "version.map"
        script.write_text(f"{version} {{ global: *; }};")
        options = [f"-Wl,--version-script={script}"]
    else:
        wanted = {symbol for symbol in undefined if re.match(r"nccl|cuFile|cusparseLt", symbol)}
    source = "\n".join(f"int {symbol}(void) {{ return 100; }}" for symbol in sorted(wanted))
    target = ["-o", str(folder / name), f"-Wl,-soname,{name}"]
    command = ["cc", "-shared", "-fPIC", "-w", "-x", "c", "-", *target, *options]
    subprocess.run(command, check=True, input=source, text=True)
