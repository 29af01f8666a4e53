//! Dense products of matrices stored in panels of [`PANEL`] columns: a panel is `(rows, PANEL)`, row-major, and a
//! matrix is a sequence of panels, the last one padded with zeros.
//!
//! With this layout a product needs no packing, whichever side is transposed; a panel of the result is one thread's
//! slice; and the rows that a sparse product gathers from a panel stay in the cache. Each output element has one
//! accumulator, summed in the order of `k`: the bits do not depend on the blocking.

use crate::lanes::{LANES, Lanes};

/// Columns of a panel.
pub const PANEL: usize = 32;

/// Rows of the right-hand side per block: 16 KiB of a panel, half of a first-level cache.
const DEPTH: usize = 128;

/// Rows of a tile of outputs in registers. A tile is [`LANES`] wide.
const ROWS: usize = 4;

/// Rows of one panel.
pub type Panel = [[f32; PANEL]];

/// Panels that hold `columns` columns.
pub const fn panels(columns: usize) -> usize {
    columns.div_ceil(PANEL)
}

/// Length of a matrix in panels.
pub const fn length(rows: usize, columns: usize) -> usize {
    rows * panels(columns) * PANEL
}

/// `out (+)= a · b` for `a: (rows, depth)` in panels, one panel `b: (depth, PANEL)`, and one panel `out: (rows, PANEL)`, of
/// which only the first `width` columns are computed, rounded up to whole lanes.
pub fn multiply(a: &[f32], b: &Panel, width: usize, add: bool, out: &mut Panel) {
    let (rows, depth) = (out.len(), b.len());
    assert_eq!(a.len(), length(rows, depth));
    assert!(width <= PANEL);
    if !add {
        out.fill([0.0; PANEL]);
    }
    let a = a.as_chunks::<PANEL>().0;
    for (block, b) in b.chunks(DEPTH).enumerate() {
        let a = &a[block * DEPTH / PANEL * rows..];
        let mut row = 0;
        while row < rows {
            let tall = row + ROWS <= rows;
            for strip in 0..width.div_ceil(LANES) {
                if tall {
                    tile::<ROWS>(a, rows, row, b, strip, out);
                } else {
                    tile::<1>(a, rows, row, b, strip, out);
                }
            }
            row += if tall { ROWS } else { 1 };
        }
    }
}

/// Adds to `N` rows of one strip of lanes the products of `a`'s rows with up to [`DEPTH`] rows of `b`.
#[inline(always)]
fn tile<const N: usize>(a: &Panel, rows: usize, row: usize, b: &Panel, strip: usize, out: &mut Panel) {
    assert!(strip < PANEL / LANES);
    let out = &mut out[row..row + N];
    let mut sums: [[f32; LANES]; N] = std::array::from_fn(|r| lanes(&out[r])[strip]);
    for (panel, b) in b.chunks(PANEL).enumerate() {
        let a: &[[f32; PANEL]; N] = a[panel * rows + row..][..N].try_into().expect("N rows were taken");
        for k in 0..b.len().min(PANEL) {
            let b = &lanes(&b[k])[strip];
            for r in 0..N {
                let value = a[r][k];
                for lane in 0..LANES {
                    sums[r][lane] += value * b[lane];
                }
            }
        }
    }
    for r in 0..N {
        out[r].as_chunks_mut::<LANES>().0[strip] = sums[r];
    }
}

#[inline(always)]
fn lanes(row: &[f32; PANEL]) -> &[[f32; LANES]; PANEL / LANES] {
    row.as_chunks::<LANES>().0.try_into().expect("a panel is whole lanes")
}

/// `out (+)= aᵀ · b` for `a: (depth, rows)` in panels, one panel `b: (depth, PANEL)`, and one panel `out: (rows, PANEL)`, of
/// which only the first `width` columns are computed, rounded up to whole lanes.
pub fn multiply_transposed(a: &[f32], b: &Panel, width: usize, add: bool, out: &mut Panel) {
    let (rows, depth) = (out.len(), b.len());
    assert_eq!(a.len(), length(depth, rows));
    assert!(width <= PANEL);
    if !add {
        out.fill([0.0; PANEL]);
    }
    if depth == 0 {
        return;
    }
    let a = a.as_chunks::<PANEL>().0;
    for (block, b) in b.chunks(DEPTH).enumerate() {
        for (panel, out) in out.chunks_mut(PANEL).enumerate() {
            let a = &a[panel * depth + block * DEPTH..][..b.len()];
            for (group, out) in out.chunks_mut(ROWS).enumerate() {
                for strip in 0..width.div_ceil(LANES) {
                    tile_transposed(a, group, b, strip, out);
                }
            }
        }
    }
}

/// Adds to up to [`ROWS`] rows of one strip of lanes the products of `a`'s columns, from `ROWS · group` on, with `b`.
#[inline(always)]
fn tile_transposed(a: &Panel, group: usize, b: &Panel, strip: usize, out: &mut Panel) {
    assert!(strip < PANEL / LANES && group < PANEL / ROWS && out.len() <= ROWS);
    let mut sums = [[0.0f32; LANES]; ROWS];
    for (sums, out) in sums.iter_mut().zip(&*out) {
        *sums = lanes(out)[strip];
    }
    for (a, b) in a.iter().zip(b) {
        let a = &a.as_chunks::<ROWS>().0[group];
        let b = &lanes(b)[strip];
        for r in 0..ROWS {
            for lane in 0..LANES {
                sums[r][lane] += a[r] * b[lane];
            }
        }
    }
    for (sums, out) in sums.iter().zip(out) {
        out.as_chunks_mut::<LANES>().0[strip] = *sums;
    }
}

/// Sums of the columns of one panel. Blocks of rows are added up first, so that long columns stay exact.
pub fn column_sums(panel: &Panel) -> [f32; PANEL] {
    let mut sums = [0.0; PANEL];
    for rows in panel.chunks(DEPTH) {
        let mut block = [0.0; PANEL];
        for row in rows {
            for lane in 0..PANEL {
                block[lane] += row[lane];
            }
        }
        for lane in 0..PANEL {
            sums[lane] += block[lane];
        }
    }
    sums
}

/// Sums of the columns of one panel, its rows weighted by `weights: (rows)`.
pub fn weighted_sums(panel: &Panel, weights: &[f32]) -> [f32; PANEL] {
    assert_eq!(panel.len(), weights.len());
    let mut sums = [0.0; PANEL];
    for (rows, weights) in panel.chunks(DEPTH).zip(weights.chunks(DEPTH)) {
        let mut block = [0.0; PANEL];
        for (row, weight) in rows.iter().zip(weights) {
            for lane in 0..PANEL {
                block[lane] += weight * row[lane];
            }
        }
        for lane in 0..PANEL {
            sums[lane] += block[lane];
        }
    }
    sums
}

/// `out += panel · vector` for `panel: (rows, PANEL)` and `out: (rows)`.
pub fn add_products(panel: &Panel, vector: &[f32; PANEL], out: &mut [f32]) {
    assert_eq!(panel.len(), out.len());
    for (row, out) in panel.iter().zip(out) {
        let mut products = [0.0; PANEL];
        for lane in 0..PANEL {
            products[lane] = row[lane] * vector[lane];
        }
        *out += folded(&products);
    }
}

/// Sum of a row of a panel: as lanes, then as a tree.
#[inline(always)]
pub(crate) fn folded(row: &[f32; PANEL]) -> f32 {
    let [a, b, c, d] = lanes(row).each_ref().map(Lanes::load);
    a.plus(b).plus(c.plus(d)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    /// A matrix in panels from one that is row-major.
    pub(crate) fn in_panels(values: &[f32], columns: usize) -> Vec<f32> {
        let rows = values.len() / columns.max(1);
        let mut out = vec![0.0; length(rows, columns)];
        for (row, values) in values.chunks_exact(columns.max(1)).enumerate() {
            for (column, value) in values.iter().enumerate() {
                out[(column / PANEL * rows + row) * PANEL + column % PANEL] = *value;
            }
        }
        out
    }

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn products_are_their_twins(rows in 1usize..70, depth in 1usize..300, columns in 1usize..70, add: bool) {
            let (a, b, old) = (values(rows * depth, 1), values(depth * columns, 7), values(rows * columns, 3));
            let transposed: Vec<f32> = (0..depth * rows).map(|k| a[k % rows * depth + k / rows]).collect();
            let (a_panels, t_panels) = (in_panels(&a, depth), in_panels(&transposed, rows));
            let (b_panels, old_panels) = (in_panels(&b, columns), in_panels(&old, columns));
            let b_columns: Vec<f32> = (0..depth * columns).map(|k| b[k % depth * columns + k / depth]).collect();
            let expected = reference::multiply_transposed(&a, &b_columns, depth, rows, columns);
            type Product = fn(&[f32], &Panel, usize, bool, &mut Panel);
            let ways = [(multiply as Product, &a_panels), (multiply_transposed, &t_panels)];
            for (way, left) in ways {
                let mut out = old_panels.clone();
                for panel in 0..panels(columns) {
                    let b = &b_panels.as_chunks::<PANEL>().0[panel * depth..][..depth];
                    let out = &mut out.as_chunks_mut::<PANEL>().0[panel * rows..][..rows];
                    way(left, b, (columns - panel * PANEL).min(PANEL), add, out);
                }
                let start = |k: usize| if add { f64::from(old[k]) } else { 0.0 };
                let expected: Vec<f32> = expected.iter().enumerate().map(|(k, x)| (x + start(k)) as f32).collect();
                for (got, expected) in out.iter().zip(in_panels(&expected, columns)) {
                    // Up to 300 products below 1, each rounded at 2^-24 of a sum of order 10.
                    prop_assert!((got - expected).abs() < 1e-4, "{got} for {expected}");
                }
            }
        }
    }

    #[test]
    fn columns_and_rows_are_summed() {
        let rows = 300;
        let (a, weights) = (values(rows * PANEL, 5), values(rows, 9));
        let panel = a.as_chunks::<PANEL>().0;
        let (sums, weighted) = (column_sums(panel), weighted_sums(panel, &weights));
        for column in 0..PANEL {
            let at = |row: usize| f64::from(a[row * PANEL + column]);
            let expected: f64 = (0..rows).map(at).sum();
            assert!((f64::from(sums[column]) - expected).abs() < 1e-4);
            let expected: f64 = (0..rows).map(|row| f64::from(weights[row]) * at(row)).sum();
            assert!((f64::from(weighted[column]) - expected).abs() < 1e-4);
        }
        let mut products = vec![0.5; rows];
        add_products(panel, &sums, &mut products);
        for (row, product) in panel.iter().zip(products) {
            assert!((f64::from(product) - 0.5 - reference::dot(row, &sums)).abs() < 1e-4);
        }
    }
}
