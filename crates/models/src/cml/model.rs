//! What a trained `cml` knows, users and items as points, and what it answers: a score is minus a squared distance.

use super::Options;
use super::features::Perceptron;
use super::fold_in::FoldIn;
use crate::contract::model::{
    Along, Explanation, Model, Nearness, Scorer, Shape, Tensor, Tensors, UNKNOWN, Vectors, WrongTensor, row,
};
use crate::learn::embedding::{nearest_of, nearness};
use crate::learn::minibatch::Table;
use crate::learn::scorer::VectorScorer;
use ndarray::Array2;
use tastespace_kernels::distance::squared_distance;

/// All points.
#[derive(Clone)]
pub(super) struct CmlModel {
    users: Array2<f32>,
    items: Array2<f32>,
    fold_in: FoldIn,
    perceptron: Option<Perceptron>,
}

/// A score that is below all others: of a pair of which one is not known.
const FARTHEST: f32 = f32::MIN;

impl CmlModel {
    fn new(
        options: &Options,
        users: Array2<f32>,
        items: Array2<f32>,
        perceptron: Option<Perceptron>,
    ) -> Self {
        Self { users, items, fold_in: FoldIn::new(options), perceptron }
    }

    /// Moves an item to where its features say.
    pub(super) fn place(&mut self, item: u32, features: &[u32]) {
        if let Some(perceptron) = &self.perceptron {
            let mut vector = self.items.row_mut(item as usize);
            let vector = vector.as_slice_mut().expect("rows are whole");
            perceptron.place(features, vector);
        }
    }

    /// The rows of both tables without their padding; users who are not `present` are at the centre.
    pub(super) fn of(
        options: &Options,
        users: &Table,
        items: &Table,
        present: &[bool],
        perceptron: Option<Perceptron>,
    ) -> Self {
        let d = options.factors as usize;
        let mut users = users.matrix(d);
        for (mut user, _) in users.rows_mut().into_iter().zip(present).filter(|(_, present)| !**present) {
            user.fill(0.0);
        }
        let items = items.matrix(d);
        Self::new(options, users, items, perceptron)
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let d = options.factors as usize;
        let users = tensors.take_matrix("user_vectors", shape.users, d)?;
        let items = tensors.take_matrix("item_vectors", shape.items, d)?;
        Ok(Self::new(options, users, items, Perceptron::load(options, tensors, shape)?))
    }
}

impl Model for CmlModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = vec![
            Tensor::matrix("user_vectors", Along::Users, &self.users),
            Tensor::matrix("item_vectors", Along::Items, &self.items),
        ];
        tensors.extend(self.perceptron.iter().flat_map(Perceptron::tensors));
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = if user == UNKNOWN || item == UNKNOWN {
                FARTHEST
            } else {
                -squared_distance(row(&self.users, user), row(&self.items, item))
            };
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.users, user)).copied().collect();
        Box::new(VectorScorer::distances(vectors, &self.items))
    }

    /// Minus the squared distance of the items.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        nearness(&self.items, row(&self.items, item), out);
        Ok(())
    }

    /// Minus the squared distance of the users.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        nearness(&self.users, row(&self.users, user), out);
        Ok(())
    }

    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Ok(self.fold_in.place(&self.items, rows))
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        nearness(&self.items, newcomer, out);
    }

    fn vectors(&self, of: Along) -> Result<Vectors<'_>, &'static str> {
        let points = if of == Along::Users { &self.users } else { &self.items };
        Ok(Vectors::of(points, &[], Nearness::Distance))
    }

    /// The squared distance, and of the items that the user had those nearest to this one, with their distances.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let point = row(&self.items, item);
        let score = -squared_distance(row(&self.users, user), point);
        Ok(Explanation {
            parts: vec![("squaredDistance".to_owned(), score)],
            nearest: nearest_of(&self.items, item, rows),
            ..Explanation::default()
        })
    }

    fn places_by_features(&self) -> bool {
        self.perceptron.is_some()
    }

    fn explain_features(&self, user: u32, item: u32, features: &[u32]) -> Vec<(u32, f32)> {
        let Some(perceptron) = &self.perceptron else { return Vec::new() };
        let user = row(&self.users, user);
        let score = -squared_distance(user, row(&self.items, item));
        let mut vector = vec![0.0; self.items.ncols()];
        let mut without = |feature: u32| {
            let others: Vec<u32> = features.iter().copied().filter(|&other| other != feature).collect();
            perceptron.place(&others, &mut vector);
            (feature, score + squared_distance(user, &vector))
        };
        features.iter().map(|&feature| without(feature)).collect()
    }
}
