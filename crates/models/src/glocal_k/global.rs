//! The global kernel: the 3 × 3 kernels of all items, weighted by their mean predictions, and the convolution of the ratings
//! with the sum. After the rectifier the result is sparse.

use super::parameters::TAPS;
use super::ratings::{Ratings, balanced, cut};
use crate::contract::kind::Shape;
use tastespace_kernels::convolution;
use tastespace_kernels::math::powi;
use tastespace_kernels::sparse::Sparse;
use tastespace_optim::parallel;

/// The convolved ratings, items × users. A row has room for every entry that it can have: those next to a rating.
pub(super) struct Convolved {
    users: usize,
    starts: Vec<u32>,
    ends: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
    /// The gradient with respect to each entry.
    pub(super) slopes: Vec<f32>,
    /// Ends of ranges of items with about equal room.
    chunks: Vec<usize>,
    user_starts: Vec<u32>,
    user_ends: Vec<u32>,
    items_of: Vec<u32>,
    values_by_user: Vec<f32>,
}

/// `G = scale · Σ_i means[i] κ_i` for `κ: (items, TAPS)`.
pub(super) fn global_kernel(kernels: &[f32], means: &[f32], scale: f64) -> [f32; TAPS] {
    let mut sums = [0.0f64; TAPS];
    for (kernel, &mean) in kernels.as_chunks::<TAPS>().0.iter().zip(means) {
        for (sum, &tap) in sums.iter_mut().zip(kernel) {
            *sum += f64::from(mean) * f64::from(tap);
        }
    }
    sums.map(|sum| (scale * sum) as f32)
}

/// From the gradient with respect to `G` to those of the item kernels and means.
pub(super) fn back_to_items(
    slope: &[f64; TAPS],
    scale: f64,
    (kernels, means): (&[f32], &[f32]),
    kernel_slopes: &mut [f32],
    mean_slopes: &mut [f32],
) {
    let kernels = kernels.as_chunks::<TAPS>().0.iter().zip(kernel_slopes.as_chunks_mut::<TAPS>().0);
    for (((kernel, kernel_slope), &mean), mean_slope) in kernels.zip(means).zip(mean_slopes) {
        let mut sum = 0.0;
        for ((&tap, tap_slope), &slope) in kernel.iter().zip(kernel_slope).zip(slope) {
            *tap_slope = (scale * f64::from(mean) * slope) as f32;
            sum += f64::from(tap) * slope;
        }
        *mean_slope = (scale * sum) as f32;
    }
}

/// The rows of ratings before, at and after an item, with a zero on both sides, for consecutive items.
struct Window {
    rows: [Vec<f32>; 3],
}

impl Window {
    fn new(users: usize) -> Self {
        Self { rows: std::array::from_fn(|_| vec![0.0; users + 2]) }
    }

    /// Starts at the item before `item`.
    fn start(&mut self, ratings: Sparse, item: usize) {
        self.rows[2].fill(0.0);
        if item > 0 {
            self.next(ratings, item - 1);
        }
        self.next(ratings, item);
    }

    /// Advances by one row, which becomes `row` of the ratings, or zero if there is none.
    fn next(&mut self, ratings: Sparse, row: usize) {
        self.rows.rotate_left(1);
        self.rows[2].fill(0.0);
        if row < ratings.starts.len() {
            for place in ratings.starts[row] as usize..ratings.ends[row] as usize {
                self.rows[2][ratings.columns[place] as usize + 1] = ratings.values[place];
            }
        }
    }

    fn rows(&self) -> [&[f32]; 3] {
        [&self.rows[0], &self.rows[1], &self.rows[2]]
    }
}

impl Convolved {
    /// Allocates the neighbors of all ratings.
    pub(super) fn new(ratings: &Ratings) -> Self {
        let (items, users, sparse) = (ratings.items, ratings.users, ratings.by_item());
        let mut starts = Vec::with_capacity(items);
        let mut user_counts = vec![0u32; users];
        let mut seen_for = vec![u32::MAX; users];
        let mut room = 0;
        for item in 0..items {
            starts.push(room);
            for row in item.saturating_sub(1)..(item + 2).min(items) {
                for &user in &sparse.columns[sparse.starts[row] as usize..sparse.ends[row] as usize] {
                    for near in (user as usize).saturating_sub(1)..(user as usize + 2).min(users) {
                        if seen_for[near] != item as u32 {
                            seen_for[near] = item as u32;
                            user_counts[near] += 1;
                            room += 1;
                        }
                    }
                }
            }
        }
        let mut ends: Vec<u32> = starts[1..].to_vec();
        ends.push(room);
        let mut sum = 0;
        let user_starts: Vec<u32> = user_counts
            .iter()
            .map(|&count| {
                sum += count;
                sum - count
            })
            .collect();
        let room = room as usize;
        Self {
            users,
            chunks: balanced(&starts, &ends),
            starts,
            ends,
            columns: vec![0; room],
            values: vec![0.0; room],
            slopes: vec![0.0; room],
            user_ends: user_starts.clone(),
            user_starts,
            items_of: vec![0; room],
            values_by_user: vec![0.0; room],
        }
    }

    /// Upper bound of the bytes, for ratings at random positions; clustered ratings need less.
    pub(super) fn bytes(shape: Shape) -> u64 {
        let cells = (shape.items * shape.users) as f64;
        let empty = powi(1.0 - (shape.rows as f64 / cells).min(1.0), TAPS as u32);
        ((1.0 - empty) * cells) as u64 * 20 + (shape.items + shape.users) as u64 * 8
    }

    /// Computes `max(0, conv(ratings, filter))`.
    pub(super) fn convolve(&mut self, ratings: &Ratings, filter: &[f32; TAPS]) {
        let (sparse, users) = (ratings.by_item(), self.users);
        let starts = &self.starts;
        let columns = cut(&mut self.columns, starts, &self.chunks);
        let values = cut(&mut self.values, starts, &self.chunks);
        let mut ends = &mut self.ends[..];
        let mut chunks = Vec::with_capacity(columns.len());
        for ((items, columns), (_, values)) in columns.into_iter().zip(values) {
            let (part, rest) = ends.split_at_mut(items.len());
            ends = rest;
            chunks.push((items, columns, values, part));
        }
        parallel::for_each_with(
            chunks.into_iter(),
            || (Window::new(users), vec![0.0; users]),
            |(window, out), (items, columns, values, ends)| {
                window.start(sparse, items.start);
                for (item, end) in items.clone().zip(ends) {
                    window.next(sparse, item + 1);
                    convolution::convolve(window.rows(), filter, out);
                    let mut place = (starts[item] - starts[items.start]) as usize;
                    for (user, &value) in out.iter().enumerate() {
                        if value > 0.0 {
                            (columns[place], values[place]) = (user as u32, value);
                            place += 1;
                        }
                    }
                    *end = starts[items.start] + place as u32;
                }
            },
        );
        self.user_ends.copy_from_slice(&self.user_starts);
        for (item, (&start, &end)) in self.starts.iter().zip(&self.ends).enumerate() {
            let entries = start as usize..end as usize;
            for (&user, &value) in self.columns[entries.clone()].iter().zip(&self.values[entries]) {
                let place = &mut self.user_ends[user as usize];
                self.items_of[*place as usize] = item as u32;
                self.values_by_user[*place as usize] = value;
                *place += 1;
            }
        }
    }

    /// Items × users.
    pub(super) fn by_item(&self) -> Sparse<'_> {
        Sparse { starts: &self.starts, ends: &self.ends, columns: &self.columns, values: &self.values }
    }

    /// Users × items.
    pub(super) fn by_user(&self) -> Sparse<'_> {
        let (starts, ends) = (&self.user_starts, &self.user_ends);
        Sparse { starts, ends, columns: &self.items_of, values: &self.values_by_user }
    }

    /// The gradient with respect to the filter. `slope` writes the gradients of the entries of the given items, starting at the
    /// first entry of the first item.
    pub(super) fn back(
        &mut self,
        ratings: &Ratings,
        slope: impl Fn(std::ops::Range<usize>, Sparse, &mut [f32]) + Sync,
    ) -> [f64; TAPS] {
        let (sparse, users) = (ratings.by_item(), self.users);
        let mut slopes = std::mem::take(&mut self.slopes);
        let convolved = self.by_item();
        let sums = parallel::map_with(
            cut(&mut slopes, &self.starts, &self.chunks).into_iter(),
            || Window::new(users),
            |window, (items, slopes)| {
                let (starts, ends) = (&self.starts[items.clone()], &self.ends[items.clone()]);
                slope(items.clone(), Sparse { starts, ends, ..convolved }, slopes);
                let mut sums = [0.0; TAPS];
                window.start(sparse, items.start);
                for item in items.clone() {
                    window.next(sparse, item + 1);
                    let entries = self.starts[item] as usize..self.ends[item] as usize;
                    let first = starts[0] as usize;
                    let g = &slopes[entries.start - first..entries.end - first];
                    convolution::backward(window.rows(), &self.columns[entries], g, &mut sums);
                }
                sums
            },
        );
        self.slopes = slopes;
        let mut sum = [0.0; TAPS];
        for part in sums {
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += part;
            }
        }
        sum
    }
}
