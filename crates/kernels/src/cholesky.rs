//! Small symmetric systems of ridge regressions, solved in `f64` by Cholesky decomposition.

/// Adds `x xᵀ` to the lower triangle of `a: (d, d)`, and `weight · x` to `b: (d)`, for `x: (d)`.
pub fn add_observation(a: &mut [f64], b: &mut [f64], x: &[f64], weight: f64) {
    let d = x.len();
    assert!(a.len() == d * d && b.len() == d);
    for (i, row) in a.chunks_exact_mut(d).enumerate() {
        for (value, &other) in row[..=i].iter_mut().zip(x) {
            *value += x[i] * other;
        }
        b[i] += weight * x[i];
    }
}

/// Solves `a x = b` in place: `a: (d, d)` is symmetric positive definite and is overwritten; only its lower triangle is
/// read. `b: (d)` becomes `x`. Returns false, with both overwritten, if `a` is not positive definite.
pub fn solve(a: &mut [f64], b: &mut [f64]) -> bool {
    decompose(a, b.len()) && {
        substitute(a, b);
        true
    }
}

/// Overwrites the lower triangle of `a: (d, d)` with its Cholesky factor `L`, `a = L Lᵀ`. Returns false if there is none.
pub fn decompose(a: &mut [f64], d: usize) -> bool {
    assert_eq!(a.len(), d * d);
    for i in 0..d {
        let (above, row) = a.split_at_mut(i * d);
        for j in 0..i {
            let other = &above[j * d..j * d + j];
            let dot: f64 = row[..j].iter().zip(other).map(|(x, y)| x * y).sum();
            row[j] = (row[j] - dot) / above[j * d + j];
        }
        let square: f64 = row[..i].iter().map(|x| x * x).sum();
        let pivot = row[i] - square;
        // NaN is not positive either.
        if !pivot.is_finite() || pivot <= 0.0 {
            return false;
        }
        row[i] = pivot.sqrt();
    }
    true
}

/// Solves `L Lᵀ x = b` in place for the factor of [`decompose`].
pub fn substitute(factor: &[f64], b: &mut [f64]) {
    let d = b.len();
    assert_eq!(factor.len(), d * d);
    for i in 0..d {
        let dot: f64 = factor[i * d..i * d + i].iter().zip(&*b).map(|(l, x)| l * x).sum();
        b[i] = (b[i] - dot) / factor[i * d + i];
    }
    for i in (0..d).rev() {
        b[i] /= factor[i * d + i];
        for j in 0..i {
            b[j] -= factor[i * d + j] * b[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_solution_solves(
            rows in (1usize..9).prop_flat_map(|d| prop::collection::vec(prop::collection::vec(-2.0f64..2.0, d), 1..12))
        ) {
            let d = rows[0].len();
            let (mut a, mut b) = (vec![0.0; d * d], vec![0.0; d]);
            for (k, x) in rows.iter().enumerate() {
                add_observation(&mut a, &mut b, x, k as f64 - 3.0);
            }
            for i in 0..d {
                a[i * d + i] += 0.5;
            }
            let (matrix, right) = (a.clone(), b.clone());
            prop_assert!(solve(&mut a, &mut b));
            for (i, right) in right.iter().enumerate() {
                let at = |i: usize, j: usize| if j <= i { matrix[i * d + j] } else { matrix[j * d + i] };
                let product: f64 = (0..d).map(|j| at(i, j) * b[j]).sum();
                prop_assert!((product - right).abs() < 1e-9 * (1.0 + right.abs()), "{product} {right}");
            }
        }
    }

    #[test]
    fn an_observation_adds_to_the_lower_triangle() {
        let (mut a, mut b) = ([1.0, 9.0, 2.0, 3.0], [0.5, -1.0]);
        add_observation(&mut a, &mut b, &[2.0, 3.0], 4.0);
        assert_eq!((a, b), ([5.0, 9.0, 8.0, 12.0], [8.5, 11.0]));
    }

    #[test]
    fn matrices_that_are_not_positive_definite_are_refused() {
        assert!(!solve(&mut [1.0, 0.0, 2.0, 1.0], &mut [1.0, 1.0]));
        assert!(!solve(&mut [f64::NAN], &mut [1.0]));
        assert!(!solve(&mut [0.0], &mut [1.0]));
    }
}
