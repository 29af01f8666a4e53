//! Forward and backward pass of one window.

use super::formula::Formula;
use super::loss::{LossWorkspace, WindowLoss};
use super::mixing::Mixing;
use super::projection::Projected;
use super::record::{Outcome, Record};
use crate::learn::dropout::Dropout;
use crate::learn::row_gradients::NONE;
use crate::learn::table::Table;
use tastespace_data::Rng;
use tastespace_kernels::self_attention::{Workspace as AttentionWorkspace, attend, attend_backward, combine};

/// Workspace of a task.
pub(super) struct Workspace {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    map: Vec<f32>,
    score_gradients: Vec<f32>,
    weight_gradients: Vec<f32>,
    column: Vec<f32>,
    /// Both terms of each candidate, and `y`.
    terms: Vec<[f32; 2]>,
    y: Vec<f32>,
    loss: LossWorkspace,
}

impl Workspace {
    pub(super) fn new(formula: &Formula, candidates: usize) -> Self {
        let (l, d) = (formula.inputs, formula.d);
        Self {
            queries: vec![0.0; l * d],
            keys: vec![0.0; l * d],
            values: vec![0.0; l * d],
            map: vec![0.0; l * l],
            score_gradients: vec![0.0; l * l],
            weight_gradients: vec![0.0; l],
            column: vec![0.0; l],
            terms: vec![[0.0; 2]; candidates],
            y: vec![0.0; candidates],
            loss: LossWorkspace::new(candidates),
        }
    }
}

/// The parameters during a pass.
pub(super) struct Pass<'a> {
    pub(super) formula: &'a Formula,
    pub(super) loss: &'a WindowLoss,
    pub(super) dropout: Dropout,
    /// U, V and X.
    pub(super) users: &'a Table,
    pub(super) long: &'a Table,
    pub(super) short: &'a Table,
    pub(super) projected: Projected<'a>,
}

impl Pass<'_> {
    /// Forward and backward pass of a window. `items` ends with its inputs and is [`NONE`] before.
    pub(super) fn window(
        &self,
        user: u32,
        items: &[u32],
        candidates: &[u32],
        dropout: impl FnOnce() -> Rng,
        workspace: &mut Workspace,
        record: &mut Record<&mut [f32]>,
    ) -> Outcome {
        let Self { formula, .. } = *self;
        let [has_long, has_short] = formula.terms();
        let empty = items.iter().take_while(|&&item| item == NONE).count();
        let items = &items[empty..];
        let (embedding, own) = self.users.row(user).split_at(formula.d);
        let mixing = formula.mixing.of(own.first().copied());
        record.point_gradient.fill(0.0);
        record.user_gradient.fill(0.0);
        record.derivatives.fill(0.0);
        if empty > 0 {
            record.query_gradients.fill(0.0);
            record.key_gradients.fill(0.0);
        }
        if has_short {
            self.sequence(empty, items, dropout, workspace, record);
        }

        let terms = workspace.terms.iter_mut().zip(&mut workspace.y).zip(candidates);
        for ((terms, y), &item) in terms.filter(|&(_, &item)| item != NONE) {
            if has_long {
                terms[0] = formula.term(embedding, self.long.row(item));
            }
            if has_short {
                terms[1] = formula.term(record.point, self.short.row(item));
            }
            *y = mixing[0] * terms[0] + mixing[1] * terms[1];
        }
        let loss = self.loss.evaluate(candidates, &workspace.y, &mut workspace.loss, record.derivatives);
        if record.derivatives.iter().all(|&derivative| derivative == 0.0) {
            return Outcome { loss, ..Outcome::default() };
        }

        let slopes = formula.slopes(mixing);
        let (user_gradient, own_gradient) = record.user_gradient.split_at_mut(formula.d);
        let derivatives = record.derivatives.iter().zip(candidates).zip(&workspace.terms);
        for ((&derivative, &item), &terms) in derivatives.filter(|((derivative, _), _)| **derivative != 0.0) {
            if has_long {
                formula.add_gradient(user_gradient, slopes[0] * derivative, embedding, self.long.row(item));
            }
            if has_short {
                let point = &*record.point;
                formula.add_gradient(
                    record.point_gradient,
                    slopes[1] * derivative,
                    point,
                    self.short.row(item),
                );
            }
            own_gradient.iter_mut().for_each(|sum| *sum += derivative * Mixing::derivative(mixing, terms));
        }
        if formula.attends() && items.len() > 1 {
            self.sequence_backward(empty, items.len(), workspace, record);
        }
        Outcome { loss, active: true, slopes }
    }

    /// From the inputs of a window to the vector m.
    fn sequence(
        &self,
        empty: usize,
        items: &[u32],
        dropout: impl FnOnce() -> Rng,
        workspace: &mut Workspace,
        record: &mut Record<&mut [f32]>,
    ) {
        let (d, l) = (self.formula.d, items.len());
        let Workspace { queries, keys, values, map, .. } = workspace;
        let (queries, keys, values) = (&mut queries[..l * d], &mut keys[..l * d], &mut values[..l * d]);
        for (value, &item) in values.chunks_exact_mut(d).zip(items) {
            value.copy_from_slice(self.short.row(item));
        }
        let weights = &mut record.weights[empty..];
        if !self.formula.attends() {
            weights.fill(1.0 / l as f32);
            return combine(weights, values, record.point);
        }
        let rows = queries.chunks_exact_mut(d).zip(keys.chunks_exact_mut(d)).zip(items);
        for (position, ((query, key), &item)) in (empty..).zip(rows) {
            self.projected.activate(item, position, query, key);
        }
        self.dropout.apply(dropout, queries.iter_mut().chain(&mut *keys));
        attend(queries, keys, values, &mut map[..l * l], weights, record.point);
    }

    /// From the gradient of m to those of queries and keys.
    fn sequence_backward(
        &self,
        empty: usize,
        l: usize,
        workspace: &mut Workspace,
        record: &mut Record<&mut [f32]>,
    ) {
        let d = self.formula.d;
        attend_backward(
            &workspace.queries[..l * d],
            &workspace.keys[..l * d],
            &workspace.values[..l * d],
            &workspace.map[..l * l],
            record.point_gradient,
            self.dropout.gain,
            AttentionWorkspace {
                weight_gradients: &mut workspace.weight_gradients[..l],
                score_gradients: &mut workspace.score_gradients[..l * l],
                column: &mut workspace.column[..l],
            },
            &mut record.query_gradients[empty * d..],
            &mut record.key_gradients[empty * d..],
        );
    }
}
