//! The inverse of a symmetric positive definite matrix in place, in parallel.
//!
//! Blocks of rows and columns are *swept* one after the other, a Gauss–Jordan step in symmetric form. With
//! `D = A_kk`:
//!
//! `A_ij ← A_ij − A_ik D⁻¹ A_kj`, `A_ik ← A_ik D⁻¹`, `A_kk ← −D⁻¹`.
//!
//! After all sweeps `A` is `−A⁻¹`. Only the lower triangle is computed: `n³` operations, nearly all of them in the packed product.
//! `D` is decomposed in `f64`. The sums of an entry are in the order of the blocks, and within a block in the order of its
//! rows, so the bits do not depend on the number of threads.

use tastespace_kernels::cholesky;
use tastespace_kernels::matrix::{multiply_packed, pack, packed_length, subtract_packed};
use tastespace_optim::parallel;

/// Largest number of rows and columns that are swept together. A multiple of the lanes and of [`ROWS`].
const BLOCK: usize = 64;

/// Rows that are updated together.
const ROWS: usize = 32;

/// Bytes in addition to the matrix.
pub(super) fn bytes(size: usize) -> u64 {
    4 * 3 * (size * BLOCK) as u64
}

/// Overwrites `a: (size, size)`, of which only the lower triangle is read, with its inverse, both triangles. Calls
/// `check(done, all)` in between and stops if that fails. Returns `Ok(false)`, with `a` undefined, if it is not positive definite.
pub(super) fn invert<E>(
    a: &mut [f32],
    size: usize,
    check: impl Fn(usize, usize) -> Result<(), E>,
) -> Result<bool, E> {
    assert_eq!(a.len(), size * size);
    let mut column = vec![0.0f32; size * BLOCK];
    let mut scaled = vec![0.0f32; size * BLOCK];
    let mut panels = vec![0.0f32; packed_length(size, BLOCK)];
    for start in (0..size).step_by(BLOCK) {
        check(start, size)?;
        let end = size.min(start + BLOCK);
        let width = end - start;
        let (column, scaled) = (&mut column[..size * width], &mut scaled[..size * width]);
        let Some(inverse) = inverse_of_block(a, size, start, end) else {
            return Ok(false);
        };
        // C = A_:k; the part above the block is in the rows of the block.
        parallel::for_each(column.chunks_mut(ROWS * width).enumerate(), |(chunk, rows)| {
            for (row, to) in (chunk * ROWS..).zip(rows.chunks_exact_mut(width)) {
                if row >= start {
                    to.copy_from_slice(&a[row * size + start..][..width]);
                } else {
                    for (k, to) in to.iter_mut().enumerate() {
                        *to = a[(start + k) * size + row];
                    }
                }
            }
        });
        // T = C D⁻¹, which is symmetric.
        let block_panels = &mut panels[..packed_length(width, width)];
        pack(&inverse, width, block_panels);
        let products = scaled.chunks_mut(ROWS * width).zip(column.chunks(ROWS * width));
        parallel::for_each(products, |(to, from)| {
            multiply_packed(from, block_panels, width, width, to, width);
        });
        let panels = &mut panels[..packed_length(size, width)];
        pack(scaled, width, panels);
        let (scaled, panels) = (&*scaled, &*panels);
        parallel::for_each(
            a.chunks_mut(ROWS * size).zip(column.chunks(ROWS * width)).enumerate(),
            |(chunk, (rows, column))| {
                let first = chunk * ROWS;
                let last = first + rows.len() / size;
                if (start..end).contains(&first) {
                    for (row, to) in (first - start..).zip(rows.chunks_exact_mut(size)) {
                        for (to, from) in to[..start].iter_mut().zip(scaled.chunks_exact(width)) {
                            *to = from[row];
                        }
                        for (to, from) in to[start..end].iter_mut().zip(&inverse[row * width..][..width]) {
                            *to = -from;
                        }
                    }
                    return;
                }
                // Up to the diagonal and slightly beyond: the upper triangle is undefined.
                let left = last.min(start);
                subtract_packed(column, &panels[..packed_length(left, width)], width, left, rows, size);
                if last > end {
                    let right = &panels[end * width..packed_length(last, width)];
                    subtract_packed(column, right, width, last - end, &mut rows[end..], size);
                    for (to, from) in
                        rows.chunks_exact_mut(size).zip(scaled[first * width..].chunks_exact(width))
                    {
                        to[start..end].copy_from_slice(from);
                    }
                }
            },
        );
    }
    mirror(a, size);
    Ok(true)
}

/// The inverse of the diagonal block, both triangles.
fn inverse_of_block(a: &[f32], size: usize, start: usize, end: usize) -> Option<Vec<f32>> {
    let width = end - start;
    let mut block: Vec<f64> = a[start * size..end * size]
        .chunks_exact(size)
        .flat_map(|row| &row[start..end])
        .map(|&x| f64::from(x))
        .collect();
    if !cholesky::decompose(&mut block, width) {
        return None;
    }
    let mut inverse = vec![0.0; width * width];
    for (row, to) in inverse.chunks_exact_mut(width).enumerate() {
        let mut unit = vec![0.0; width];
        unit[row] = 1.0;
        cholesky::substitute(&block, &mut unit);
        for (to, &value) in to.iter_mut().zip(&unit) {
            *to = value as f32;
        }
    }
    Some(inverse)
}

/// Negates the lower triangle and copies it to the upper one, in squares that stay in the cache.
fn mirror(a: &mut [f32], size: usize) {
    for top in (0..size).step_by(BLOCK) {
        for left in (0..=top).step_by(BLOCK) {
            for row in top..size.min(top + BLOCK) {
                for column in left..(left + BLOCK).min(row + 1) {
                    let value = -a[row * size + column];
                    a[row * size + column] = value;
                    a[column * size + row] = value;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `XᵀX + λI` of a random `X` with few ones, and its size.
    fn matrix(size: usize) -> Vec<f32> {
        let had = |user: usize, item: usize| (user * 7919 + item * item * 31 + user * item) % 11 < 2;
        let mut a = vec![0.0f32; size * size];
        for i in 0..size {
            for j in 0..size {
                let both = (0..2 * size).filter(|&user| had(user, i) && had(user, j)).count();
                a[i * size + j] = both as f32 + if i == j { 3.0 } else { 0.0 };
            }
        }
        a
    }

    fn inverted(a: &[f32], size: usize, threads: usize) -> Vec<f32> {
        let mut inverse = a.to_vec();
        // What is above the diagonal is not read.
        for row in 0..size {
            inverse[row * size + row + 1..(row + 1) * size].fill(f32::NAN);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| invert(&mut inverse, size, |_, _| Ok::<_, ()>(()))).unwrap());
        inverse
    }

    #[test]
    fn the_product_with_the_matrix_is_one() {
        for size in [1, 2, 31, 64, 65, 100, 200] {
            let a = matrix(size);
            let inverse = inverted(&a, size, 1);
            for i in 0..size {
                for j in 0..size {
                    let entries =
                        (0..size).map(|k| f64::from(a[i * size + k]) * f64::from(inverse[k * size + j]));
                    let expected = f64::from(u8::from(i == j));
                    let sum = entries.sum::<f64>();
                    // The largest eigenvalue is a thousand times the smallest: as many roundings at 6e-8, a few times.
                    assert!((sum - expected).abs() < 2e-3, "{size}: {i}, {j}: {sum}");
                    assert_eq!(inverse[i * size + j].to_bits(), inverse[j * size + i].to_bits());
                }
            }
            for threads in [2, 3, 8] {
                assert_eq!(inverted(&a, size, threads), inverse);
            }
        }
    }

    #[test]
    fn what_has_no_inverse_is_told() {
        let mut singular = vec![1.0; 4];
        assert_eq!(invert(&mut singular, 2, |_, _| Ok::<_, ()>(())), Ok(false));
        assert_eq!(invert(&mut [1.0], 1, |_, _| Err("enough")), Err("enough"));
    }
}
