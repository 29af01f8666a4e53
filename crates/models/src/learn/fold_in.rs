//! Fold-in by gradient descent: the embedding of a new user, with all other parameters fixed.

use super::optimizer::BatchOptions;
use super::sampler::Sampler;
use super::table::Table;
use tastespace_data::rng::Purpose;
use tastespace_data::{Columns, Rng};
use tastespace_kernels::vector::{add_scaled, clip_to_ball};

/// Gradient steps.
const STEPS: u32 = 60;

/// The items of the rows, ascending, each once.
pub fn distinct_items(rows: &[(u32, f32)]) -> Vec<u32> {
    let mut items: Vec<u32> = rows.iter().map(|&(item, _)| item).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The mean of some vectors: `(d)`.
pub fn mean<'a>(vectors: impl ExactSizeIterator<Item = &'a [f32]>, d: usize) -> Vec<f32> {
    let (mut mean, weight) = (vec![0.0; d], 1.0 / vectors.len() as f32);
    vectors.for_each(|vector| add_scaled(&mut mean, weight, vector));
    mean
}

/// A new user with positive items and samples of the others.
pub struct NewUser {
    /// The positives, ascending, so that their order in the input does not matter.
    pub items: Vec<u32>,
    sampler: Sampler,
}

impl NewUser {
    /// A user with these positives among `count` items.
    pub fn new(items: Vec<u32>, count: usize) -> Self {
        let columns = Columns { users: vec![0; items.len()], items, ..Columns::default() };
        let sampler = Sampler::new(&columns, 1, count, &[]);
        Self { items: columns.items, sampler }
    }

    /// The embedding after [`STEPS`] updates from `start: (d)`, clipped to `radius` unless that is 0. `gradient` adds the
    /// gradient at an embedding, with the items and negatives from the sampler and the stream. A user without positives
    /// or without negatives stays at `start`.
    pub fn fit(
        &self,
        start: Vec<f32>,
        options: &BatchOptions,
        radius: f64,
        mut gradient: impl FnMut(&[f32], &super::sampler::Draws, &mut Rng, &mut [f32]),
    ) -> Vec<f32> {
        let (Some(draws), false) = (self.sampler.of(0), self.items.is_empty()) else { return start };
        // The same stream for everyone: equal items give equal embeddings.
        let mut rng = Rng::stream(0, Purpose::Negatives, 0, 0);
        let mut sum = vec![0.0; start.len()];
        let mut table = Table::new(start, sum.len(), options.optimizer, options.initial_accumulator);
        for step in 1..=STEPS {
            sum.fill(0.0);
            gradient(table.values(), &draws, &mut rng, &mut sum);
            let update = options.update(step);
            table.each_row(&|| (), &|(), _, mut row| {
                update.apply(row.reborrow(), &sum);
                if radius > 0.0 {
                    clip_to_ball(row.values, radius as f32);
                }
            });
        }
        table.into_values()
    }
}
