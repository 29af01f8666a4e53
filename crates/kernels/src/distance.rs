//! Squared Euclidean distances, one or many at a time.

use crate::lanes::{LANES, Lanes};

/// Rows that are processed together, so that each chunk of `x` is read once for all of them. With four rows V8 runs out of
/// registers and spills to the stack.
const ROWS: usize = 2;

/// `‖x − y‖²` for `x, y: (d)`.
#[inline]
pub fn squared_distance(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len());
    let (x_lanes, x_rest) = x.as_chunks::<LANES>();
    let (y_lanes, y_rest) = y.as_chunks::<LANES>();
    let mut sums = Lanes::zero();
    for (x, y) in x_lanes.iter().zip(y_lanes) {
        sums = sums.plus_square(Lanes::load(x).minus(Lanes::load(y)));
    }
    if !x_rest.is_empty() {
        sums = sums.plus_square(Lanes::load_padded(x_rest).minus(Lanes::load_padded(y_rest)));
    }
    sums.sum()
}

/// `out[k] = ‖x − table[rows[k]]‖²` for `x: (d)`, `table: (m, d)` and `rows, out: (k)`, each with the bits of
/// [`squared_distance`].
#[inline]
pub fn squared_distances(x: &[f32], table: &[f32], rows: &[u32], out: &mut [f32]) {
    let d = x.len();
    assert_eq!(rows.len(), out.len());
    let (x_lanes, x_rest) = x.as_chunks::<LANES>();
    let (row_blocks, row_rest) = rows.as_chunks::<ROWS>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<ROWS>();
    for (rows, out) in row_blocks.iter().zip(out_blocks) {
        let (mut lanes, mut rests) = ([x_lanes; ROWS], [x_rest; ROWS]);
        for (&row, (lanes, rest)) in rows.iter().zip(lanes.iter_mut().zip(&mut rests)) {
            let (row_lanes, row_rest) = table[row as usize * d..][..d].as_chunks::<LANES>();
            (*lanes, *rest) = (&row_lanes[..x_lanes.len()], row_rest);
        }
        let mut sums = [Lanes::zero(); ROWS];
        for (chunk, x) in x_lanes.iter().enumerate() {
            let x = Lanes::load(x);
            for (sums, lanes) in sums.iter_mut().zip(lanes) {
                *sums = sums.plus_square(x.minus(Lanes::load(&lanes[chunk])));
            }
        }
        if !x_rest.is_empty() {
            let x = Lanes::load_padded(x_rest);
            for (sums, rest) in sums.iter_mut().zip(rests) {
                *sums = sums.plus_square(x.minus(Lanes::load_padded(rest)));
            }
        }
        *out = sums.map(Lanes::sum);
    }
    for (&row, out) in row_rest.iter().zip(out_rest) {
        *out = squared_distance(x, &table[row as usize * d..][..d]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distance_is_its_twin(pairs in prop::collection::vec((-1.0f32..1.0, -1.0f32..1.0), 0..200)) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            // Eight running sums of at most 25 squares below 4, rounded at 2^-24 of the partial sum each.
            prop_assert!((f64::from(squared_distance(&x, &y)) - reference::squared_distance(&x, &y)).abs() < 1e-4);
        }
    }

    #[test]
    fn many_are_each_alone() {
        let value = |k: usize| ((k * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0;
        for d in [8, 13, 64, 104] {
            let table: Vec<f32> = (0..11 * d).map(value).collect();
            let x: Vec<f32> = (0..d).map(|k| value(k + 77)).collect();
            for rows in [&[][..], &[3], &[1, 1, 2, 9], &[10, 0, 4, 5, 7, 2, 2]] {
                let mut out = vec![0.0; rows.len()];
                squared_distances(&x, &table, rows, &mut out);
                for (&row, out) in rows.iter().zip(out) {
                    let alone = squared_distance(&x, &table[row as usize * d..][..d]);
                    assert_eq!(out.to_bits(), alone.to_bits());
                }
            }
        }
    }
}
