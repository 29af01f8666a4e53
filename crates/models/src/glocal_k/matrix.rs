//! A matrix in panels of columns ([`tastespace_kernels::panels`]); each panel is the slice of one task.

use ndarray::Array2;
use tastespace_kernels::panels::{PANEL, Panel, length, panels};
use tastespace_optim::parallel;

/// `(rows, columns)` in panels.
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f32>,
}

impl Matrix {
    pub(super) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; length(rows, columns)] }
    }

    /// Bytes of such a matrix.
    pub(super) fn bytes(rows: usize, columns: usize) -> u64 {
        4 * length(rows, columns) as u64
    }

    /// Columns of a panel without padding.
    pub(super) fn width(&self, panel: usize) -> usize {
        (self.columns - panel * PANEL).min(PANEL)
    }

    pub(super) fn panel(&self, panel: usize) -> &Panel {
        &self.values.as_chunks::<PANEL>().0[panel * self.rows..][..self.rows]
    }

    /// Processes all panels in parallel.
    pub(super) fn each_panel(&mut self, work: impl Fn(usize, &mut Panel) + Sync) {
        let panels = self.values.chunks_mut((self.rows * PANEL).max(1)).enumerate();
        parallel::for_each(panels, |(number, panel)| work(number, panel.as_chunks_mut::<PANEL>().0));
    }

    /// Becomes the transpose of `other`.
    pub(super) fn transpose(&mut self, other: &Self) {
        assert!(self.rows == other.columns && self.columns == other.rows);
        self.each_panel(|number, panel| {
            for (row, out) in panel.iter_mut().enumerate() {
                let from = &other.panel(row / PANEL)[number * PANEL..];
                for (out, from) in out.iter_mut().zip(from) {
                    *out = from[row % PANEL];
                }
            }
        });
    }

    /// The matrix in row-major order.
    pub(super) fn row_major(&self) -> Array2<f32> {
        Array2::from_shape_fn((self.rows, self.columns), |(row, column)| {
            self.values[(column / PANEL * self.rows + row) * PANEL + column % PANEL]
        })
    }
}

/// The part of a vector that belongs to a panel, padded with zeros.
pub(super) fn lanes_of(values: &[f32], panel: usize) -> [f32; PANEL] {
    let mut lanes = [0.0; PANEL];
    let rest = &values[panel * PANEL..];
    let width = rest.len().min(PANEL);
    lanes[..width].copy_from_slice(&rest[..width]);
    lanes
}

/// Applies `part` to every panel of a vector of `columns` values and writes the results without padding to `out` by `put`.
pub(super) fn by_panels(
    out: &mut [f32],
    part: impl Fn(usize) -> [f32; PANEL] + Sync,
    put: impl Fn(&mut f32, f32) + Sync,
) {
    debug_assert_eq!(panels(out.len()), out.len().div_ceil(PANEL));
    parallel::for_each(out.chunks_mut(PANEL).enumerate(), |(panel, out)| {
        for (out, value) in out.iter_mut().zip(part(panel)) {
            put(out, value);
        }
    });
}
