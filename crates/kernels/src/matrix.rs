//! Dense products. One accumulator an output element, summed in the order of `k`: the same bits whatever the blocking.

use crate::lanes::LANES;

/// Rows of `a` that share one packed panel of `b` in registers.
const ROWS: usize = 4;

/// `out = a · bᵀ` for `a: (b, d)`, `b: (m, d)`, `out: (b, m)`. `panel: (d · LANES)` is scratch, overwritten.
///
/// Eight rows of `b` at a time are packed so that their `k`-th values lie side by side; the inner loop then updates
/// eight outputs for each of four rows of `a` with no horizontal sum.
pub fn multiply_transposed(a: &[f32], b: &[f32], d: usize, out: &mut [f32], panel: &mut [f32]) {
    if d == 0 {
        return out.fill(0.0);
    }
    let (rows, columns) = (a.len() / d, b.len() / d);
    assert_eq!(a.len(), rows * d);
    assert_eq!(b.len(), columns * d);
    assert_eq!(out.len(), rows * columns);
    assert_eq!(panel.len(), d * LANES);
    let (panel, _) = panel.as_chunks_mut::<LANES>();
    for (block, b_rows) in b.chunks(LANES * d).enumerate() {
        let width = b_rows.len() / d;
        for (lane, b_row) in b_rows.chunks_exact(d).enumerate() {
            for (packed, &value) in panel.iter_mut().zip(b_row) {
                packed[lane] = value;
            }
        }
        let first_column = block * LANES;
        let mut row = 0;
        while row + ROWS <= rows {
            let a_rows: [&[f32]; ROWS] = std::array::from_fn(|r| &a[(row + r) * d..][..d]);
            for (r, sums) in products(a_rows, panel).iter().enumerate() {
                out[(row + r) * columns + first_column..][..width].copy_from_slice(&sums[..width]);
            }
            row += ROWS;
        }
        for row in row..rows {
            let [sums] = products([&a[row * d..][..d]], panel);
            out[row * columns + first_column..][..width].copy_from_slice(&sums[..width]);
        }
    }
}

/// `N` rows of `a`, each `(d)`, times one packed panel `(d, LANES)`.
#[inline(always)]
fn products<const N: usize>(a: [&[f32]; N], panel: &[[f32; LANES]]) -> [[f32; LANES]; N] {
    let mut sums = [[0.0f32; LANES]; N];
    for (k, packed) in panel.iter().enumerate() {
        for r in 0..N {
            let value = a[r][k];
            for lane in 0..LANES {
                sums[r][lane] += value * packed[lane];
            }
        }
    }
    sums
}

/// `out += aᵀ · b` for `a: (n, p)`, `b: (n, q)`, `out: (p, q)`, summed in the order of `n`, four rows at a time.
pub fn add_transposed_product(out: &mut [f32], a: &[f32], b: &[f32], p: usize, q: usize) {
    if p == 0 || q == 0 {
        return;
    }
    assert!(out.len() == p * q && a.len() / p == b.len() / q);
    let (a_blocks, b_blocks) = (a.chunks(ROWS * p), b.chunks(ROWS * q));
    for (a, b) in a_blocks.zip(b_blocks) {
        if b.len() == ROWS * q {
            let b: [&[f32]; ROWS] = std::array::from_fn(|r| &b[r * q..][..q]);
            for (k, out) in out.chunks_exact_mut(q).enumerate() {
                let weights: [f32; ROWS] = std::array::from_fn(|r| a[r * p + k]);
                for (place, out) in out.iter_mut().enumerate() {
                    let mut sum = *out;
                    for r in 0..ROWS {
                        sum += weights[r] * b[r][place];
                    }
                    *out = sum;
                }
            }
        } else {
            for (a, b) in a.chunks_exact(p).zip(b.chunks_exact(q)) {
                for (&weight, out) in a.iter().zip(out.chunks_exact_mut(q)) {
                    crate::vector::add_scaled(out, weight, b);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn product_is_its_twin_for_ragged_shapes() {
        for (rows, columns, d) in
            [(1, 1, 1), (4, 8, 16), (5, 9, 3), (7, 23, 40), (3, 0, 5), (0, 4, 2), (2, 3, 0)]
        {
            let value =
                |seed: usize| move |k: usize| (((k + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0;
            let a: Vec<f32> = (0..rows * d).map(value(1)).collect();
            let b: Vec<f32> = (0..columns * d).map(value(7)).collect();
            let (mut out, mut panel) = (vec![f32::NAN; rows * columns], vec![0.0; d * LANES]);
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
    fn transposed_product_is_its_twin() {
        for (n, p, q) in [(1, 1, 1), (4, 3, 8), (11, 5, 9), (0, 2, 3)] {
            let value = |seed: usize| move |k: usize| (((k + seed) * 40_503) % 1000) as f32 / 500.0 - 1.0;
            let a: Vec<f32> = (0..n * p).map(value(1)).collect();
            let b: Vec<f32> = (0..n * q).map(value(7)).collect();
            let mut out = vec![0.5; p * q];
            add_transposed_product(&mut out, &a, &b, p, q);
            for (got, expected) in out.iter().zip(reference::transposed_product(&a, &b, p, q)) {
                assert!((f64::from(*got) - 0.5 - expected).abs() < 1e-5, "{n}×{p}×{q}: {got} for {expected}");
            }
        }
    }
}
