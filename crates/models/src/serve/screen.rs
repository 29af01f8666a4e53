//! A first pass over quantized item vectors, after which few items are left to be scored.
//!
//! The scores `f = min(b + x·y, cap)` of [linear scorers](LinearScorer) are `f32`. A [`Screen`] has the item vectors `y` as integers of 16
//! bits, in blocks. Their products with a user's quantized `x` give a lower and an upper bound of each score, and an item is left out if
//! its upper bound is below the `k`-th largest lower bound so far. The items that remain are scored as without a screen: lists are
//! equal to the bit.
//!
//! # The bound
//!
//! With `n_p` the largest norm of table `p`, `y′` is `y` with the values of table `p` divided by `n_p`, and `x′` is `x` with its
//! coefficients multiplied by `n_p`, so that `x·y = x′·y′`. Of integers `x̂` and `ŷ` with the scales `s` and `t`,
//!
//! `x′·y′ − x̂·ŷ/(s t) = (x′ − x̂/s)·y′ + x̂/s·(y′ − ŷ/t)`.
//!
//! No integer is farther than [`LARGEST_ERROR`] `= ε` from the value that it stands for, so that `‖x′ − x̂/s‖ ≤ e_x = ε √d / s` and
//! `‖y′ − ŷ/t‖ ≤ e_y = ε √d / t`. By Cauchy and Schwarz the difference is at most `e_x ‖y′‖ + (‖x′‖ + e_x) e_y`, with the largest `‖y′‖` of the
//! block.
//!
//! The score's own rounding: each of `d` products and the base are rounded at most `m = d + 8` times, by the factor `1 + δ` with
//! `|δ| ≤ 2⁻²⁴`. With `γ = m 2⁻²⁴ / (1 − m 2⁻²⁴)` the error is at most `γ (Σ |x_k y_k| + |b|) ≤ γ (‖x′‖ ‖y′‖ + |b|)` (Higham 2002,
//! *Accuracy and Stability of Numerical Algorithms*, section 3.1), plus `2⁻¹⁵⁰` for each product below the normal numbers. Norms and bounds
//! are computed in `f64`, with rounding errors of about `d 2⁻⁵³`, for which `m` is some units too large and the total is raised by one
//! millionth. There is no overflow, because users with larger scores are not screened.

use crate::contract::model::{Coefficients, ItemTable, LinearScorer};
use crate::serve::remaining::{Remaining, RemainingItem};
use crate::serve::topk::TopK;
use tastespace_kernels::quantized::{
    BLOCK, Hit, LARGEST_ERROR, LARGEST_NORM, above, block_length, pairs, quantize, store,
};
use tastespace_kernels::vector::dot;
use tastespace_optim::parallel;

/// Largest size of a score for which users are screened: no intermediate result overflows.
const LARGEST_SCORE: f64 = 1e30;

/// Largest factor that values are multiplied by before they are rounded: it is an `f32`.
const LARGEST_FACTOR: f64 = 1e30;

/// Quantized vectors of all items.
pub(crate) struct Screen {
    /// Number of dimensions: the widths of all tables.
    d: usize,
    tables: Vec<Scaled>,
    /// The items, block by block: those with the largest vectors first, so that the lower bounds soon are high.
    items: Vec<u32>,
    blocks: Vec<Block>,
    /// Smallest and largest values of each table in each block: `(blocks, tables)`.
    extents: Vec<Extent>,
    /// The integers of each block.
    quantized: Vec<i16>,
}

/// A table and its scale.
struct Scaled {
    width: usize,
    /// `n_p`, or 1 for a table of zeros.
    largest: f64,
}

/// A block of at most [`BLOCK`] items.
#[derive(Clone, Copy, Default)]
struct Block {
    /// `t`.
    scale: f64,
    /// Largest `‖y′‖`.
    norm: f64,
    /// `e_y`.
    error: f64,
}

/// The range of a column's values, or of norms with either sign.
#[derive(Clone, Copy)]
struct Extent {
    low: f64,
    high: f64,
}

impl Screen {
    /// Quantizes the tables. `None` if a value is not finite, or if there are no values.
    pub(crate) fn new(tables: &[ItemTable<'_>], items: usize) -> Option<Self> {
        let d: usize = tables.iter().map(|table| table.width).sum();
        if d == 0 || items == 0 {
            return None;
        }
        let norms: Vec<Vec<f64>> = tables
            .iter()
            .map(|table| {
                let width = table.width.max(1);
                let blocks = table.values.chunks(BLOCK * width);
                parallel::map(blocks, |rows| rows.chunks(width).map(norm).collect::<Vec<f64>>()).concat()
            })
            .collect();
        if norms.iter().flatten().any(|norm| !norm.is_finite()) {
            return None;
        }
        let scaled: Vec<Scaled> = tables
            .iter()
            .zip(&norms)
            .map(|(table, norms)| {
                let largest = norms.iter().copied().fold(0.0, f64::max);
                Scaled { width: table.width, largest: if largest > 0.0 { largest } else { 1.0 } }
            })
            .collect();
        // `‖y′‖²` of the tables that `of` selects.
        let square = |item: usize, of: fn(&Scaled) -> bool| -> f64 {
            let relative = scaled.iter().zip(&norms).filter(|(table, _)| of(table));
            relative.map(|(table, norms)| (norms[item] / table.largest).powi(2)).sum()
        };
        // Columns have no part in the order: their coefficients may have either sign. Bits of positive numbers are in their order.
        let size = |item: usize| square(item, |table| table.width > 1) as f32;
        let mut order: Vec<u64> =
            (0..items).map(|item| u64::from(!size(item).to_bits()) << 32 | item as u64).collect();
        order.sort_unstable();
        let order: Vec<u32> = order.into_iter().map(|key| key as u32).collect();

        let smallest = scaled.iter().map(|table| table.largest).fold(f64::INFINITY, f64::min);
        let mut quantized = vec![0; order.chunks(BLOCK).map(|block| block_length(block.len(), d)).sum()];
        let blocks = order.chunks(BLOCK).zip(quantized.chunks_mut(block_length(BLOCK, d)));
        let workspace = || vec![0; 2 * pairs(d)];
        let blocks: Vec<Block> = parallel::map_with(blocks, workspace, |integers, (items, quantized)| {
            let squares = items.iter().map(|&item| square(item as usize, |_| true));
            let norm = squares.fold(0.0, f64::max).sqrt();
            let scale = scale_of(norm).min(LARGEST_FACTOR * smallest);
            for (number, &item) in items.iter().enumerate() {
                let mut own = &mut integers[..];
                for (table, scaled) in tables.iter().zip(&scaled) {
                    let (integers, rest) = own.split_at_mut(table.width);
                    let values = &table.values[item as usize * table.width..][..table.width];
                    quantize(values, (scale / scaled.largest) as f32, integers);
                    own = rest;
                }
                store(integers, number, quantized);
            }
            Block { scale, norm, error: error(scale, d) }
        });
        let extents = order
            .chunks(BLOCK)
            .flat_map(|items| {
                tables.iter().zip(&norms).map(move |(table, norms)| {
                    let values = items.iter().map(|&item| match table.width {
                        1 => f64::from(table.values[item as usize]),
                        _ => norms[item as usize],
                    });
                    let none = Extent { low: f64::INFINITY, high: f64::NEG_INFINITY };
                    let range = values.fold(none, |range, value| Extent {
                        low: range.low.min(value),
                        high: range.high.max(value),
                    });
                    if table.width == 1 { range } else { Extent { low: -range.high, ..range } }
                })
            })
            .collect();
        Some(Self { d, tables: scaled, items: order, blocks, extents, quantized })
    }

    /// Bytes of a screen with this number of tables and of values per item.
    pub(crate) fn bytes(items: usize, tables: usize, d: usize) -> u64 {
        let blocks = items.div_ceil(BLOCK);
        let of_blocks = blocks * (size_of::<Block>() + tables * size_of::<Extent>());
        (block_length(items, d) * size_of::<i16>() + items * size_of::<u32>() + of_blocks) as u64
    }

    /// Bytes needed temporarily to build it: norms, the order, and a column.
    pub(crate) fn making_bytes(items: usize, tables: usize) -> u64 {
        (items * (8 * tables + 12)) as u64
    }

    /// Bytes of [`best`] for `users` users at once, with a screen of `d` values per item.
    pub(crate) fn working_bytes_of(users: usize, k: usize, d: usize) -> u64 {
        let own = size_of::<User>() + size_of::<Remaining<'_>>();
        (users * (Remaining::bytes(k) + d * (4 + 2) + own)) as u64
    }

    /// Bytes of [`best`] for `users` users at once.
    pub(crate) fn working_bytes(&self, users: usize, k: usize) -> u64 {
        Self::working_bytes_of(users, k, self.d)
    }

    /// The users of a scorer, ready to be screened.
    fn users(&self, coefficients: &Coefficients) -> Vec<User> {
        let vectors = coefficients.vectors.chunks_exact(self.d).zip(&coefficients.bases);
        vectors.map(|(x, &base)| self.user(x, base.into(), coefficients.cap.into())).collect()
    }

    fn user(&self, x: &[f32], base: f64, cap: f64) -> User {
        let mut quantized = vec![0; 2 * pairs(self.d)];
        let (mut reaches, mut square) = (Vec::with_capacity(self.tables.len()), 0.0);
        for (table, own) in self.of_tables(x) {
            let norm = norm(own);
            square += (norm * table.largest).powi(2);
            reaches.push(if table.width == 1 { own[0].into() } else { norm });
        }
        let norm = square.sqrt();
        let largest = self.tables.iter().map(|table| table.largest).fold(0.0, f64::max);
        let scale = scale_of(norm).min(LARGEST_FACTOR / largest);
        // No ‖y′‖ is above √(number of tables). Not true if a coefficient is not finite.
        let screened = norm * self.tables.len() as f64 + base.abs() <= LARGEST_SCORE;
        let mut at = 0;
        for (table, own) in self.of_tables(x).filter(|_| screened) {
            quantize(own, (scale * table.largest) as f32, &mut quantized[at..at + table.width]);
            at += table.width;
        }
        User { quantized, scale, norm, error: error(scale, self.d), base, cap, reaches, screened }
    }

    /// The tables and a user's coefficients of each.
    fn of_tables<'a>(&'a self, mut x: &'a [f32]) -> impl Iterator<Item = (&'a Scaled, &'a [f32])> {
        self.tables.iter().map(move |table| {
            let own;
            (own, x) = x.split_at(table.width);
            (table, own)
        })
    }
}

/// `‖x‖`, or slightly more.
fn norm(x: &[f32]) -> f64 {
    let square = dot(x, x);
    if (1e-20..1e30).contains(&square) {
        // Each term is rounded less often than there are terms, and twice that is more than what small ones lose.
        return (f64::from(square) * (1.0 + (2 * x.len() + 16) as f64 * f64::from(f32::EPSILON))).sqrt();
    }
    x.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt() * (1.0 + 1e-9)
}

/// The scale of vectors with norms of at most `norm`. Zeros have any scale.
fn scale_of(norm: f64) -> f64 {
    if norm > 0.0 { LARGEST_NORM / norm } else { 1.0 }
}

/// Largest norm of the error of a vector of `d` dimensions that is quantized with this scale.
fn error(scale: f64, d: usize) -> f64 {
    LARGEST_ERROR * (d as f64).sqrt() / scale
}

/// A user while items are screened.
struct User {
    /// `x̂`.
    quantized: Vec<i16>,
    /// `s`.
    scale: f64,
    /// `‖x′‖`.
    norm: f64,
    /// `e_x`.
    error: f64,
    base: f64,
    cap: f64,
    /// Coefficients of columns, and norms of the coefficients of wider tables.
    reaches: Vec<f64>,
    /// Whether the scores are in range.
    screened: bool,
}

/// How the products with a block of items bound a user's scores.
#[derive(Clone, Copy, Default)]
struct Bound {
    /// Score of a product of 1.
    unit: f64,
    /// Largest error.
    error: f64,
}

impl User {
    /// The bound in a `block` of vectors with `d` dimensions.
    fn bound(&self, block: &Block, d: usize) -> Bound {
        let roundings = (d + 8) as f64 / f64::from(1 << 24);
        let rounding = roundings / (1.0 - roundings) * (self.norm * block.norm + self.base.abs());
        let quantization = self.error * block.norm + (self.norm + self.error) * block.error;
        let underflow = d as f64 * f64::from(f32::from_bits(1));
        let error = (quantization + rounding + underflow) * (1.0 + 1e-6);
        Bound { unit: 1.0 / (self.scale * block.scale), error }
    }

    /// The largest integer below all products of scores that may reach `threshold`; `None` if no item of the block may.
    fn limit(&self, threshold: f64, block: &Block, bound: Bound, extents: &[Extent]) -> Option<i32> {
        let missing = threshold - self.base - bound.error;
        let most: f64 = self.reaches.iter().zip(extents).map(|(x, y)| (x * y.low).max(x * y.high)).sum();
        if most < missing {
            return None;
        }
        // Two below, since the division is rounded. Conversion to integers saturates.
        let limit = ((missing * (self.scale * block.scale)).floor() - 2.0) as i32;
        (limit < i32::MAX).then_some(limit)
    }

    /// The items of a block that are hit, with the bounds of their scores.
    fn remaining(
        &self,
        items: &[u32],
        hits: &[Hit],
        bound: Bound,
    ) -> impl ExactSizeIterator<Item = RemainingItem> {
        hits.iter().map(move |hit| {
            let score = self.base + f64::from(hit.product) * bound.unit;
            RemainingItem::new(items[hit.item as usize], score, bound.error)
        })
    }
}

/// The best `k` items of each user of a scorer, best first, without those of `without` for this user, ascending. `None` for a user
/// for whom a screen is of no use: too many scores are nearly equal.
pub(crate) fn best(
    screen: &Screen,
    scorer: &mut dyn LinearScorer,
    without: &[[&[u32]; 2]],
    k: usize,
) -> Vec<Option<Vec<(u32, f32)>>> {
    let users = screen.users(&scorer.coefficients());
    let mut found: Vec<Remaining<'_>> = without.iter().map(|&without| Remaining::new(k, without)).collect();
    let mut hits = [[Hit::default(); BLOCK]; 2];
    let mut active: Vec<(usize, i32, Bound)> = Vec::with_capacity(users.len());
    let tables = screen.tables.len();
    let blocks = screen.items.chunks(BLOCK).zip(screen.quantized.chunks(block_length(BLOCK, screen.d)));
    for (number, ((items, quantized), block)) in blocks.zip(&screen.blocks).enumerate() {
        let extents = &screen.extents[number * tables..][..tables];
        active.clear();
        active.extend(users.iter().zip(&found).enumerate().filter_map(|(at, (user, found))| {
            if found.abandoned || !user.screened {
                return None;
            }
            let bound = user.bound(block, screen.d);
            Some((at, user.limit(found.threshold, block, bound, extents)?, bound))
        }));
        // Two users at once, so that each item is read once for both.
        let (twos, rest) = active.as_chunks::<2>();
        for &[(one, limit, bound), (two, other_limit, other_bound)] in twos {
            let vectors = [&users[one].quantized[..], &users[two].quantized];
            let counts = above(vectors, quantized, items.len(), [limit, other_limit], &mut hits);
            found[one].add(users[one].remaining(items, &hits[0][..counts[0]], bound), users[one].cap);
            found[two].add(users[two].remaining(items, &hits[1][..counts[1]], other_bound), users[two].cap);
        }
        for &(one, limit, bound) in rest {
            let [hits, _] = &mut hits;
            let hits = std::array::from_mut(hits);
            let [count] = above([&users[one].quantized], quantized, items.len(), [limit], hits);
            found[one].add(users[one].remaining(items, &hits[0][..count], bound), users[one].cap);
        }
    }
    let mut scores = Vec::new();
    let lists = users.iter().zip(found).enumerate().map(|(at, (user, mut found))| {
        if !found.abandoned && user.screened {
            found.raise_threshold(user.cap);
        }
        if found.abandoned || !user.screened {
            return None;
        }
        let mut items: Vec<u32> = found.kept.iter().map(|item| item.item).collect();
        items.sort_unstable();
        scores.resize(items.len(), 0.0);
        scorer.score_some(at, &items, &mut scores);
        let mut best = TopK::new(k, items.len());
        items.iter().zip(&scores).for_each(|(&item, &score)| best.offer_one(item, score));
        Some(best.into_sorted())
    });
    lists.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model::Scorer;
    use crate::learn::scorer::{VectorScorer, distance_tables};
    use ndarray::Array2;
    use proptest::prelude::*;

    /// Vectors of different sizes: heavy tails, zeros, equal rows, and values near the limits of `f32`.
    fn vectors(rows: usize, d: usize) -> impl Strategy<Value = Array2<f32>> {
        let value = prop_oneof![
            8 => -1.0f32..1.0,
            2 => Just(0.0f32),
            1 => Just(1.0f32),
        ];
        let size = prop_oneof![
            6 => Just(1.0f32),
            2 => Just(0.0f32),
            2 => (-8i32..8).prop_map(|power| 10f32.powi(power)),
            1 => Just(1e-42f32),
            1 => Just(1e14f32),
        ];
        let values = prop::collection::vec(value, rows * d);
        // Of which row each row is a copy, if any, and its size.
        let rows_of = prop::collection::vec((prop::option::weighted(0.3, 0..rows.max(1)), size), rows);
        (values, rows_of).prop_map(move |(values, rows_of)| {
            let mut table = Array2::from_shape_vec((rows, d), values).unwrap();
            for (row, (copy, size)) in rows_of.into_iter().enumerate() {
                let source = table.row(copy.unwrap_or(row)).to_owned();
                table.row_mut(row).assign(&(source * if copy.is_some() { 1.0 } else { size }));
            }
            table
        })
    }

    #[derive(Debug)]
    struct Case {
        users: Array2<f32>,
        items: Array2<f32>,
        biases: Vec<f32>,
        bases: Vec<f32>,
        k: usize,
    }

    fn cases() -> impl Strategy<Value = Case> {
        (1usize..5, 1usize..600, prop_oneof![Just(1usize), Just(2), Just(7), Just(16), Just(33)], 1usize..40)
            .prop_flat_map(|(users, items, d, k)| {
                let biases = prop_oneof![
                    prop::collection::vec(-1.0f32..1.0, items),
                    Just(vec![0.0; items]),
                    prop::collection::vec(prop_oneof![Just(1e6f32), Just(0.5)], items),
                ];
                let bases = prop::collection::vec(prop_oneof![Just(0.0f32), -5.0f32..5.0, Just(1e7)], users);
                (vectors(users, d), vectors(items, d), biases, bases)
                    .prop_map(move |(users, items, biases, bases)| Case { users, items, biases, bases, k })
            })
    }

    /// Each score is between its bounds, and the lists are those of all scores.
    fn check(mut scorer: VectorScorer<'_>, tables: &[ItemTable<'_>], users: usize, items: usize, k: usize) {
        let screen = Screen::new(tables, items).unwrap();
        let mut scores = vec![0.0; users * items];
        scorer.score(0..items, &mut scores);
        let linear = scorer.linear().unwrap();
        let queries = screen.users(&linear.coefficients());
        for (user, scores) in queries.iter().zip(scores.chunks_exact(items)).filter(|(user, _)| user.screened)
        {
            let blocks =
                screen.items.chunks(BLOCK).zip(screen.quantized.chunks(block_length(BLOCK, screen.d)));
            for (number, ((items, quantized), block)) in blocks.zip(&screen.blocks).enumerate() {
                let bound = user.bound(block, screen.d);
                let mut hits = [[Hit::default(); BLOCK]];
                let counts = above([&user.quantized], quantized, items.len(), [i32::MIN], &mut hits);
                assert_eq!(counts, [items.len()]);
                let extents = &screen.extents[number * tables.len()..][..tables.len()];
                for item in user.remaining(items, &hits[0][..items.len()], bound) {
                    let score = scores[item.item as usize];
                    let cap = user.cap as f32;
                    assert!(item.lower.min(cap) <= score && score <= item.upper.min(cap), "{score} {item:?}");
                    // No item is left out whose score reaches the threshold.
                    if f64::from(score) < user.cap {
                        assert!(user.limit(score.into(), block, bound, extents).is_some());
                    }
                }
            }
        }
        // The first user has seen every third item, and no list has the first item.
        let seen: Vec<u32> = (0..items as u32).step_by(3).collect();
        let without: Vec<[&[u32]; 2]> =
            (0..users).map(|user| [if user == 0 { &seen[..] } else { &[] }, &[0][..]]).collect();
        let lists = best(&screen, linear, &without, k);
        for ((list, scores), without) in lists.into_iter().zip(scores.chunks_exact(items)).zip(&without) {
            let mut expected = TopK::new(k, items);
            for (item, &score) in (0..).zip(scores) {
                if !without.iter().any(|without| without.contains(&item)) {
                    expected.offer_one(item, score);
                }
            }
            let bits = |list: Vec<(u32, f32)>| -> Vec<(u32, u32)> {
                list.into_iter().map(|(item, score)| (item, score.to_bits())).collect()
            };
            if let Some(list) = list {
                assert_eq!(bits(list), bits(expected.into_sorted()));
            }
        }
    }

    proptest! {
        #[test]
        fn lists_are_those_of_all_scores(case in cases()) {
            let Case { users, items, biases, bases, k } = &case;
            let vectors = || users.iter().copied().collect::<Vec<f32>>();
            let (n, m) = (users.nrows(), items.nrows());
            check(VectorScorer::inner_products(vectors(), items), &[ItemTable::matrix(items)], n, m, *k);
            let tables = [ItemTable::matrix(items), ItemTable::column(&biases[..])];
            check(VectorScorer::products(vectors(), items, bases.clone(), biases), &tables, n, m, *k);
            check(VectorScorer::distances(vectors(), items), &distance_tables(items), n, m, *k);
        }
    }

    #[test]
    fn values_that_are_not_finite_have_no_screen() {
        for value in [f32::NAN, f32::INFINITY] {
            let column = [1.0, value, 2.0];
            assert!(Screen::new(&[ItemTable::column(&column[..])], 3).is_none());
        }
    }

    /// More items than a user keeps have the best score.
    #[test]
    fn a_user_with_too_many_equal_scores_is_left_to_others() {
        let items = Array2::ones((2000, 3));
        let mut scorer = VectorScorer::inner_products(vec![1.0; 3], &items);
        let screen = Screen::new(&[ItemTable::matrix(&items)], 2000).unwrap();
        assert_eq!(best(&screen, &mut scorer, &[[&[], &[]]], 10), [None]);
    }
}
