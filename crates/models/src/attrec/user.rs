//! Users as the score sees them: mixing weights, a long-term vector, and a vector from their last items.

use super::model::AttRecModel;
use crate::contract::tensor::{row, values};
use crate::learn::fold_in::mean;
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::self_attention::{attend, combine};
use tastespace_kernels::vector::add_scaled;

/// The vectors of a user.
pub(super) struct UserState {
    /// Mixing weight of each term: 0 where nothing is known.
    pub(super) weights: [f32; 2],
    /// U: `(d)`.
    pub(super) long: Vec<f32>,
    /// m: `(d)`.
    pub(super) short: Vec<f32>,
}

/// A sequence after attention.
pub(super) struct Attended {
    /// `(l, l)`
    pub(super) map: Vec<f32>,
    /// Weight of each item in m: `(l)`.
    pub(super) weights: Vec<f32>,
    /// m: `(d)`.
    pub(super) point: Vec<f32>,
}

impl AttRecModel {
    /// The vector m of the last of `items`, of which there is at least one.
    pub(super) fn attended(&self, items: &[u32]) -> Attended {
        let items = &items[items.len().saturating_sub(self.formula.inputs)..];
        let (d, l) = (self.formula.d, items.len());
        let rows: Vec<f32> =
            items.iter().flat_map(|&item| row(&self.sequence_vectors, item)).copied().collect();
        let mut attended = Attended { map: vec![0.0; l * l], weights: vec![0.0; l], point: vec![0.0; d] };
        let Attended { map, weights, point } = &mut attended;
        if !self.formula.attends() {
            map.fill(1.0 / l as f32);
            weights.fill(1.0 / l as f32);
            combine(weights, &rows, point);
            return attended;
        }
        let mut timed = rows.clone();
        if self.formula.time_signal {
            add_scaled(&mut timed, 1.0, &self.signals[(self.formula.inputs - l) * d..]);
        }
        let mut panel = vec![0.0; d * LANES];
        let [queries, keys] = [&self.query_weights, &self.key_weights].map(|weights| {
            let mut out = vec![0.0; l * d];
            multiply_transposed(&timed, values(weights), d, &mut out, &mut panel);
            out.iter_mut().for_each(|value| *value = value.max(0.0));
            out
        });
        attend(&queries, &keys, &rows, map, weights, point);
        attended
    }

    /// Whether a user has an embedding; the others have zeros.
    fn has_embedding(&self, user: u32) -> bool {
        row(&self.user_vectors, user).iter().any(|&value| value != 0.0)
    }

    /// Whether both terms of a user are known, so that they have the weights of all.
    pub(super) fn is_mixed(&self, user: u32) -> bool {
        self.has_embedding(user) && (self.formula.mixing.all[1] == 0.0 || !self.recent(user).is_empty())
    }

    /// A user whose sequence continues with the items of `since`.
    pub(super) fn user(&self, user: u32, since: &[u32]) -> UserState {
        let mut items = self.recent(user);
        items.retain(|item| !since.contains(item));
        items.extend(since);
        if !self.has_embedding(user) {
            return self.new_user(&items);
        }
        let [long, short] = self.formula.mixing.of(self.user_log_odds.get(user as usize).copied());
        let point = (short > 0.0 && !items.is_empty()).then(|| self.attended(&items).point);
        UserState {
            weights: [long, if point.is_some() { short } else { 0.0 }],
            long: row(&self.user_vectors, user).to_vec(),
            short: point.unwrap_or_else(|| vec![0.0; self.formula.d]),
        }
    }

    /// A user without an embedding: the short term of their items alone; without items the mean of all users.
    pub(super) fn new_user(&self, items: &[u32]) -> UserState {
        let d = self.formula.d;
        let zeros = || vec![0.0; d];
        let [long, short] = self.formula.mixing.all;
        if items.is_empty() {
            let users = (0..self.user_vectors.nrows() as u32).filter(|&user| self.has_embedding(user));
            let users: Vec<&[f32]> = users.map(|user| row(&self.user_vectors, user)).collect();
            return UserState { weights: [long, 0.0], long: mean(users.into_iter(), d), short: zeros() };
        }
        if short == 0.0 {
            let mean = mean(items.iter().map(|&item| row(&self.item_vectors, item)), d);
            return UserState { weights: [long, 0.0], long: mean, short: zeros() };
        }
        UserState { weights: [0.0, short], long: zeros(), short: self.attended(items).point }
    }

    /// `−y` term by term, before the mixing weights.
    pub(super) fn terms(&self, user: &UserState, item: u32) -> [f32; 2] {
        [
            -self.formula.term(&user.long, row(&self.item_vectors, item)),
            -self.formula.term(&user.short, row(&self.sequence_vectors, item)),
        ]
    }

    pub(super) fn score(&self, user: &UserState, item: u32) -> f32 {
        let [long, short] = self.terms(user, item);
        user.weights[0] * long + user.weights[1] * short
    }
}
