//! Eigenvalues and eigenvectors of a symmetric matrix in `f64`: Householder reduction to tridiagonal form, then the QL
//! algorithm with implicit shifts (`tred2` and `tql2` of EISPACK).
//!
//! The eigenvectors are rows, and the transformations are applied to rows, so that the inner loops are over adjacent values.

/// Overwrites the symmetric `a: (d, d)`, both triangles of which are given, with its orthonormal eigenvectors, one a row, and
/// `values: (d)` with their eigenvalues, largest first. `scratch: (d)`.
pub fn decompose(a: &mut [f64], values: &mut [f64], scratch: &mut [f64]) {
    let d = values.len();
    assert!(a.len() == d * d && scratch.len() == d);
    if d == 0 {
        return;
    }
    reduce(a, values, scratch);
    accumulate(a, values);
    diagonalize(a, values, scratch);
    sort(a, values);
}

/// Two different rows of `a: (d, d)`, the earlier one first.
fn two_rows(a: &mut [f64], d: usize, first: usize, second: usize) -> (&mut [f64], &mut [f64]) {
    let (before, after) = a.split_at_mut(second * d);
    (&mut before[first * d..][..d], &mut after[..d])
}

/// Reduces `a` to a tridiagonal matrix with the off-diagonal in `off`. Leaves the Householder vectors in `a`, their squared
/// norms halved in `diagonal`, and the diagonal on that of `a`.
fn reduce(a: &mut [f64], diagonal: &mut [f64], off: &mut [f64]) {
    let d = diagonal.len();
    // Column n − 1 of the matrix is row n − 1 here; entry (row, column) is at column · d + row.
    let at = |row: usize, column: usize| column * d + row;
    for j in 0..d {
        diagonal[j] = a[at(d - 1, j)];
    }
    for i in (1..d).rev() {
        let scale: f64 = diagonal[..i].iter().map(|x| x.abs()).sum();
        let mut square = 0.0;
        if scale == 0.0 {
            off[i] = diagonal[i - 1];
            for j in 0..i {
                diagonal[j] = a[at(i - 1, j)];
                a[at(i, j)] = 0.0;
                a[at(j, i)] = 0.0;
            }
        } else {
            for x in &mut diagonal[..i] {
                *x /= scale;
                square += *x * *x;
            }
            let last = diagonal[i - 1];
            let root = if last > 0.0 { -square.sqrt() } else { square.sqrt() };
            off[i] = scale * root;
            square -= last * root;
            diagonal[i - 1] = last - root;
            off[..i].fill(0.0);
            for j in 0..i {
                let factor = diagonal[j];
                a[at(j, i)] = factor;
                let column = &a[j * d..][..i];
                let mut sum = off[j] + column[j] * factor;
                for k in j + 1..i {
                    sum += column[k] * diagonal[k];
                    off[k] += column[k] * factor;
                }
                off[j] = sum;
            }
            let mut product = 0.0;
            for (off, x) in off[..i].iter_mut().zip(&*diagonal) {
                *off /= square;
                product += *off * x;
            }
            let half = product / (square + square);
            for (off, x) in off[..i].iter_mut().zip(&*diagonal) {
                *off -= half * x;
            }
            for j in 0..i {
                let (x, y) = (diagonal[j], off[j]);
                let column = &mut a[j * d..][..d];
                for k in j..i {
                    column[k] -= x * off[k] + y * diagonal[k];
                }
                diagonal[j] = column[i - 1];
                column[i] = 0.0;
            }
        }
        diagonal[i] = square;
    }
}

/// Turns the Householder vectors of [`reduce`] into the orthogonal matrix, and completes the diagonal.
fn accumulate(a: &mut [f64], diagonal: &mut [f64]) {
    let d = diagonal.len();
    for i in 0..d - 1 {
        a[i * d + d - 1] = a[i * d + i];
        a[i * d + i] = 1.0;
        let square = diagonal[i + 1];
        if square != 0.0 {
            for (x, value) in diagonal.iter_mut().zip(&a[(i + 1) * d..][..=i]) {
                *x = value / square;
            }
            for j in 0..=i {
                let (row, vector) = two_rows(a, d, j, i + 1);
                let dot: f64 = vector[..=i].iter().zip(&*row).map(|(x, y)| x * y).sum();
                for (value, x) in row[..=i].iter_mut().zip(&*diagonal) {
                    *value -= dot * x;
                }
            }
        }
        a[(i + 1) * d..][..=i].fill(0.0);
    }
    for j in 0..d {
        diagonal[j] = std::mem::take(&mut a[j * d + d - 1]);
    }
    a[d * d - 1] = 1.0;
}

/// Diagonalizes the tridiagonal matrix of `values` and `off`, and rotates the rows of `a` along.
fn diagonalize(a: &mut [f64], values: &mut [f64], off: &mut [f64]) {
    let d = values.len();
    off.copy_within(1.., 0);
    off[d - 1] = 0.0;
    // Of the whole matrix, so that no square of a value that is not negligible underflows.
    let largest = values.iter().zip(&*off).fold(0.0f64, |most, (x, y)| most.max(x.abs() + y.abs()));
    let negligible = f64::EPSILON * largest;
    let mut shift = 0.0;
    for l in 0..d {
        loop {
            // The block that ends at the first negligible value. No root in it is 0, then.
            let block = (l..d - 1).take_while(|&m| off[m].abs() > negligible);
            let m = block.last().map_or(l, |last| last + 1);
            if m == l {
                break;
            }
            let first = values[l];
            let ratio = (values[l + 1] - first) / (2.0 * off[l]);
            let root = (ratio * ratio + 1.0).sqrt();
            let sum = ratio + if ratio < 0.0 { -root } else { root };
            values[l] = off[l] / sum;
            values[l + 1] = off[l] * sum;
            let (second, by) = (values[l + 1], first - values[l]);
            values[l + 2..].iter_mut().for_each(|value| *value -= by);
            shift += by;
            let mut p = values[m];
            let (mut c, mut c2, mut c3, mut s, mut s2) = (1.0, 1.0, 1.0, 0.0, 0.0);
            let next = off[l + 1];
            for i in (l..m).rev() {
                (c3, c2, s2) = (c2, c, s);
                let (g, h) = (c * off[i], c * p);
                let r = (p * p + off[i] * off[i]).sqrt();
                off[i + 1] = s * r;
                (s, c) = (off[i] / r, p / r);
                p = c * values[i] - s * g;
                values[i + 1] = h + s * (c * g + s * values[i]);
                let (row, other) = two_rows(a, d, i, i + 1);
                for (x, y) in row.iter_mut().zip(other) {
                    let before = *y;
                    *y = s * *x + c * before;
                    *x = c * *x - s * before;
                }
            }
            p = -s * s2 * c3 * next * off[l] / second;
            off[l] = s * p;
            values[l] = c * p;
        }
        values[l] += shift;
        off[l] = 0.0;
    }
}

/// Sorts the rows by their values, largest first.
fn sort(a: &mut [f64], values: &mut [f64]) {
    let d = values.len();
    for i in 0..d {
        let largest = (i..d).fold(i, |best, j| if values[j] > values[best] { j } else { best });
        if largest != i {
            values.swap(i, largest);
            let (row, other) = two_rows(a, d, i, largest);
            row.swap_with_slice(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `XᵀX` of a pseudo-random `X: (rows, d)`.
    fn gram(rows: usize, d: usize) -> Vec<f64> {
        let value = |row: usize, k: usize| ((row * d + k + 3) * 2_654_435_761 % 1000) as f64 / 500.0 - 1.0;
        let entry = |i: usize, j: usize| (0..rows).map(|row| value(row, i) * value(row, j)).sum();
        (0..d * d).map(|at| entry(at / d, at % d)).collect()
    }

    /// The rows are orthonormal, and the matrix is `Σ λ v vᵀ`. Ranks below `d`, and matrices that are diagonal already.
    #[test]
    fn the_decomposition_gives_the_matrix_back() {
        let diagonal =
            |d: usize| (0..d * d).map(|at| if at / d == at % d { (at % 7) as f64 } else { 0.0 }).collect();
        // Graded: the squares of most entries underflow.
        let graded = |d: usize| {
            let size = |k: usize| 10f64.powi(-3 * k.min(60) as i32);
            let entries = gram(2 * d, d).into_iter().enumerate();
            entries.map(|(at, x)| x * size(at / d) * size(at % d)).collect()
        };
        let cases = [0, 1, 2, 3, 7, 8, 33, 64].into_iter();
        let of =
            |d: usize| [gram(2 * d, d), gram(d / 3, d), diagonal(d), graded(d)].map(|matrix| (d, matrix));
        for (d, matrix) in cases.flat_map(of) {
            let (mut vectors, mut values, mut scratch): (Vec<f64>, _, _) =
                (matrix.clone(), vec![0.0; d], vec![0.0; d]);
            decompose(&mut vectors, &mut values, &mut scratch);
            assert!(values.is_sorted_by(|x, y| x >= y), "{values:?}");
            let scale = matrix.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
            for i in 0..d {
                for j in 0..d {
                    let (x, y) = (&vectors[i * d..][..d], &vectors[j * d..][..d]);
                    let product: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
                    assert!(
                        (product - f64::from(u8::from(i == j))).abs() < 1e-12 * d as f64,
                        "{d}: {product}"
                    );
                    let entry: f64 =
                        (0..d).map(|k| values[k] * vectors[k * d + i] * vectors[k * d + j]).sum();
                    assert!((entry - matrix[i * d + j]).abs() < 1e-12 * scale * d as f64, "{d}: {entry}");
                }
            }
        }
    }

    /// The vectors of a multiple are the same, and its values the multiples.
    #[test]
    fn values_scale_with_the_matrix() {
        let (d, matrix) = (9, gram(18, 9));
        let of = |scale: f64| {
            let mut vectors: Vec<f64> = matrix.iter().map(|x| scale * x).collect();
            let (mut values, mut scratch) = (vec![0.0; d], vec![0.0; d]);
            decompose(&mut vectors, &mut values, &mut scratch);
            (vectors, values)
        };
        let (vectors, values) = of(1.0);
        for scale in [1e-100, 1e100] {
            let (others, scaled) = of(scale);
            assert!(scaled.iter().zip(&values).all(|(x, y)| (x / scale / y - 1.0).abs() < 1e-12));
            assert!(others.iter().zip(&vectors).all(|(x, y)| (x.abs() - y.abs()).abs() < 1e-11));
        }
    }
}
