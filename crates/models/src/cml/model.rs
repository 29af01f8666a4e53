//! The trained model: a score is the negative squared distance of two embeddings.

use super::Options;
use super::fold_in::FoldIn;
use super::perceptron::Perceptron;
use crate::contract::explanation::Explanation;
use crate::contract::kind::Shape;
use crate::contract::model::{Abilities, Embeddings, FeaturePlacement, ItemTable, Metric, Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::scorer::{VectorScorer, distance_tables};
use crate::learn::similarity::{centered_cosines, nearest_of, negative_squared_distances, shrink};
use crate::learn::table::Table;
use ndarray::Array2;
use std::ops::Range;
use tastespace_kernels::distance::squared_distance;

/// User and item embeddings.
#[derive(Clone)]
pub(super) struct CmlModel {
    users: Array2<f32>,
    items: Array2<f32>,
    fold_in: FoldIn,
    perceptron: Option<Perceptron>,
}

impl CmlModel {
    fn new(
        options: &Options,
        users: Array2<f32>,
        items: Array2<f32>,
        perceptron: Option<Perceptron>,
    ) -> Self {
        Self { users, items, fold_in: FoldIn::new(options), perceptron }
    }

    /// Replaces the embedding of an item by the one predicted from its features.
    pub(super) fn place(&mut self, item: u32, features: &[u32]) {
        if let Some(perceptron) = &self.perceptron {
            let mut vector = self.items.row_mut(item as usize);
            let vector = vector.as_slice_mut().expect("rows are whole");
            perceptron.place(features, vector);
        }
    }

    /// The embeddings without padding; those of users that are not `trained` are 0.
    pub(super) fn of(
        options: &Options,
        users: &Table,
        items: &Table,
        trained: &[bool],
        perceptron: Option<Perceptron>,
    ) -> Self {
        let d = options.factors as usize;
        let mut users = users.matrix(d);
        for (mut user, _) in users.rows_mut().into_iter().zip(trained).filter(|(_, trained)| !**trained) {
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
            Tensor::matrix("user_vectors", Axis::Users, &self.users),
            Tensor::matrix("item_vectors", Axis::Items, &self.items),
        ];
        tensors.extend(self.perceptron.iter().flat_map(Perceptron::tensors));
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = -squared_distance(row(&self.users, user), row(&self.items, item));
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.users, user)).copied().collect();
        Box::new(VectorScorer::distances(vectors, &self.items))
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        Some(distance_tables(&self.items))
    }

    /// Cosine similarity of the item embeddings, after subtracting their mean over the training interactions, shrunk
    /// for items with few interactions.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        centered_cosines(&self.items, rows, item, out);
        shrink(rows, out);
        Ok(())
    }

    /// Negative squared distance of the users.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        negative_squared_distances(&self.users, row(&self.users, user), out);
        Ok(())
    }

    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Ok(self.fold_in.embed(&self.items, rows))
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        negative_squared_distances(&self.items, folded, out);
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        let points = if axis == Axis::Users { &self.users } else { &self.items };
        Ok(Embeddings::of(points, &[], Metric::Distance))
    }

    fn points(&self, users: Range<usize>) -> Option<Vec<f32>> {
        let d = self.users.ncols();
        Some(values(&self.users)[users.start * d..users.end * d].to_vec())
    }

    /// The squared distance, and the user's items with their distances from this one.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let point = row(&self.items, item);
        let score = -squared_distance(row(&self.users, user), point);
        Ok(Explanation {
            parts: vec![("squaredDistance".to_owned(), score)],
            nearest: nearest_of(&self.items, item, rows),
            ..Explanation::default()
        })
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { features: self.perceptron.is_some().then_some(self), ..Abilities::default() }
    }
}

impl FeaturePlacement for CmlModel {
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
