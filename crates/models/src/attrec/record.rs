//! The result of the forward and backward pass of a window, from which the table rows gather their gradients.

use super::formula::Formula;

/// Sizes of the parts of a record.
#[derive(Clone, Copy)]
pub(super) struct RecordLayout {
    d: usize,
    user: usize,
    inputs: usize,
    /// Values of all queries, and of all keys: 0 without attention.
    projected: usize,
    candidates: usize,
}

/// The parts of a record. Inputs are at the end of their parts, so that a position means the same in all windows.
pub(super) struct Record<T> {
    /// The sequence vector m: `(d)`.
    pub(super) point: T,
    /// Gradient of m: `(d)`.
    pub(super) point_gradient: T,
    /// Gradient of the user's row: `(user width)`.
    pub(super) user_gradient: T,
    /// Gradients of queries and keys, before the ReLU's inputs are summed: `(inputs, d)`, or empty.
    pub(super) query_gradients: T,
    pub(super) key_gradients: T,
    /// Weight of each input in m: `(inputs)`.
    pub(super) weights: T,
    /// Derivative of the loss with respect to `y` of each candidate: `(candidates)`.
    pub(super) derivatives: T,
}

/// Scalars of a window.
#[derive(Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) loss: f32,
    /// Whether any candidate has a derivative.
    pub(super) active: bool,
    /// See [`Formula::slopes`].
    pub(super) slopes: [f32; 2],
}

impl RecordLayout {
    pub(super) fn new(formula: &Formula, candidates: usize) -> Self {
        let Formula { d, inputs, .. } = *formula;
        let projected = if formula.attends() { inputs * d } else { 0 };
        Self { d, user: formula.user_width(), inputs, projected, candidates }
    }

    /// Values of a record.
    pub(super) fn len(&self) -> usize {
        2 * self.d + self.user + 2 * self.projected + self.inputs + self.candidates
    }

    /// The parts of a record.
    pub(super) fn parts<'a>(&self, record: &'a [f32]) -> Record<&'a [f32]> {
        let (point, rest) = record.split_at(self.d);
        let (point_gradient, rest) = rest.split_at(self.d);
        let (user_gradient, rest) = rest.split_at(self.user);
        let (query_gradients, rest) = rest.split_at(self.projected);
        let (key_gradients, rest) = rest.split_at(self.projected);
        let (weights, derivatives) = rest.split_at(self.inputs);
        Record { point, point_gradient, user_gradient, query_gradients, key_gradients, weights, derivatives }
    }

    /// The parts of a record, mutable.
    pub(super) fn parts_mut<'a>(&self, record: &'a mut [f32]) -> Record<&'a mut [f32]> {
        let (point, rest) = record.split_at_mut(self.d);
        let (point_gradient, rest) = rest.split_at_mut(self.d);
        let (user_gradient, rest) = rest.split_at_mut(self.user);
        let (query_gradients, rest) = rest.split_at_mut(self.projected);
        let (key_gradients, rest) = rest.split_at_mut(self.projected);
        let (weights, derivatives) = rest.split_at_mut(self.inputs);
        Record { point, point_gradient, user_gradient, query_gradients, key_gradients, weights, derivatives }
    }
}

/// The records of a mini-batch.
pub(super) struct Records {
    pub(super) layout: RecordLayout,
    pub(super) values: Vec<f32>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Records {
    pub(super) fn new(layout: RecordLayout, windows: usize) -> Self {
        let values = vec![0.0; windows * layout.len()];
        Self { layout, values, outcomes: vec![Outcome::default(); windows] }
    }

    /// The record of a window.
    pub(super) fn of(&self, window: usize) -> Record<&[f32]> {
        self.layout.parts(&self.values[window * self.layout.len()..][..self.layout.len()])
    }

    /// The vector m of a window: see [`Record::point`].
    pub(super) fn point(&self, window: usize) -> &[f32] {
        &self.values[window * self.layout.len()..][..self.layout.d]
    }

    /// The derivative of a candidate: see [`Record::derivatives`].
    pub(super) fn derivative(&self, window: usize, candidate: usize) -> f32 {
        self.values[(window + 1) * self.layout.len() - self.layout.candidates + candidate]
    }

    /// Whether a window has gradients.
    pub(super) fn active(&self, window: usize) -> bool {
        self.outcomes[window].active
    }
}
