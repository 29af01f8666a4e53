//! Explanations: both terms, the contribution of each of the last items, and the attention map.

use super::Score;
use super::model::AttRecModel;
use super::user::Attended;
use crate::contract::explanation::{Entity, Explanation, Weights};
use crate::contract::tensor::row;
use crate::learn::similarity::sort_by_strength;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::vector::dot;

impl AttRecModel {
    /// The contribution of input k with weight c_k to the short term is `−(1 − ω) c_k (‖X_k − X_i‖² − ‖X_k − m‖²)` for
    /// distances, which add up because m is the weighted mean of the `X_k`, and `(1 − ω) c_k X_k·X_i` for inner products. The
    /// tables are `attention`, the weights of the inputs (`shares`), and the mixing weights (`terms`) if users have their own.
    pub(super) fn explanation(&self, user: u32, item: u32) -> Explanation {
        let (state, recent) = (self.user(user, &[]), self.recent(user));
        let terms = self.terms(&state, item);
        let parts = [("longTerm", 0), ("shortTerm", 1)]
            .into_iter()
            .filter(|&(_, term)| state.weights[term] > 0.0)
            .map(|(name, term)| (name.to_owned(), state.weights[term] * terms[term]))
            .collect();
        if state.weights[1] == 0.0 {
            return Explanation { parts, ..Explanation::default() };
        }
        let attended = self.attended(&recent);
        let target = row(&self.sequence_vectors, item);
        let contribution = |(&input, &weight): (&u32, &f32)| {
            let vector = row(&self.sequence_vectors, input);
            let gain = match self.formula.score {
                Score::Distance => {
                    squared_distance(vector, &attended.point) - squared_distance(vector, target)
                }
                Score::Product => dot(vector, target),
            };
            (input, state.weights[1] * weight * gain)
        };
        let mut items: Vec<(u32, f32)> = recent.iter().zip(&attended.weights).map(contribution).collect();
        sort_by_strength(&mut items);
        let mut weights = attended.tables(&recent);
        if self.formula.mixing.parameters() > 0 {
            let columns = ["longTerm", "shortTerm"].map(|name| Entity::Name(name.to_owned())).to_vec();
            weights.push(Weights { name: "terms", rows: all(), columns, values: state.weights.to_vec() });
        }
        Explanation { parts, items, weights, ..Explanation::default() }
    }
}

impl Attended {
    /// The attention of the inputs to each other, and the weight of each in m.
    pub(super) fn tables(self, inputs: &[u32]) -> Vec<Weights> {
        let inputs = || inputs.iter().map(|&item| Entity::Item(item)).collect();
        vec![
            Weights { name: "attention", rows: inputs(), columns: inputs(), values: self.map },
            Weights { name: "shares", rows: all(), columns: inputs(), values: self.weights },
        ]
    }
}

/// The row of a table that is of all inputs together.
fn all() -> Vec<Entity> {
    vec![Entity::Name("all".to_owned())]
}
