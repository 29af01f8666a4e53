//! Ridge regressions with penalty 1, `min ‖Z w − t‖² + ‖w‖²`, in `f32`: the systems of alternating least squares.
//!
//! With `s` rows of `d` values there are two ways to the same solution, `(I + ZᵀZ) w = Zᵀ t` and, with fewer rows than values,
//! `(I + ZZᵀ) e = t`, `w = Zᵀ e`. No eigenvalue of either matrix is below 1. Both are formed and decomposed in tiles of four
//! rows and eight columns. `s` and `d` are multiples of [`LANES`]: rows and values of zeros change nothing.

use crate::lanes::{LANES, Lanes};
use crate::matrix::{ROWS, add_outer_products, multiply_packed, pack, packed_length};
use crate::vector::{add_scaled, dot};
use std::ops::Range;

/// Adds `ZᵀZ` of `z: (s, d)` to the lower triangle of `out: (d, d)`, in the order of the rows of `z`. Values above the diagonal
/// are undefined afterwards.
pub fn add_column_gram(out: &mut [f32], z: &[f32], d: usize) {
    add_column_gram_rows(out, z, d, 0..d);
}

/// The `rows` of [`add_column_gram`], which begin and end at multiples of four: `out: (rows.len(), d)`.
pub fn add_column_gram_rows(out: &mut [f32], z: &[f32], d: usize, rows: Range<usize>) {
    assert!(d > 0 && d.is_multiple_of(LANES) && z.len().is_multiple_of(d));
    assert!(rows.start.is_multiple_of(ROWS) && rows.len().is_multiple_of(ROWS) && rows.end <= d);
    assert_eq!(out.len(), rows.len() * d);
    for (row, out) in rows.step_by(ROWS).zip(out.chunks_exact_mut(ROWS * d)) {
        for column in (0..row + ROWS).step_by(LANES) {
            add_outer_products(out, z, z, [d, d], [row, column]);
        }
    }
}

/// Writes `ZZᵀ` of `z: (s, d)` to the lower triangle of `out: (s, s)`. Values above the diagonal are undefined afterwards.
/// `panels: (s, d)` is scratch.
pub fn row_gram(z: &[f32], d: usize, panels: &mut [f32], out: &mut [f32]) {
    assert!(d > 0 && z.len().is_multiple_of(d * LANES));
    let s = z.len() / d;
    assert!(out.len() == s * s && panels.len() == packed_length(s, d));
    pack(z, d, panels);
    for (index, panel) in panels.chunks_exact(LANES * d).enumerate() {
        let column = index * LANES;
        multiply_packed(&z[column * d..], panel, d, LANES, &mut out[column * s + column..], s);
    }
}

/// Solves `(I + A) x = b` in place: `a: (n, n)` is symmetric and positive semidefinite, only its lower triangle is read, and it
/// is overwritten. `b: (n)` becomes `x`. `panel: (n · LANES)` is scratch. Returns false, with all overwritten, if rounding made a
/// pivot negative.
pub fn solve(a: &mut [f32], b: &mut [f32], panel: &mut [f32]) -> bool {
    let n = b.len();
    assert_eq!(a.len(), n * n);
    for i in 0..n {
        a[i * n + i] += 1.0;
    }
    decompose(a, n, panel) && {
        substitute(a, b);
        true
    }
}

/// Overwrites the lower triangle of `a: (n, n)` with its Cholesky factor, eight columns at a time.
fn decompose(a: &mut [f32], n: usize, panel: &mut [f32]) -> bool {
    assert!(a.len() == n * n && n.is_multiple_of(LANES) && panel.len() >= n * LANES);
    let (panel, _) = panel.as_chunks_mut::<LANES>();
    for column in (0..n).step_by(LANES) {
        // The eight rows on the diagonal, side by side.
        for lane in 0..LANES {
            for (packed, &value) in panel.iter_mut().zip(&a[(column + lane) * n..][..column]) {
                packed[lane] = value;
            }
        }
        for rows in a[column * n..].chunks_exact_mut(ROWS * n) {
            subtract_products(rows, n, &panel[..column]);
        }
        let Some(inverse) = decompose_tile(&mut a[column * n..], n, column) else { return false };
        for row in a[(column + LANES) * n..].chunks_exact_mut(n) {
            let tile: &mut [f32; LANES] = row[column..].first_chunk_mut().expect("eight columns are left");
            let mut sums = Lanes::zero();
            for (&value, inverse) in tile.iter().zip(&inverse) {
                sums = sums.plus_product(Lanes::splat(value), Lanes::load(inverse));
            }
            *tile = sums.store();
        }
    }
    true
}

/// Subtracts from the columns after the first `k` of `rows: (ROWS, n)` the products of these with the `panel: (k, LANES)`.
#[inline(always)]
fn subtract_products(rows: &mut [f32], n: usize, panel: &[[f32; LANES]]) {
    let k = panel.len();
    let heads: [&[f32]; ROWS] = std::array::from_fn(|row| &rows[row * n..][..k]);
    let mut sums = [Lanes::zero(); ROWS];
    for (k, packed) in panel.iter().enumerate() {
        let packed = Lanes::load(packed);
        for row in 0..ROWS {
            sums[row] = sums[row].plus_product(Lanes::splat(heads[row][k]), packed);
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        let tile: &mut [f32; LANES] = rows[row * n + k..].first_chunk_mut().expect("eight columns are left");
        *tile = Lanes::load(tile).minus(sums).store();
    }
}

/// Decomposes the tile on the diagonal at `column` of `rows: (LANES, n)`, and returns the transposed inverse of its factor.
fn decompose_tile(rows: &mut [f32], n: usize, column: usize) -> Option<[[f32; LANES]; LANES]> {
    let mut factor = [[0.0f32; LANES]; LANES];
    let mut inverse = [[0.0f32; LANES]; LANES];
    for i in 0..LANES {
        let row = &mut rows[i * n + column..][..LANES];
        for j in 0..i {
            let products = (0..j).fold(row[j], |sum, k| sum - factor[i][k] * factor[j][k]);
            factor[i][j] = products * inverse[j][j];
        }
        let pivot = (0..i).fold(row[i], |sum, k| sum - factor[i][k] * factor[i][k]);
        // NaN is not positive either.
        if !pivot.is_finite() || pivot <= 0.0 {
            return None;
        }
        factor[i][i] = pivot.sqrt();
        inverse[i][i] = 1.0 / factor[i][i];
        for j in 0..i {
            let products = (j..i).fold(0.0, |sum, k| sum + factor[i][k] * inverse[j][k]);
            inverse[j][i] = -products * inverse[i][i];
        }
        row[..=i].copy_from_slice(&factor[i][..=i]);
    }
    Some(inverse)
}

/// Solves `L Lᵀ x = b` in place for the factor of [`decompose`].
fn substitute(factor: &[f32], b: &mut [f32]) {
    let n = b.len();
    for i in 0..n {
        let row = &factor[i * n..][..n];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    for i in (0..n).rev() {
        let row = &factor[i * n..][..n];
        let (before, rest) = b.split_at_mut(i);
        rest[0] /= row[i];
        add_scaled(before, -rest[0], &row[..i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::padded;
    use crate::reference;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 2000) as f32 / 1000.0 - 1.0).collect()
    }

    /// Rows and values padded with zeros.
    fn padded_rows(z: &[f32], s: usize, d: usize) -> Vec<f32> {
        let mut rows = vec![0.0; padded(s) * padded(d)];
        for (to, from) in rows.chunks_exact_mut(padded(d)).zip(z.chunks_exact(d)) {
            to[..d].copy_from_slice(from);
        }
        rows
    }

    #[test]
    fn both_ways_are_their_twin() {
        for (s, d) in [(1, 1), (7, 9), (8, 8), (9, 7), (3, 40), (40, 3), (20, 64), (100, 33), (64, 64)] {
            let (z, t) = (values(s * d, 1), values(s, 7));
            let expected = reference::unit_ridge(&z, &t, d);
            let rows = padded_rows(&z, s, d);
            let (wide, tall) = (padded(d), padded(s));
            let mut scratch = vec![f32::NAN; wide.max(tall) * LANES];

            let mut gram = vec![0.0; wide * wide];
            add_column_gram(&mut gram, &rows, wide);
            // In two parts.
            let mut parts = vec![0.0; wide * wide];
            let (first, second) = parts.split_at_mut(wide / 2 * wide);
            add_column_gram_rows(first, &rows, wide, 0..wide / 2);
            add_column_gram_rows(second, &rows, wide, wide / 2..wide);
            assert_eq!(gram, parts);
            let mut w = vec![0.0; wide];
            for (row, &target) in rows.chunks_exact(wide).zip(&t) {
                add_scaled(&mut w, target, row);
            }
            assert!(solve(&mut gram, &mut w, &mut scratch));

            let (mut gram, mut panels) = (vec![f32::NAN; tall * tall], vec![f32::NAN; tall * wide]);
            row_gram(&rows, wide, &mut panels, &mut gram);
            let mut e = t.clone();
            e.resize(tall, 0.0);
            assert!(solve(&mut gram, &mut e, &mut scratch));
            let mut other = vec![0.0; wide];
            for (row, &weight) in rows.chunks_exact(wide).zip(&e) {
                add_scaled(&mut other, weight, row);
            }

            for ((w, other), expected) in w.iter().zip(&other).zip(&expected) {
                // Some hundred roundings at 6e-8 in a system of condition 50.
                assert!((f64::from(*w) - expected).abs() < 2e-5, "{s}×{d}: {w} for {expected}");
                assert!((f64::from(*other) - expected).abs() < 2e-5, "{s}×{d}: {other} for {expected}");
            }
            assert!(w[d..].iter().chain(&other[d..]).all(|&padding| padding == 0.0));
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        for value in [-1.0, -3.0, f32::NAN, f32::INFINITY] {
            let mut a = vec![0.0; LANES * LANES];
            a[LANES + 1] = value;
            assert!(!solve(&mut a, &mut [1.0; LANES], &mut [0.0; LANES * LANES]), "{value}");
        }
    }
}
