//! Steps of conjugate gradient toward a ridge regression with penalty 1, `min ‖Z w − t‖² + ‖w‖²`, in `f32` (Hestenes and Stiefel
//! 1952). A step costs one pass over `Z`.
//!
//! `z: (s, d)` is row-major, with `s` a multiple of [`ROWS`] and `d` one of [`LANES`]: rows and values of zeros change nothing. Sums over the rows can
//! be made in parts, one after the other.

use crate::lanes::{LANES, Lanes};
use crate::vector::{add_scaled, dot};
use std::array::from_fn;

/// Rows of one pass over the columns.
pub const ROWS: usize = 4;

/// Adds `Zᵀ (t − Z w)` to `out: (d)` and returns `‖t − Z w‖²`. `t: (s)`, `w: (d)`.
pub fn add_residual_product(z: &[f32], t: &[f32], w: &[f32], out: &mut [f32]) -> f64 {
    assert_eq!(z.len(), t.len() * w.len());
    let mut squares = 0.0;
    each_row(z, w, out, |row, product| {
        let residual = t[row] - product;
        squares += f64::from(residual) * f64::from(residual);
        residual
    });
    squares
}

/// Adds `Zᵀ Z p` to `out: (d)`. `p: (d)`.
pub fn add_gram_product(z: &[f32], p: &[f32], out: &mut [f32]) {
    each_row(z, p, out, |_, product| product);
}

/// Adds to `out` the rows of `z`, each times the `factor` of its index and its product with `x`.
#[inline(always)]
fn each_row(z: &[f32], x: &[f32], out: &mut [f32], mut factor: impl FnMut(usize, f32) -> f32) {
    let d = x.len();
    assert!(d > 0 && d.is_multiple_of(LANES) && out.len() == d && z.len().is_multiple_of(ROWS * d));
    let (x, out) = (x.as_chunks::<LANES>().0, out.as_chunks_mut::<LANES>().0);
    let columns = x.len();
    for (block, rows) in z.chunks_exact(ROWS * d).enumerate() {
        let rows: [&[[f32; LANES]]; ROWS] =
            from_fn(|row| &rows[row * d..][..d].as_chunks::<LANES>().0[..columns]);
        let mut sums = [Lanes::zero(); ROWS];
        for column in 0..columns {
            let x = Lanes::load(&x[column]);
            for row in 0..ROWS {
                sums[row] = sums[row].plus_product(Lanes::load(&rows[row][column]), x);
            }
        }
        let factors: [Lanes; ROWS] = from_fn(|row| Lanes::splat(factor(block * ROWS + row, sums[row].sum())));
        for (column, out) in out[..columns].iter_mut().enumerate() {
            let mut sum = Lanes::load(out);
            for row in 0..ROWS {
                sum = sum.plus_product(factors[row], Lanes::load(&rows[row][column]));
            }
            *out = sum.store();
        }
    }
}

/// Moves `w: (d)` by some `steps` toward the solution of `(I + A) w = b`. `residual: (d)` is `b − (I + A) w`, and `add_product` adds
/// `A p` to a vector. `direction` and `product: (d)` are scratch. Returns by how much `wᵀ (I + A) w − 2 bᵀ w` falls; not a finite
/// number if `w` is not finite any more.
pub fn descend(
    w: &mut [f32],
    residual: &mut [f32],
    [direction, product]: [&mut [f32]; 2],
    steps: u32,
    mut add_product: impl FnMut(&[f32], &mut [f32]),
) -> f64 {
    let mut square = dot(residual, residual);
    let mut fallen = 0.0;
    direction.copy_from_slice(residual);
    for step in 1..=steps {
        // NaN goes on, and is reported.
        if square < f32::MIN_POSITIVE {
            break;
        }
        product.copy_from_slice(direction);
        add_product(direction, product);
        let length = square / dot(direction, product);
        fallen += f64::from(length) * f64::from(square);
        add_scaled(w, length, direction);
        if step == steps {
            break;
        }
        add_scaled(residual, -length, product);
        let before = std::mem::replace(&mut square, dot(residual, residual));
        for (direction, residual) in direction.iter_mut().zip(&*residual) {
            *direction = residual + square / before * *direction;
        }
    }
    fallen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::padded;
    use crate::reference;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 2000) as f32 / 1000.0 - 1.0).collect()
    }

    fn padded_rows(z: &[f32], s: usize, d: usize) -> Vec<f32> {
        let mut rows = vec![0.0; s.next_multiple_of(ROWS) * padded(d)];
        for (to, from) in rows.chunks_exact_mut(padded(d)).zip(z.chunks_exact(d)) {
            to[..d].copy_from_slice(from);
        }
        rows
    }

    fn objective(z: &[f32], t: &[f32], w: &[f32]) -> f64 {
        let residuals = z.chunks_exact(w.len()).zip(t);
        let squares = residuals.map(|(z, &t)| (reference::dot(z, w) - f64::from(t)).powi(2));
        squares.sum::<f64>() + reference::dot(w, w)
    }

    #[test]
    fn steps_are_their_twin_and_lead_to_the_solution() {
        for (s, d) in [(1, 1), (7, 9), (8, 8), (9, 7), (3, 40), (40, 3), (20, 64), (100, 33)] {
            let (z, t, start) = (values(s * d, 1), values(s, 7), values(d, 3));
            let (rows, wide) = (padded_rows(&z, s, d), padded(d));
            let (mut targets, mut first) = (t.clone(), start.clone());
            targets.resize(s.next_multiple_of(ROWS), 0.0);
            first.resize(wide, 0.0);
            let solution = reference::unit_ridge(&z, &t, d);
            for steps in [0, 1, 2, 3, 2 * d as u32 + 5] {
                let mut w = first.clone();
                // In two parts where there are so many rows.
                let part = s / 2 / ROWS * ROWS;
                let mut residual: Vec<f32> = w.iter().map(|w| -w).collect();
                let mut squares = 0.0;
                for (z, t) in
                    [(&rows[..part * wide], &targets[..part]), (&rows[part * wide..], &targets[part..])]
                {
                    squares += add_residual_product(z, t, &w, &mut residual);
                }
                let (mut direction, mut product) = (vec![f32::NAN; wide], vec![f32::NAN; wide]);
                let before = squares + reference::dot(&w, &w);
                let fallen =
                    descend(&mut w, &mut residual, [&mut direction, &mut product], steps, |p, out| {
                        add_gram_product(&rows, p, out);
                    });
                // Some hundred roundings at 6e-8 of values up to 100; more steps than dimensions repair them.
                let expected = reference::unit_ridge_steps(&z, &t, &start, steps);
                for (k, w) in w[..d].iter().enumerate() {
                    let (w, tolerance) = (f64::from(*w), if steps > 3 { 1e-4 } else { 1e-5 });
                    assert!(
                        (w - expected[k]).abs() < tolerance,
                        "{s}×{d}, {steps} steps: {w} for {}",
                        expected[k]
                    );
                    if steps > 3 {
                        assert!((w - solution[k]).abs() < 1e-4, "{s}×{d}: {w} for {}", solution[k]);
                    }
                }
                assert!(w[d..].iter().all(|&padding| padding == 0.0));
                let after = objective(&rows, &targets, &w);
                assert!(
                    (before - fallen - after).abs() < 1e-4 * before,
                    "{s}×{d}: {before} {fallen} {after}"
                );
            }
        }
    }

    #[test]
    fn a_solution_stays_and_what_is_not_finite_is_reported() {
        let mut w = [1.0; LANES];
        let run = |w: &mut [f32], residual: f32| {
            let mut scratch = [[0.0; LANES]; 2];
            let [direction, product] = &mut scratch;
            descend(w, &mut [residual; LANES], [direction, product], 3, |_, _| ())
        };
        assert_eq!((run(&mut w, 0.0), w), (0.0, [1.0; LANES]));
        assert!(!run(&mut w, f32::NAN).is_finite());
        assert!(!run(&mut w, f32::MAX).is_finite());
    }
}
