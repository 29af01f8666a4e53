//! The observed ratings, by item and by user.

use super::base::Base;
use crate::contract::kind::Shape;
use tastespace_data::Interactions;
use tastespace_kernels::sparse::Sparse;

/// The ratings as a sparse matrix, items × users and users × items.
pub(super) struct Ratings {
    pub(super) items: usize,
    pub(super) users: usize,
    item_offsets: Vec<u32>,
    users_of: Vec<u32>,
    /// Inputs: ratings on the scale of 1 to 5.
    values: Vec<f32>,
    /// Outputs of a perfect model, in the order by item.
    pub(super) targets: Vec<f32>,
    user_offsets: Vec<u32>,
    items_of: Vec<u32>,
    values_by_user: Vec<f32>,
    /// The index by item of each rating by user.
    places: Vec<u32>,
    /// Ends of ranges of items with about equal numbers of ratings.
    pub(super) chunks: Vec<usize>,
}

/// Ranges of items that are processed in parallel.
const CHUNKS: usize = 32;

impl Ratings {
    /// The ratings of `train` as inputs, and their differences from `base` as targets.
    pub(super) fn new(train: &Interactions, ratings: &[f32], base: &Base) -> Self {
        let (items, users, columns) = (train.items.len(), train.users.len(), train.columns());
        let mut by_user: Vec<u32> = (0..columns.len() as u32).collect();
        by_user.sort_unstable_by_key(|&row| (columns.users[row as usize], columns.items[row as usize]));
        let offsets = |keys: &[u32], count: usize| {
            let mut offsets = vec![0; count + 1];
            keys.iter().for_each(|&key| offsets[key as usize + 1] += 1);
            (0..count).for_each(|key| offsets[key + 1] += offsets[key]);
            offsets
        };
        let (item_offsets, user_offsets) = (offsets(&columns.items, items), offsets(&columns.users, users));
        let mut next = item_offsets.clone();
        let mut users_of = vec![0; columns.len()];
        let (mut values, mut targets) = (vec![0.0; columns.len()], vec![0.0; columns.len()]);
        let mut places = Vec::with_capacity(columns.len());
        let mut items_of = Vec::with_capacity(columns.len());
        for row in by_user.into_iter().map(|row| row as usize) {
            let (user, item) = (columns.users[row], columns.items[row]);
            let place = next[item as usize];
            next[item as usize] += 1;
            users_of[place as usize] = user;
            values[place as usize] = base.scale.of_rating(ratings[row]);
            targets[place as usize] = base.target(ratings[row], base.of(user, item));
            places.push(place);
            items_of.push(item);
        }
        let values_by_user = places.iter().map(|&place| values[place as usize]).collect();
        let chunks = balanced(&item_offsets[..items], &item_offsets[1..]);
        Self {
            items,
            users,
            item_offsets,
            users_of,
            values,
            targets,
            user_offsets,
            items_of,
            values_by_user,
            places,
            chunks,
        }
    }

    /// Bytes.
    pub(super) fn bytes(shape: Shape) -> u64 {
        (shape.rows * 28 + (shape.items + shape.users) * 4) as u64
    }

    /// Number of ratings.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Items × users.
    pub(super) fn by_item(&self) -> Sparse<'_> {
        self.by_item_with(&self.values)
    }

    /// Items × users, with other values.
    pub(super) fn by_item_with<'a>(&'a self, values: &'a [f32]) -> Sparse<'a> {
        let (starts, ends) = (&self.item_offsets[..self.items], &self.item_offsets[1..]);
        Sparse { starts, ends, columns: &self.users_of, values }
    }

    /// Users × items.
    pub(super) fn by_user(&self) -> Sparse<'_> {
        self.by_user_with(&self.values_by_user)
    }

    /// Users × items, with other values.
    pub(super) fn by_user_with<'a>(&'a self, values: &'a [f32]) -> Sparse<'a> {
        let (starts, ends) = (&self.user_offsets[..self.users], &self.user_offsets[1..]);
        Sparse { starts, ends, columns: &self.items_of, values }
    }

    /// Values by item, reordered by user.
    pub(super) fn reorder(&self, by_item: &[f32], by_user: &mut [f32]) {
        for (value, &place) in by_user.iter_mut().zip(&self.places) {
            *value = by_item[place as usize];
        }
    }
}

/// Ends of ranges of rows with about equal numbers of entries, given the positions of the entries, which may have gaps.
pub(super) fn balanced(starts: &[u32], ends: &[u32]) -> Vec<usize> {
    let total = ends.last().map_or(0, |&end| end as usize);
    let mut chunks: Vec<usize> = Vec::with_capacity(CHUNKS);
    for (row, (_, &end)) in starts.iter().zip(ends).enumerate() {
        if end as usize * CHUNKS >= total * (chunks.len() + 1) && chunks.len() + 1 < CHUNKS {
            chunks.push(row + 1);
        }
    }
    if chunks.last() != Some(&ends.len()) {
        chunks.push(ends.len());
    }
    chunks
}

/// Splits `values` at the ends of the chunks: pairs of the first row and the slice from its first entry on.
pub(super) fn cut<'a, T>(
    mut values: &'a mut [T],
    starts: &[u32],
    chunks: &[usize],
) -> Vec<(std::ops::Range<usize>, &'a mut [T])> {
    let mut cut = Vec::with_capacity(chunks.len());
    let mut first = 0;
    for &end in chunks {
        let from = starts[first] as usize;
        let to = starts.get(end).map_or(from + values.len(), |&start| start as usize);
        let (part, rest) = values.split_at_mut(to - from);
        cut.push((first..end, part));
        (values, first) = (rest, end);
    }
    cut
}
