//! Dense products. Each output element has one accumulator, summed in the order of `k`: the bits do not depend on the blocking.
//!
//! The second matrix is packed: [`LANES`] of its rows at a time with their `k`-th values side by side, a *panel*. The inner
//! loop then updates eight outputs for each of four rows of the first with no horizontal sum.

use crate::lanes::{LANES, Lanes, padded};
use std::ops::Range;

/// Rows of `a` that share one panel in registers: eight 128-bit sums, with registers left for the operands.
pub(crate) const ROWS: usize = 4;

/// Values that `rows` rows of length `d` take when packed.
pub const fn packed_length(rows: usize, d: usize) -> usize {
    padded(rows) * d
}

/// Packs `b: (m, d)` into `panels: (⌈m / LANES⌉, d, LANES)`; rows that the last panel lacks are 0.
pub fn pack(b: &[f32], d: usize, panels: &mut [f32]) {
    if d == 0 {
        return;
    }
    assert!(b.len().is_multiple_of(d) && panels.len() == packed_length(b.len() / d, d));
    for (panel, rows) in panels.chunks_exact_mut(LANES * d).zip(b.chunks(LANES * d)) {
        let (panel, _) = panel.as_chunks_mut::<LANES>();
        if rows.len() < LANES * d {
            panel.fill([0.0; LANES]);
        }
        for (lane, row) in rows.chunks_exact(d).enumerate() {
            for (packed, &value) in panel.iter_mut().zip(row) {
                packed[lane] = value;
            }
        }
    }
}

/// Packs `bᵀ` for `b: (d, m)` into `panels: (⌈m / LANES⌉, d, LANES)`, for products with `b` itself.
pub fn pack_transposed(b: &[f32], m: usize, panels: &mut [f32]) {
    if b.is_empty() {
        return;
    }
    let d = b.len() / m;
    assert!(b.len() == d * m && panels.len() == packed_length(m, d));
    for (index, panel) in panels.chunks_exact_mut(LANES * d).enumerate() {
        let columns = index * LANES..m.min((index + 1) * LANES);
        for (packed, row) in panel.as_chunks_mut::<LANES>().0.iter_mut().zip(b.chunks_exact(m)) {
            let (own, rest) = packed.split_at_mut(columns.len());
            own.copy_from_slice(&row[columns.clone()]);
            rest.fill(0.0);
        }
    }
}

/// `out = a · bᵀ` for `a: (n, d)` and `b: (m, d)`, packed in `panels`. `out: (n, m)`, with `stride` values from one row to
/// the next.
pub fn multiply_packed(a: &[f32], panels: &[f32], d: usize, m: usize, out: &mut [f32], stride: usize) {
    each_product(a, panels, d, m, out, stride, |out, sums| out.copy_from_slice(sums));
}

/// `out −= a · bᵀ`, with the arguments of [`multiply_packed`]: each product is summed before it is subtracted.
pub fn subtract_packed(a: &[f32], panels: &[f32], d: usize, m: usize, out: &mut [f32], stride: usize) {
    each_product(a, panels, d, m, out, stride, |out, sums| {
        for (out, sum) in out.iter_mut().zip(sums) {
            *out -= sum;
        }
    });
}

/// `out = a · bᵀ` for `a: (n, d)`, `b: (m, d)`, `out: (n, m)`, packing as it goes. `panel: (d · LANES)` is scratch,
/// overwritten.
pub fn multiply_transposed(a: &[f32], b: &[f32], d: usize, out: &mut [f32], panel: &mut [f32]) {
    if d == 0 {
        return out.fill(0.0);
    }
    let m = b.len() / d;
    assert!(out.len() == a.len() / d * m && panel.len() == d * LANES);
    for (index, rows) in b.chunks(LANES * d).enumerate() {
        pack(rows, d, panel);
        if let Some(out) = out.get_mut(index * LANES..) {
            multiply_packed(a, panel, d, rows.len() / d, out, m);
        }
    }
}

/// Calls `store` with up to eight adjacent outputs of a row and their products, for all outputs.
#[inline(always)]
fn each_product(
    a: &[f32],
    panels: &[f32],
    d: usize,
    m: usize,
    out: &mut [f32],
    stride: usize,
    store: impl Fn(&mut [f32], &[f32]),
) {
    assert!(d > 0 && a.len().is_multiple_of(d) && panels.len() == packed_length(m, d) && stride >= m);
    let rows = a.len() / d;
    assert!(rows == 0 || out.len() >= (rows - 1) * stride + m);
    for (index, panel) in panels.chunks_exact(LANES * d).enumerate() {
        let (panel, _) = panel.as_chunks::<LANES>();
        let column = index * LANES;
        let width = LANES.min(m - column);
        let mut keep = |row: usize, sums: &[f32; LANES]| {
            let out = &mut out[row * stride + column..][..width];
            // Nearly always whole, and then its length is known to the compiler.
            match <&mut [f32; LANES]>::try_from(&mut *out) {
                Ok(whole) => store(whole, sums),
                Err(_) => store(out, &sums[..width]),
            }
        };
        let mut row = 0;
        while row + ROWS <= rows {
            let sums = products::<ROWS>(&a[row * d..][..ROWS * d], panel);
            (row..).zip(&sums).for_each(|(row, sums)| keep(row, sums));
            row += ROWS;
        }
        for row in row..rows {
            let [sums] = products::<1>(&a[row * d..][..d], panel);
            keep(row, &sums);
        }
    }
}

/// `N` rows of `a: (N, d)` times one panel `(d, LANES)`.
#[inline(always)]
fn products<const N: usize>(a: &[f32], panel: &[[f32; LANES]]) -> [[f32; LANES]; N] {
    let d = panel.len();
    let a: [&[f32]; N] = std::array::from_fn(|row| &a[row * d..][..d]);
    let mut sums = [[0.0f32; LANES]; N];
    for (k, packed) in panel.iter().enumerate() {
        for row in 0..N {
            let value = a[row][k];
            for lane in 0..LANES {
                sums[row][lane] += value * packed[lane];
            }
        }
    }
    sums
}

/// `out += aᵀ · b` for `a: (n, p)`, `b: (n, q)`, `out: (p, q)`, summed in the order of `n`.
pub fn add_transposed_product(out: &mut [f32], a: &[f32], b: &[f32], p: usize, q: usize) {
    add_transposed_rows(out, a, b, [p, q], 0..p);
}

/// The `rows` of [`add_transposed_product`]: `out: (rows.len(), q)`.
pub fn add_transposed_rows(out: &mut [f32], a: &[f32], b: &[f32], [p, q]: [usize; 2], rows: Range<usize>) {
    if p == 0 || q == 0 {
        return;
    }
    assert!(a.len() / p == b.len() / q && a.len().is_multiple_of(p) && b.len().is_multiple_of(q));
    assert!(out.len() == rows.len() * q && rows.end <= p);
    for (block, out) in out.chunks_mut(ROWS * q).enumerate() {
        let first = rows.start + block * ROWS;
        for column in (0..q).step_by(LANES) {
            let width = LANES.min(q - column);
            if out.len() == ROWS * q && width == LANES {
                add_outer_products(out, a, b, [p, q], [first, column]);
            } else {
                for (row, out) in out.chunks_exact_mut(q).enumerate() {
                    for (lane, out) in out[column..column + width].iter_mut().enumerate() {
                        let pairs = a.chunks_exact(p).zip(b.chunks_exact(q));
                        *out = pairs.fold(*out, |sum, (a, b)| sum + a[first + row] * b[column + lane]);
                    }
                }
            }
        }
    }
}

/// Adds to `out: (ROWS, q)` the product `aᵀ · b` in [`ROWS`] rows and eight columns, starting at `row` and `column`.
#[inline(always)]
pub(crate) fn add_outer_products(
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    [p, q]: [usize; 2],
    [row, column]: [usize; 2],
) {
    let mut sums: [Lanes; ROWS] = std::array::from_fn(|n| {
        Lanes::load(out[n * q + column..].first_chunk().expect("eight columns are left"))
    });
    for (a, b) in a.chunks_exact(p).zip(b.chunks_exact(q)) {
        let a = &a[row..][..ROWS];
        let b = Lanes::load(b[column..].first_chunk().expect("eight columns are left"));
        for n in 0..ROWS {
            sums[n] = sums[n].plus_product(Lanes::splat(a[n]), b);
        }
    }
    for (n, sums) in sums.into_iter().enumerate() {
        out[n * q + column..][..LANES].copy_from_slice(&sums.store());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const SHAPES: [(usize, usize, usize); 7] =
        [(1, 1, 1), (4, 8, 16), (5, 9, 3), (7, 23, 40), (3, 0, 5), (0, 4, 2), (2, 3, 0)];

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect()
    }

    #[test]
    fn product_is_its_twin_for_ragged_shapes() {
        for (rows, columns, d) in SHAPES {
            let (a, b) = (values(rows * d, 1), values(columns * d, 7));
            let (mut out, mut panel) = (vec![f32::NAN; rows * columns], vec![f32::NAN; d * LANES]);
            multiply_transposed(&a, &b, d, &mut out, &mut panel);
            let expected = reference::multiply_transposed(&a, &b, d, rows, columns);
            for (got, expected) in out.iter().zip(expected) {
                assert!(
                    (f64::from(*got) - expected).abs() < 1e-5,
                    "{rows}×{columns}×{d}: {got} for {expected}"
                );
            }
        }
    }

    #[test]
    fn a_matrix_and_its_transpose_pack_to_the_same_panels() {
        for (rows, _, d) in SHAPES.into_iter().filter(|&(.., d)| d > 0) {
            let b = values(rows * d, 5);
            let transposed: Vec<f32> = (0..rows * d).map(|k| b[k % rows * d + k / rows]).collect();
            let mut panels = [vec![f32::NAN; packed_length(rows, d)], vec![f32::NAN; packed_length(rows, d)]];
            pack(&b, d, &mut panels[0]);
            pack_transposed(&transposed, rows, &mut panels[1]);
            assert_eq!(panels[0], panels[1]);
        }
    }

    /// The product is subtracted from rows with gaps; the gaps keep their values.
    #[test]
    fn a_product_is_subtracted_in_place() {
        for (rows, columns, d) in SHAPES.into_iter().filter(|&(_, _, d)| d > 0) {
            let stride = columns + 3;
            let (a, b, before) = (values(rows * d, 1), values(columns * d, 7), values(rows * stride, 3));
            let (mut out, mut panels) = (before.clone(), vec![0.0; packed_length(columns, d)]);
            pack(&b, d, &mut panels);
            subtract_packed(&a, &panels, d, columns, &mut out, stride);
            let products = reference::multiply_transposed(&a, &b, d, rows, columns);
            for (index, (got, before)) in out.iter().zip(before).enumerate() {
                let (row, column) = (index / stride, index % stride);
                let product = if column < columns { products[row * columns + column] } else { 0.0 };
                assert!((f64::from(*got) - (f64::from(before) - product)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn transposed_product_is_its_twin() {
        for (n, p, q) in [(1, 1, 1), (4, 3, 8), (11, 5, 9), (0, 2, 3), (40, 12, 9), (9, 8, 16)] {
            let value = |seed: usize| move |k: usize| (((k + seed) * 40_503) % 1000) as f32 / 500.0 - 1.0;
            let a: Vec<f32> = (0..n * p).map(value(1)).collect();
            let b: Vec<f32> = (0..n * q).map(value(7)).collect();
            let mut out = vec![0.5; p * q];
            add_transposed_product(&mut out, &a, &b, p, q);
            // In two parts. The second does not begin at a block.
            let mut parts = vec![0.5; p * q];
            let (first, second) = parts.split_at_mut(p / 2 * q);
            add_transposed_rows(first, &a, &b, [p, q], 0..p / 2);
            add_transposed_rows(second, &a, &b, [p, q], p / 2..p);
            assert_eq!(out, parts);
            for (got, expected) in out.iter().zip(reference::transposed_product(&a, &b, p, q)) {
                assert!((f64::from(*got) - 0.5 - expected).abs() < 1e-5, "{n}×{p}×{q}: {got} for {expected}");
            }
        }
    }

    #[test]
    fn empty_matrices_change_nothing() {
        for (p, q) in [(0, 3), (3, 0), (0, 0)] {
            add_transposed_product(&mut [], &vec![1.0; 2 * p], &vec![1.0; 2 * q], p, q);
        }
        pack(&[], 0, &mut []);
        pack_transposed(&[], 0, &mut []);
        let mut out = [1.0; 6];
        multiply_transposed(&[], &[], 0, &mut out, &mut []);
        assert_eq!(out, [0.0; 6]);
    }
}
