//! Products with a sparse matrix, on the panels of [`crate::panels`]. The number of multiplications is that of the
//! entries times the columns of the other side.

use crate::panels::{PANEL, Panel, folded, length, panels};

/// A sparse matrix by rows: the entries of row `i` are at `starts[i]..ends[i]` of `columns` and `values`.
#[derive(Clone, Copy, Debug)]
pub struct Sparse<'a> {
    /// Start of each row's entries: `(rows)`.
    pub starts: &'a [u32],
    /// End of each row's entries: `(rows)`.
    pub ends: &'a [u32],
    /// Column of each entry.
    pub columns: &'a [u32],
    /// Value of each entry.
    pub values: &'a [f32],
}

/// `out += sparse · b` for one panel `b: (columns, PANEL)` and one panel `out: (rows, PANEL)`.
pub fn multiply(sparse: Sparse, b: &Panel, out: &mut Panel) {
    let Sparse { starts, ends, columns, values } = sparse;
    assert!(starts.len() == out.len() && ends.len() == out.len());
    for (out, (&start, &end)) in out.iter_mut().zip(starts.iter().zip(ends)) {
        let entries = start as usize..end as usize;
        let mut sums = *out;
        for (&column, &value) in columns[entries.clone()].iter().zip(&values[entries]) {
            let b = &b[column as usize];
            for lane in 0..PANEL {
                sums[lane] += value * b[lane];
            }
        }
        *out = sums;
    }
}

/// `out[e] = a[row(e)] · b[column(e)]` for the entries of the rows from `first` on, as many as `starts` has, of a sparse
/// matrix; its values are not used. `a: (a_rows, depth)` and `b: (b_rows, depth)` are in panels; `out` begins
/// with the entry `starts[0]`.
pub fn sample(
    (a, a_rows, first): (&[f32], usize, usize),
    (b, b_rows): (&[f32], usize),
    depth: usize,
    sparse: Sparse,
    out: &mut [f32],
) {
    let Sparse { starts, ends, columns, .. } = sparse;
    assert!(a.len() == length(a_rows, depth) && b.len() == length(b_rows, depth));
    assert!(starts.len() == ends.len() && first + starts.len() <= a_rows);
    let (Some(&begin), (a, _), (b, _)) = (starts.first(), a.as_chunks::<PANEL>(), b.as_chunks::<PANEL>())
    else {
        return;
    };
    for panel in 0..panels(depth) {
        let (a, b) = (&a[panel * a_rows + first..], &b[panel * b_rows..][..b_rows]);
        for (a, (&start, &end)) in a.iter().zip(starts.iter().zip(ends)) {
            let a = *a;
            let columns = &columns[start as usize..end as usize];
            let out = &mut out[(start - begin) as usize..(end - begin) as usize];
            for (out, &column) in out.iter_mut().zip(columns) {
                let b = &b[column as usize];
                let mut products = [0.0; PANEL];
                for lane in 0..PANEL {
                    products[lane] = a[lane] * b[lane];
                }
                let sum = folded(&products);
                *out = if panel == 0 { sum } else { *out + sum };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_are_their_twins(
            cells in prop::collection::vec((0usize..6, 0usize..9, -2.0f32..2.0), 0..30),
            depth in 1usize..80,
            gap in 0u32..3,
        ) {
            let (rows, columns) = (6, 9);
            // Row by row, with room left between them.
            let (mut starts, mut ends, mut at, mut values) = (vec![], vec![], vec![], vec![]);
            let mut dense = vec![0.0f32; rows * columns];
            for row in 0..rows {
                starts.push(at.len() as u32);
                for &(_, column, value) in cells.iter().filter(|cell| cell.0 == row) {
                    at.push(column as u32);
                    values.push(value);
                    dense[row * columns + column] += value;
                }
                ends.push(at.len() as u32);
                at.extend((0..gap).map(|_| 1000));
                values.extend((0..gap).map(|_| f32::NAN));
            }
            let sparse = Sparse { starts: &starts, ends: &ends, columns: &at, values: &values };
            let value = |seed: usize| move |k: usize| ((k + seed) * 2_654_435_761 % 1000) as f32 / 500.0 - 1.0;
            let b: Vec<f32> = (0..columns * PANEL).map(value(3)).collect();
            let mut out = vec![[0.5; PANEL]; rows];
            multiply(sparse, b.as_chunks::<PANEL>().0, &mut out);
            let b_columns: Vec<f32> = (0..PANEL * columns).map(|k| b[k % columns * PANEL + k / columns]).collect();
            let expected = reference::multiply_transposed(&dense, &b_columns, columns, rows, PANEL);
            for (got, expected) in out.as_flattened().iter().zip(expected) {
                prop_assert!((f64::from(*got) - 0.5 - expected).abs() < 1e-4);
            }

            let (a, b): (Vec<f32>, Vec<f32>) =
                ((0..rows * depth).map(value(1)).collect(), (0..columns * depth).map(value(2)).collect());
            let in_panels = |values: &[f32]| {
                let rows = values.len() / depth;
                let mut out = vec![0.0; length(rows, depth)];
                for (k, value) in values.iter().enumerate() {
                    out[(k % depth / PANEL * rows + k / depth) * PANEL + k % depth % PANEL] = *value;
                }
                out
            };
            let (a_panels, b_panels) = (in_panels(&a), in_panels(&b));
            let expected = reference::multiply_transposed(&a, &b, depth, rows, columns);
            for first in 0..rows {
                let part = Sparse { starts: &starts[first..], ends: &ends[first..], ..sparse };
                let mut out = vec![f32::NAN; at.len() - starts[first] as usize];
                sample((&a_panels, rows, first), (&b_panels, columns), depth, part, &mut out);
                for row in first..rows {
                    for e in starts[row]..ends[row] {
                        let got = out[(e - starts[first]) as usize];
                        let expected = expected[row * columns + at[e as usize] as usize];
                        prop_assert!((f64::from(got) - expected).abs() < 1e-4, "{got} for {expected}");
                    }
                }
            }
        }
    }
}
