"""NDCG@10 of implicit's ALS on held-out rows after some numbers of epochs: `../ials-quality.mjs` says which.

Prints one line of JSON: `{ version, users, ndcg: { epochs: value of each user } }`.
"""

import json
import os
import sys
from types import SimpleNamespace

from implicit_als import ALS, implicit
from harness import ndcg, read

job = json.loads(sys.argv[1], object_hook=lambda fields: SimpleNamespace(**fields))
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
train, test = read(job.train, job.test)
model = ALS(job, train)
users, found = [], {}


def after_epoch(epoch, *_):
    global users
    if epoch + 1 in job.epochs:
        users, found[epoch + 1] = ndcg(model, train, test)


model.fit(max(job.epochs), after_epoch)
ids = [int(user) for user in train.ids[0][users]]
ndcgs = {epochs: values.tolist() for epochs, values in found.items()}
print(json.dumps({"version": f"implicit {implicit.__version__}", "users": ids, "ndcg": ndcgs}), file=out)
