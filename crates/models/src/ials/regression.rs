//! The regression of one row on the embeddings of the other side, in training and in fold-in.
//!
//! With the other side rotated so that its Gramian is diagonal, `Λ`, the objective of a row is
//!
//! `Σ c_j (x·y_j − 1)² + Σ_k D_k x_k²`, `D = α Λ + λ_row`.
//!
//! In `w = D^½ x` and `z_j = √c_j D^-½ y_j` it is `‖Z w − √c‖² + ‖w‖²`, which a row with fewer positives than factors solves
//! in a system of as many unknowns as positives. Conjugate gradient takes a few steps in the same `w` from the row so far: the
//! change of variables is its preconditioner.

use super::Options;
use tastespace_kernels::conjugate_gradient::{self, add_gram_product, add_residual_product, descend};
use tastespace_kernels::lanes::{LANES, padded};
use tastespace_kernels::matrix::packed_length;
use tastespace_kernels::unit_ridge::{add_column_gram, row_gram, solve};
use tastespace_kernels::vector::{add_scaled, dot};
use tastespace_optim::parallel;

/// Rows that are summed in one piece.
const PIECE: usize = 1024;

/// Values of `z` that are kept at once, at least.
const KEPT: usize = 1 << 15;

/// The side that is fixed.
pub(super) struct Fixed<'a> {
    /// `(rows, d)`
    vectors: &'a [f32],
    d: usize,
    /// The diagonal of the Gramian: `(d)`.
    spectrum: Vec<f64>,
    /// Rows that are not 0.
    trained: usize,
}

impl<'a> Fixed<'a> {
    /// A side whose Gramian is diagonal.
    pub(super) fn new(vectors: &'a [f32], d: usize) -> Self {
        let pieces = parallel::map(vectors.chunks(PIECE * d), |piece| {
            let (mut squares, mut trained) = (vec![0.0; d], 0);
            for vector in piece.chunks_exact(d) {
                for (square, &value) in squares.iter_mut().zip(vector) {
                    *square += f64::from(value) * f64::from(value);
                }
                trained += usize::from(vector.iter().any(|&value| value != 0.0));
            }
            (squares, trained)
        });
        let mut spectrum = vec![0.0; d];
        for (squares, _) in &pieces {
            spectrum.iter_mut().zip(squares).for_each(|(sum, square)| *sum += square);
        }
        Self { vectors, d, spectrum, trained: pieces.iter().map(|(_, trained)| trained).sum() }
    }

    pub(super) fn trained(&self) -> usize {
        self.trained
    }

    pub(super) fn vector(&self, row: u32) -> &'a [f32] {
        &self.vectors[row as usize * self.d..][..self.d]
    }

    /// `D: (d)` of a row with this penalty.
    pub(super) fn diagonal(&self, options: &Options, penalty: f64) -> impl Iterator<Item = f64> {
        self.spectrum.iter().map(move |value| options.unobserved_weight * value + penalty)
    }
}

/// The memory of regressions on one fixed side, for any number of positives.
pub(super) struct Workspace<'a> {
    fixed: &'a Fixed<'a>,
    options: &'a Options,
    /// Penalties of rows with few positives, NaN until they are needed.
    penalties: [f64; 64],
    /// Factors, padded.
    width: usize,
    /// Rows `z_j: (width)`, at least `width` of them.
    z: Vec<f32>,
    panels: Vec<f32>,
    /// `(width, width)` at most.
    gram: Vec<f32>,
    right: Vec<f32>,
    /// `√c` of the rows in `z`.
    targets: Vec<f32>,
    /// `w`
    solution: Vec<f32>,
    /// `D^-½`
    scale: Vec<f32>,
    panel: Vec<f32>,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(fixed: &'a Fixed<'a>, options: &'a Options) -> Self {
        let width = padded(options.factors as usize);
        let square = || vec![0.0; width * width];
        Self {
            fixed,
            options,
            penalties: [f64::NAN; 64],
            width,
            z: vec![0.0; kept_rows(width) * width],
            panels: vec![0.0; packed_length(width, width)],
            gram: square(),
            right: vec![0.0; width],
            targets: vec![0.0; kept_rows(width)],
            solution: vec![0.0; width],
            scale: vec![0.0; width],
            panel: vec![0.0; width * LANES],
        }
    }

    pub(super) fn bytes(factors: usize) -> u64 {
        let (width, kept) = (padded(factors) as u64, kept_rows(padded(factors)) as u64);
        4 * (2 * width * width + kept * (width + 1) + width * (3 + LANES as u64))
    }

    /// Writes the row that minimizes the objective for `cells`, pairs of a row of the fixed side and `√c`, to `out: (d)` or
    /// longer. Returns the objective, or none if rounding made the system indefinite.
    pub(super) fn solve(&mut self, cells: &[(u32, f32)], out: &mut [f32]) -> Option<f64> {
        let Self { width, fixed, .. } = *self;
        self.set_scale(cells.len());
        let count = padded(cells.len());
        let objective;
        if count < width {
            gather(&mut self.z[..count * width], &self.scale, width, fixed, cells);
            let (z, gram) = (&self.z[..count * width], &mut self.gram[..count * count]);
            row_gram(z, width, &mut self.panels[..count * width], gram);
            // The solution is the residuals.
            let residuals = &mut self.right[..count];
            residuals.fill(0.0);
            residuals.iter_mut().zip(cells).for_each(|(value, &(_, root))| *value = root);
            if !solve(gram, residuals, &mut self.panel) {
                return None;
            }
            let products = residuals.iter().zip(cells).map(|(e, &(_, t))| f64::from(*e) * f64::from(t));
            objective = products.sum();
            let w = &mut self.solution;
            w.fill(0.0);
            for (&residual, z) in residuals.iter().zip(z.chunks_exact(width)) {
                add_scaled(w, residual, z);
            }
        } else {
            self.gram.fill(0.0);
            self.right.fill(0.0);
            for cells in cells.chunks(width) {
                let rows = padded(cells.len()) * width;
                gather(&mut self.z[..rows], &self.scale, width, fixed, cells);
                let z = &self.z[..padded(cells.len()) * width];
                add_column_gram(&mut self.gram, z, width);
                for (&(_, root), z) in cells.iter().zip(z.chunks_exact(width)) {
                    add_scaled(&mut self.right, root, z);
                }
            }
            self.solution.copy_from_slice(&self.right);
            if !solve(&mut self.gram, &mut self.solution, &mut self.panel) {
                return None;
            }
            let weights: f64 = cells.iter().map(|&(_, root)| f64::from(root) * f64::from(root)).sum();
            objective = weights - f64::from(dot(&self.right, &self.solution));
        }
        self.write(out);
        Some(objective)
    }

    /// Takes the steps of conjugate gradient from `row: (d)` or longer toward the row of [`solve`](Self::solve). Returns the
    /// objective, or none if it is not finite.
    pub(super) fn descend(&mut self, cells: &[(u32, f32)], row: &mut [f32]) -> Option<f64> {
        self.set_scale(cells.len());
        let (fixed, steps) = (self.fixed, self.options.solver_steps);
        self.solution.fill(0.0);
        for ((w, value), scale) in self.solution.iter_mut().zip(&*row).zip(&self.scale) {
            *w = value / scale;
        }
        let Self { width, z, targets, right, solution, scale, panel, .. } = self;
        let (width, at_once) = (*width, targets.len());
        let rows = |cells: &[(u32, f32)]| cells.len().next_multiple_of(conjugate_gradient::ROWS);
        // The residual of the regression.
        right.iter_mut().zip(&*solution).for_each(|(residual, w)| *residual = -w);
        let mut objective = f64::from(dot(solution, solution));
        for cells in cells.chunks(at_once) {
            gather(&mut z[..rows(cells) * width], scale, width, fixed, cells);
            let targets = &mut targets[..rows(cells)];
            targets.fill(0.0);
            targets.iter_mut().zip(cells).for_each(|(target, &(_, root))| *target = root);
            objective += add_residual_product(&z[..rows(cells) * width], targets, solution, right);
        }
        let single = cells.len() <= at_once;
        let (direction, rest) = panel.split_at_mut(width);
        objective -= descend(solution, right, [direction, &mut rest[..width]], steps, |p, out| {
            for cells in cells.chunks(at_once) {
                // The rows of a single piece are still there.
                if !single {
                    gather(&mut z[..rows(cells) * width], scale, width, fixed, cells);
                }
                add_gram_product(&z[..rows(cells) * width], p, out);
            }
        });
        self.write(row);
        objective.is_finite().then_some(objective)
    }

    /// `D^-½` of a row with so many positives.
    fn set_scale(&mut self, positives: usize) {
        let penalty = || self.options.row_penalty(positives, self.fixed.trained);
        let penalty = match self.penalties.get_mut(positives) {
            Some(known) if known.is_nan() => {
                *known = penalty();
                *known
            }
            Some(known) => *known,
            None => penalty(),
        };
        for (scale, value) in self.scale.iter_mut().zip(self.fixed.diagonal(self.options, penalty)) {
            *scale = (1.0 / value.sqrt()) as f32;
        }
    }

    /// Writes `x = D^-½ w`.
    fn write(&self, out: &mut [f32]) {
        for ((out, w), scale) in out.iter_mut().zip(&self.solution).zip(&self.scale) {
            *out = w * scale;
        }
    }
}

/// Rows `z_j: (width)` that are kept at once.
fn kept_rows(width: usize) -> usize {
    width.max(KEPT / width / LANES * LANES)
}

/// Writes `z_j` of the cells to the first rows of `z`, and zeros to the others. `scale: (width)`.
fn gather(z: &mut [f32], scale: &[f32], width: usize, fixed: &Fixed, cells: &[(u32, f32)]) {
    let mut rows = z.chunks_exact_mut(width);
    for (&(other, root), row) in cells.iter().zip(rows.by_ref()) {
        let values = fixed.vector(other).iter().zip(scale);
        for (z, (value, scale)) in row.iter_mut().zip(values) {
            *z = root * scale * value;
        }
        row[fixed.d..].fill(0.0);
    }
    rows.for_each(|row| row.fill(0.0));
}
