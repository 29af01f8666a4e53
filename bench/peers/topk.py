"""implicit's `recommend` and faiss's flat index on the vectors of a model's file: top-k lists of all users at once.

    python topk.py implicit|faiss JOB

`../topk.mjs` says what is asked. The items' biases, some 1e-6, are left out.
"""

import json
import resource
import sys
import time

import numpy as np


def tensors(path):
    """The f32 tensors of a safetensors file."""
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return {
        name: np.frombuffer(data[8 + length + at["data_offsets"][0] : 8 + length + at["data_offsets"][1]], "<f4").reshape(
            at["shape"]
        )
        for name, at in header.items()
        if at.get("dtype") == "F32"
    }


def implicit_lists(users, items, job):
    import implicit
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    model = AlternatingLeastSquares(factors=users.shape[1], num_threads=job["threads"])
    model.user_factors, model.item_factors = users, items
    everyone, nothing = np.arange(len(users)), csr_matrix((len(users), len(items)), dtype=np.float32)

    def lists():
        return model.recommend(everyone, nothing, N=job["k"], filter_already_liked_items=False)[0]

    return lists, f"implicit {implicit.__version__}"


def faiss_lists(users, items, job):
    import faiss

    faiss.omp_set_num_threads(job["threads"])
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
    return lambda: index.search(users, job["k"])[1], f"faiss {faiss.__version__}"


library, job = sys.argv[1], json.loads(sys.argv[2])
found = tensors(job["file"])
users, items = (np.ascontiguousarray(found[name]) for name in ("user_vectors", "item_vectors"))
lists, version = {"implicit": implicit_lists, "faiss": faiss_lists}[library](users, items, job)
for round in range(job["warmUp"] + job["rounds"]):
    wall, cpu = time.perf_counter(), time.process_time()
    answer = lists()
    seconds, used = time.perf_counter() - wall, time.process_time() - cpu
    phase = "warm-up" if round < job["warmUp"] else "epoch"
    print(json.dumps({"phase": phase, "seconds": seconds, "cpu": used, "rows": len(users)}), flush=True)
print(json.dumps({"phase": "quality", "lists": np.asarray(answer[:20]).tolist()}), flush=True)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"phase": "end", "version": version, "peakMemory": peak}), flush=True)
