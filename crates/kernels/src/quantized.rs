//! Inner products of vectors that are quantized to 16 bits, and the items whose products are above a threshold.
//!
//! A vector `x` is stored as integers `x̂` with `x ≈ x̂ / scale`, `‖x̂‖` about [`LARGEST_NORM`] or less. By Cauchy and Schwarz, all
//! sums of products then fit in 32 bits, for any dimension.
//!
//! Items are stored in *panels* of [`PANEL`] items: `(pairs, PANEL, 2)`, two adjacent dimensions of an item side by side, as the
//! instruction that multiplies and adds pairs of 16-bit integers takes them. No sum runs across a vector.

use crate::integer_lanes::{Eight, SHORTS, Sums};

/// Largest norm of a vector after scaling. Rounding adds at most `√d / 2`, which leaves products below 2³¹ for `d` up to 10⁸.
pub const LARGEST_NORM: f64 = 32_000.0;

/// Items of a panel: four vectors of sums.
pub const PANEL: usize = 16;

/// Vectors of 16-bit integers in one pair of dimensions of a panel.
const VECTORS: usize = 2 * PANEL / SHORTS;

/// Pairs of dimensions that hold `d` of them.
pub const fn pairs(d: usize) -> usize {
    d.div_ceil(2)
}

/// Integers of a block of `items` items of `d` dimensions.
pub const fn block_length(items: usize, d: usize) -> usize {
    items.div_ceil(PANEL) * PANEL * 2 * pairs(d)
}

/// Largest distance of a quantized value from the value times the factor: half of a unit, and the rounding of numbers below 2¹⁵ to `f32`
/// by the factor and the product.
pub const LARGEST_ERROR: f64 = 0.51;

/// Rounds `factor · x` to `quantized`, for `x, quantized: (d)`. `factor · ‖x‖` is at most [`LARGEST_NORM`], up to rounding.
#[inline]
pub fn quantize(x: &[f32], factor: f32, quantized: &mut [i16]) {
    assert_eq!(x.len(), quantized.len());
    // 1.5 · 2²³: in a sum with it, no bit is left for a fraction, and the last bits are those of the nearest integer.
    const LARGE: f32 = 12_582_912.0;
    for (&x, quantized) in x.iter().zip(quantized) {
        *quantized = (factor * x + LARGE).to_bits() as i16;
    }
}

/// Stores the quantized vector of one item, `(pairs, 2)`, as number `item` of a `block`.
#[inline]
pub fn store(quantized: &[i16], item: usize, block: &mut [i16]) {
    let panel = &mut block[item / PANEL * quantized.len() * PANEL..][..quantized.len() * PANEL];
    let lane = item % PANEL;
    let places = panel.as_chunks_mut::<{ 2 * PANEL }>().0.iter_mut();
    for (place, pair) in places.zip(quantized.as_chunks::<2>().0) {
        place[2 * lane..2 * lane + 2].copy_from_slice(pair);
    }
}

/// An item of a block with a product above the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// Number of the item in its block.
    pub item: u32,
    /// The product of integers.
    pub product: i32,
}

/// Finds the items of a `block` of `items` items whose products with each of `N` users are above the user's threshold. `users`:
/// `(pairs, 2)` each; `hits`: `(items)` each, of which the first are overwritten. Returns the number of hits of each user.
#[inline]
pub fn above<const N: usize>(
    users: [&[i16]; N],
    block: &[i16],
    items: usize,
    thresholds: [i32; N],
    hits: &mut [[Hit; BLOCK]; N],
) -> [usize; N] {
    let length = users[0].len();
    assert!(users.iter().all(|user| user.len() == length) && length.is_multiple_of(2));
    assert!(items <= BLOCK && block.len() == items.div_ceil(PANEL) * PANEL * length);
    let mut counts = [0; N];
    if length == 0 {
        return above_zero(items, thresholds, hits);
    }
    let pairs = length / 2;
    let users: [&[[i16; 2]]; N] = users.map(|user| &user.as_chunks::<2>().0[..pairs]);
    let limits = thresholds.map(Sums::splat);
    for (number, panel) in block.chunks_exact(PANEL * length).enumerate() {
        let panel = &panel.as_chunks::<{ 2 * PANEL }>().0[..pairs];
        let mut sums = [[Sums::zero(); VECTORS]; N];
        for pair in 0..pairs {
            let shorts = panel[pair].as_chunks::<SHORTS>().0;
            let values: [Eight; N] = std::array::from_fn(|n| Eight::splat(users[n][pair]));
            for vector in 0..VECTORS {
                let shorts = Eight::load(&shorts[vector]);
                for n in 0..N {
                    sums[n][vector] = sums[n][vector].plus_products(values[n], shorts);
                }
            }
        }
        for n in 0..N {
            // Rare once the threshold is high.
            if Sums::any_above(sums[n], limits[n]) {
                let first = number * PANEL;
                let products: [[i32; 4]; VECTORS] = sums[n].map(Sums::store);
                let products = products.as_flattened().iter().take(items - first);
                for (item, &product) in (first as u32..).zip(products) {
                    if product > thresholds[n] {
                        hits[n][counts[n]] = Hit { item, product };
                        counts[n] += 1;
                    }
                }
            }
        }
    }
    counts
}

/// Vectors without dimensions: all products are 0.
fn above_zero<const N: usize>(
    items: usize,
    thresholds: [i32; N],
    hits: &mut [[Hit; BLOCK]; N],
) -> [usize; N] {
    std::array::from_fn(|n| {
        let count = if thresholds[n] < 0 { items } else { 0 };
        for (item, hit) in (0..).zip(&mut hits[n][..count]) {
            *hit = Hit { item, product: 0 };
        }
        count
    })
}

/// Largest number of items of a block. With 64 dimensions it takes 32 KiB.
pub const BLOCK: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    /// `(rows, d)` in a block.
    fn block(rows: &[Vec<i16>], d: usize) -> Vec<i16> {
        let mut block = vec![0; block_length(rows.len(), d)];
        for (item, row) in rows.iter().enumerate() {
            store(row, item, &mut block);
        }
        block
    }

    fn check<const N: usize>(users: [&[i16]; N], rows: &[Vec<i16>], thresholds: [i32; N]) {
        let mut hits = [[Hit::default(); BLOCK]; N];
        let block = block(rows, users[0].len());
        let counts = above(users, &block, rows.len(), thresholds, &mut hits);
        for n in 0..N {
            let expected = reference::products_above(users[n], rows, thresholds[n]);
            let got: Vec<(u32, i64)> =
                hits[n][..counts[n]].iter().map(|hit| (hit.item, hit.product.into())).collect();
            assert_eq!(got, expected);
        }
    }

    proptest! {
        #[test]
        fn hits_are_those_of_the_twin(
            pairs in 0usize..40, items in 0usize..70, seed in any::<u32>(), threshold in -3_000_000i32..3_000_000,
        ) {
            let value = |at: usize| ((at as u64 + u64::from(seed)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as i16 / 32;
            let row = |row: usize| -> Vec<i16> { (0..2 * pairs).map(|k| value(row * 2 * pairs + k)).collect() };
            let rows: Vec<Vec<i16>> = (0..items).map(row).collect();
            let (x, y) = (row(1000), row(1001));
            check([&x], &rows, [threshold]);
            check([&x, &y], &rows, [threshold, i32::MIN]);
            check([&y, &x], &rows, [threshold, -1]);
        }

        #[test]
        fn integers_are_near_their_values(
            x in prop::collection::vec(prop_oneof![-9.0f32..9.0, Just(0.0), -1e-3f32..1e-3], 0..50), power in -36i32..30,
        ) {
            let x: Vec<f32> = x.into_iter().map(|x| x * 10f32.powi(power)).collect();
            let norm = reference::dot(&x, &x).sqrt();
            let factor = if norm > 1e-30 { (LARGEST_NORM / norm) as f32 } else { 1.0 };
            let mut quantized = vec![7; x.len()];
            quantize(&x, factor, &mut quantized);
            for (x, quantized) in x.iter().zip(quantized) {
                prop_assert!((f64::from(quantized) - f64::from(*x) * f64::from(factor)).abs() <= LARGEST_ERROR - 0.004);
            }
        }
    }

    #[test]
    fn the_largest_products_fit() {
        // One dimension with all of the norm, and all dimensions with a part.
        for d in [1usize, 2, 64, 1000] {
            for spread in [1, d] {
                let part = (LARGEST_NORM / (spread as f64).sqrt()) as f32;
                let x: Vec<f32> = (0..d).map(|k| if k < spread { part } else { 0.0 }).collect();
                let mut row = vec![0; 2 * pairs(d)];
                quantize(&x, 1.0, &mut row[..d]);
                let opposite: Vec<i16> = row.iter().map(|x| -x).collect();
                check([&row, &opposite], &[row.clone(), opposite.clone()], [0, 0]);
            }
        }
    }

    #[test]
    fn a_product_at_the_threshold_is_no_hit() {
        check([&[3, -2]], &[vec![1, 1], vec![2, 2], vec![1, 0], vec![0, -1]], [2]);
        for threshold in [-1, 0, 1] {
            check([&[]], &[vec![], vec![], vec![]], [threshold]);
        }
    }
}
