//! Fold-in by ridge regression: ordered interactions, and the solver.

use tastespace_kernels::cholesky;
use tastespace_kernels::vector::dot;

/// The interactions ordered by item, so that sums do not depend on the order of the input. Of a repeated item the last counts.
pub(crate) fn ordered(rows: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut ordered: Vec<(u32, f32)> = rows.to_vec();
    ordered.sort_by_key(|&(item, _)| item);
    ordered.reverse();
    ordered.dedup_by_key(|&mut (item, _)| item);
    ordered.reverse();
    ordered
}

/// Weights and intercept that minimize `Σ (t − w·x − b)² + λ‖w‖² + λ_b b²` over the rows `x: (d)`, with both penalties above 0.
/// Solved in the primal or, with fewer rows than weights, in the dual.
pub(crate) fn ridge(
    rows: &[&[f32]],
    targets: &[f64],
    penalty: f64,
    intercept_penalty: f64,
) -> Option<(Vec<f64>, f64)> {
    let d = rows.first()?.len();
    if rows.len() <= d {
        by_rows(rows, targets, penalty, intercept_penalty)
    } else {
        by_weights(rows, targets, penalty, intercept_penalty)
    }
}

/// `(XXᵀ/λ + 11ᵀ/λ_b + I) a = t; w = Xᵀa/λ; b = 1ᵀa/λ_b`.
fn by_rows(
    rows: &[&[f32]],
    targets: &[f64],
    penalty: f64,
    intercept_penalty: f64,
) -> Option<(Vec<f64>, f64)> {
    let n = rows.len();
    let (mut a, mut solved) = (vec![0.0; n * n], targets.to_vec());
    for (i, x) in rows.iter().enumerate() {
        for (j, y) in rows[..=i].iter().enumerate() {
            a[i * n + j] = f64::from(dot(x, y)) / penalty + 1.0 / intercept_penalty;
        }
        a[i * n + i] += 1.0;
    }
    cholesky::solve(&mut a, &mut solved).then(|| {
        let mut weights = vec![0.0; rows[0].len()];
        for (x, &share) in rows.iter().zip(&solved) {
            for (weight, &value) in weights.iter_mut().zip(*x) {
                *weight += share * f64::from(value) / penalty;
            }
        }
        (weights, solved.iter().sum::<f64>() / intercept_penalty)
    })
}

/// `(XᵀX + λI) w = Xᵀt` with a column of ones, which has its own penalty.
fn by_weights(
    rows: &[&[f32]],
    targets: &[f64],
    penalty: f64,
    intercept_penalty: f64,
) -> Option<(Vec<f64>, f64)> {
    let d = rows[0].len();
    let (mut a, mut b) = (vec![0.0; (d + 1) * (d + 1)], vec![0.0; d + 1]);
    let mut wide = vec![1.0; d + 1];
    for (x, &target) in rows.iter().zip(targets) {
        for (wide, &value) in wide.iter_mut().zip(*x) {
            *wide = f64::from(value);
        }
        cholesky::add_observation(&mut a, &mut b, &wide, target);
    }
    for k in 0..=d {
        a[k * (d + 1) + k] += if k < d { penalty } else { intercept_penalty };
    }
    cholesky::solve(&mut a, &mut b).then(|| {
        let intercept = b.pop().expect("the last one is the intercept");
        (b, intercept)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_solve_the_same_regression() {
        let rows: Vec<Vec<f32>> =
            (0..7).map(|i| (0..5).map(|k| ((i * 13 + k * 7) % 11) as f32 / 11.0).collect()).collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let targets: Vec<f64> = (0..7).map(|i| f64::from(i % 4) - 1.0).collect();
        let (one, other) =
            (by_rows(&rows, &targets, 0.3, 2.0).unwrap(), by_weights(&rows, &targets, 0.3, 2.0).unwrap());
        // The products of the rows are summed in f32.
        assert!((one.1 - other.1).abs() < 1e-5);
        for (a, b) in one.0.iter().zip(&other.0) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        assert_eq!(ridge(&rows, &targets, 0.3, 2.0).unwrap(), other);
        assert_eq!(ridge(&rows[..3], &targets[..3], 0.3, 2.0), by_rows(&rows[..3], &targets[..3], 0.3, 2.0));
        assert!(ridge(&[], &[], 1.0, 1.0).is_none());
    }

    #[test]
    fn rows_are_ordered_and_the_last_of_an_item_stands() {
        assert_eq!(ordered(&[(3, 1.0), (1, 2.0), (3, 4.0)]), [(1, 2.0), (3, 4.0)]);
    }
}
