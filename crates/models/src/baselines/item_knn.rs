//! Item-based nearest neighbours (Deshpande, Karypis 2004, *Item-Based Top-N Recommendation Algorithms*).
//!
//! With `c_ij` the number of users who interacted with both items, and `n_i = c_ii`:
//!
//! `s_ij = c_ij / (√(n_i n_j) + h)`, the cosine of the item columns, shrunk by `h`.
//!
//! | here | meaning |
//! |---|---|
//! | `neighbours: (m, k)` | the `k` items with the highest `s`, ascending by index; padded with the item itself |
//! | `similarities: (m, k)` | their `s`, 0 for padding |
//! | `shrinkage` | `h`, in users |
//!
//! The score of an item is `Σ s_ji` over those of the user's items j that have it as a neighbor. Every interaction is a
//! positive, whatever its rating. Of equal similarities the lower index is preferred.
//!
//! Departures: shrinkage, which the paper does not have; similarities are not normalized to sum to 1 for each item.

use super::cooccurrence::{self, Cooccurrence};
use super::item_item::ItemItem;
use super::sparse_weights::{Similar, SparseWeights};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem, Trainer};
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_optim::parallel;
use tastespace_options::{SearchRange, options};

/// The name of the similarities in the file, and what is similar.
const WEIGHTS: (&str, Similar) = ("similarities", Similar::To);

/// The kind `item-knn`.
pub struct ItemKnn;

options! {
    /// Options of `item-knn`.
    pub struct Options {
        /// Neighbors kept per item.
        neighbours: u32 = 200, 1..=100_000;
        /// Shrinkage of similarities toward zero, in users. Higher values need more users to support a similarity.
        shrinkage: f64 = 50.0, 0.0..=1e9;
    }
}

impl Options {
    /// Neighbors of each of `items` items.
    fn width(&self, items: usize) -> usize {
        (self.neighbours as usize).min(items.saturating_sub(1))
    }
}

impl Kind for ItemKnn {
    const NAME: &'static str = "item-knn";
    const SUMMARY: &'static str = "Nearest neighbors of items by the cosine of their users";
    const SOURCE: &'static str = "Deshpande, Karypis, ACM TOIS 22(1), 2004";
    const TASK: Task = Task::Ranking;
    const CLOSED_FORM: bool = true;
    const ITEM_WEIGHTS: bool = true;
    const SIZE_OPTION: Option<&'static str> = Some("neighbours");
    const SEARCH: &'static [SearchRange] =
        &[SearchRange::log("neighbours", 20.0, 500.0), SearchRange::log("shrinkage", 1.0, 300.0)];
    type Options = Options;

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        8 * (shape.items * options.width(shape.items)) as u64
    }

    fn training_bytes(_: &Options, shape: Shape) -> u64 {
        let counting = parallel::threads() * shape.items * (4 + size_of::<Candidate>());
        cooccurrence::bytes(shape.users, shape.items, shape.rows) + counting as u64
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(Search { options: options.clone(), train: problem.train.clone(), found: None }))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        let weights = SparseWeights::load(tensors, WEIGHTS, shape.items, options.width(shape.items))?;
        Ok(Box::new(ItemItem::new(Arc::new(weights))))
    }
}

/// An item that some user has in common with the current one.
#[derive(Clone, Copy)]
struct Candidate {
    similarity: f32,
    item: u32,
}

/// Workspace for the neighbors of one item.
struct Scratch {
    /// Number of users that each item has in common with the current one; 0 between two items.
    counts: Vec<u32>,
    candidates: Vec<Candidate>,
}

impl Scratch {
    fn new(items: usize) -> Self {
        Self { counts: vec![0; items], candidates: Vec::with_capacity(items) }
    }

    /// The `width` nearest items, ascending by index and padded with `item`.
    fn nearest(&mut self, together: &Cooccurrence, item: u32, shrinkage: f64, width: usize) -> &[Candidate] {
        let Self { counts, candidates } = self;
        candidates.clear();
        together.each(item, u32::MAX, |other| {
            let count = &mut counts[other as usize];
            if *count == 0 {
                candidates.push(Candidate { similarity: 0.0, item: other });
            }
            *count += 1;
        });
        let users = together.users(item) as f64;
        for candidate in &mut *candidates {
            let both = std::mem::take(&mut counts[candidate.item as usize]);
            let others = together.users(candidate.item) as f64;
            candidate.similarity = (f64::from(both) / ((users * others).sqrt() + shrinkage)) as f32;
        }
        candidates.retain(|candidate| candidate.item != item);
        if candidates.len() > width {
            candidates.select_nth_unstable_by(width, |a, b| {
                b.similarity.total_cmp(&a.similarity).then(a.item.cmp(&b.item))
            });
        }
        candidates.resize(width, Candidate { similarity: 0.0, item });
        candidates.sort_unstable_by_key(|candidate| candidate.item);
        candidates
    }
}

struct Search {
    options: Options,
    train: Arc<Interactions>,
    /// The neighbors, after training.
    found: Option<Arc<SparseWeights>>,
}

/// Shards of the items between which cancellation is checked.
const SHARDS: usize = 32;

impl Trainer for Search {
    /// There is no loss.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        control.check(0, 1)?;
        if self.found.is_some() {
            return Ok(0.0);
        }
        let (items, shrinkage) = (self.train.items.len(), self.options.shrinkage);
        let width = self.options.width(items);
        let together = Cooccurrence::new(self.train.columns(), self.train.users.len(), items);
        let (mut neighbours, mut similarities) = (vec![0.0; items * width], vec![0.0; items * width]);
        let shard = items.div_ceil(SHARDS);
        for first in (0..items).step_by(shard) {
            control.check(first, items)?;
            let places = first * width..items.min(first + shard) * width;
            // Chunks cannot be empty; with a single item there is no chunk.
            let neighbours = neighbours[places.clone()].chunks_mut(width.max(1));
            let rows = neighbours.zip(similarities[places].chunks_mut(width.max(1))).enumerate();
            parallel::for_each_with(
                rows,
                || Scratch::new(items),
                |scratch, (place, (neighbours, similarities))| {
                    let nearest = scratch.nearest(&together, (first + place) as u32, shrinkage, width);
                    for (found, (neighbour, similarity)) in
                        nearest.iter().zip(neighbours.iter_mut().zip(similarities))
                    {
                        (*neighbour, *similarity) = (found.item as f32, found.similarity);
                    }
                },
            );
        }
        let (name, similar) = WEIGHTS;
        let found = SparseWeights { items, width, neighbours, weights: similarities, name, similar };
        self.found = Some(Arc::new(found));
        Ok(0.0)
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(ItemItem::new(self.found.clone().expect("an epoch was trained")))
    }
}
