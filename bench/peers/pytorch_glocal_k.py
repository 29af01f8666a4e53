"""GLocal-K in plain PyTorch, dense, gradients by autograd in f32; each epoch a call of SciPy's L-BFGS-B, as its authors train,
or of PyTorch's own L-BFGS where the job says so.

An epoch's iterations are the same number here and there; the losses and gradients that they take, `passes`, differ by a few.
"""

import numpy as np
import torch
from harness import run
from scipy.optimize import minimize


class PyTorch:
    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.options, self.epoch, self.own = job.options, 0, getattr(job, "lbfgs", None) == "torch"
        users, items = train.shape
        self.ratings, self.known = torch.zeros(items, users), torch.zeros(items, users)
        self.ratings[train.items, train.users] = torch.from_numpy(train.ratings)
        self.known[train.items, train.users] = 1
        sizes = [users, *job.options.hidden, users]
        d = job.options.kernelDimensions
        self.layers, shapes = len(sizes) - 1, []
        for rows, columns in zip(sizes[:-1], sizes[1:]):
            shapes += [(rows, columns), (rows, d), (columns, d), (columns,)]
        shapes.append((items, 9))
        self.sizes = [int(np.prod(shape)) for shape in shapes]
        self.shapes, parts = shapes, []
        for number, shape in enumerate(shapes):
            if number == len(shapes) - 1:
                parts.append(torch.nn.init.trunc_normal_(torch.empty(shape), 0, 0.1, -0.2, 0.2))
            elif number % 4 in (1, 2):
                parts.append(torch.nn.init.trunc_normal_(torch.empty(shape), 0, 1e-3, -2e-3, 2e-3))
            else:
                limit = (6 / sum(shape)) ** 0.5 if len(shape) == 2 else (3 / shape[0]) ** 0.5
                parts.append(torch.empty(shape).uniform_(-limit, limit))
        self.vector = torch.cat([part.flatten() for part in parts]).double().numpy()

    def cut(self, vector):
        return [part.view(shape) for part, shape in zip(vector.split(self.sizes), self.shapes)]

    def weigh(self, parts):
        """Effective weights of all layers, and the regularization loss."""
        weights, penalty = [], 0
        for layer in range(self.layers):
            w, u, v, _ = parts[4 * layer : 4 * layer + 4]
            kernel = torch.clamp(1 - (u[:, None] - v[None]).square().sum(2), min=0)
            weights.append(w * kernel)
            penalty = penalty + 0.5 * self.options.weightPenalty * w.square().sum()
            penalty = penalty + 0.5 * self.options.kernelPenalty * kernel.square().sum()
        return weights, penalty

    def decode(self, parts, weights, x):
        for layer, weight in enumerate(weights):
            x = x @ weight + parts[4 * layer + 3]
            x = x if layer == self.layers - 1 else torch.sigmoid(x)
        return x

    def outputs(self, parts, weights, fine):
        first = self.decode(parts, weights, self.ratings)
        if not fine:
            return first
        kernel = self.options.dotScale * (first.mean(1) @ parts[-1])
        convolved = torch.nn.functional.conv2d(self.ratings[None, None], kernel.view(1, 1, 3, 3), padding=1)
        return self.decode(parts, weights, torch.relu(convolved[0, 0]))

    def train_epoch(self):
        options = self.options
        self.fine = self.epoch >= options.pretrainEpochs
        self.epoch += 1
        self.passes = 0
        iterations = options.finetuneIterations if self.fine else options.pretrainIterations
        if self.own:
            self.step(iterations)
        else:
            limits = {"maxiter": iterations, "maxcor": 10}
            self.vector = minimize(self.evaluate, self.vector, jac=True, method="L-BFGS-B", options=limits).x

    def loss(self, point):
        self.passes += 1
        parts = self.cut(point)
        weights, penalty = self.weigh(parts)
        errors = self.known * (self.outputs(parts, weights, self.fine) - self.ratings)
        return 0.5 * errors.square().sum() + penalty

    def evaluate(self, vector):
        point = torch.from_numpy(vector).float().requires_grad_()
        loss = self.loss(point)
        loss.backward()
        return loss.item(), point.grad.double().numpy()

    def step(self, iterations):
        """An epoch of PyTorch's own L-BFGS, in f32 all through."""
        point = torch.from_numpy(self.vector).float().requires_grad_()
        search = {"history_size": 10, "line_search_fn": "strong_wolfe"}
        optimizer = torch.optim.LBFGS([point], lr=1, max_iter=iterations, **search)

        def closure():
            optimizer.zero_grad()
            loss = self.loss(point)
            loss.backward()
            return loss

        optimizer.step(closure)
        self.vector = point.detach().double().numpy()

    @torch.no_grad()
    def predict(self, users, items):
        parts = self.cut(torch.from_numpy(self.vector).float())
        outputs = self.outputs(parts, self.weigh(parts)[0], self.fine)
        return outputs[items, users].numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
