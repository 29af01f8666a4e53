//! Alternating least squares: each side is solved exactly with the other side fixed.
//!
//! Each row is solved by one thread in the order of the ids, so the result does not depend on the number of threads.

use super::model::IalsModel;
use super::regression::{Fixed, Workspace};
use super::{Ials, Options, Solver};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::learn::cells::{self, Cells};
use crate::learn::table::{Rows, TableSpec, unpadded};
use std::sync::atomic::{AtomicUsize, Ordering};
use tastespace_kernels::eigen;
use tastespace_kernels::lanes::{LANES, padded};
use tastespace_kernels::matrix::{multiply_packed, pack, packed_length};
use tastespace_kernels::unit_ridge::add_column_gram_rows;
use tastespace_optim::parallel;

/// Rows that are rotated, or summed in `f32`, in one piece.
const PIECE: usize = 256;

/// Rows that a thread solves before it reports and looks for cancellation.
const ROWS_PER_TASK: usize = 32;

/// Training by alternating least squares.
pub(super) struct Alternating {
    options: Options,
    /// `(users, padded d)`
    users: Vec<f32>,
    /// `(items, padded d)`
    items: Vec<f32>,
    /// For each user the items with the roots of the weights, ascending.
    by_user: Cells,
    /// The same for each item.
    by_item: Cells,
    weight_scale: f32,
}

/// Bytes of training, in addition to the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let (d, width) = (options.factors as usize, padded(options.factors as usize));
    let tables = 4 * ((shape.users + shape.items) * width) as u64;
    let matrices = (16 * d * d + 8 * width * width) as u64;
    let workspaces = parallel::threads() as u64 * Workspace::bytes(d);
    let lists = cells::bytes(shape.users, shape.rows) + cells::bytes(shape.items, shape.rows);
    tables + matrices + workspaces + lists
}

/// The factor that makes the mean of these weights 1.
fn scale(weights: impl ExactSizeIterator<Item = f32>) -> f32 {
    let count = weights.len() as f64;
    (count / weights.map(f64::from).sum::<f64>()) as f32
}

impl Alternating {
    pub(super) fn new(options: &Options, problem: &Problem) -> Result<Self, ModelError> {
        let (train, columns, shape) = (&problem.train, problem.train.columns(), problem.shape());
        let weight = |row| options.weight(train.rating(row));
        let decay = options.decay.weights(Ials::NAME, problem)?;
        let decayed = |row| match &decay {
            Some(decay) => (f64::from(weight(row)) * decay(row)) as f32,
            None => weight(row),
        };
        // Transposed twice, so that both have ascending columns.
        let by_user = Cells::new(shape.items, &columns.items, &columns.users, (0..train.len()).map(decayed))
            .transposed(shape.users);
        // Of the ordered cells, so that the order of the rows does not matter.
        let trained_scale = scale(by_user.all().iter().map(|&(_, weight)| weight));
        let weight_scale = if decay.is_some() { scale((0..train.len()).map(weight)) } else { trained_scale };
        let by_user = by_user.map(|weight| root(weight, trained_scale));
        let by_item = by_user.transposed(shape.items);
        let table = |name, rows, stream, trained: Vec<bool>| {
            let deviation = options.initial_deviation / f64::from(options.factors).sqrt();
            let spec = TableSpec::new(name, rows, stream, options.factors, deviation).padded();
            spec.initial_matrix(problem, &trained).into_raw_vec_and_offset().0
        };
        let users = table("user_vectors", Rows::Users, 0, problem.trained_users());
        let items = table("item_vectors", Rows::Items, 1, problem.trained_items());
        let mut start = Self { options: options.clone(), users, items, by_user, by_item, weight_scale };
        if let Some(before) = &problem.start {
            start.fold_in_new_users(&before.users)?;
        }
        Ok(start)
    }

    /// Solves the users that were not trained before. Items would be fitted to random embeddings otherwise.
    fn fold_in_new_users(&mut self, trained: &[bool]) -> Result<(), ModelError> {
        let width = padded(self.options.factors as usize);
        let fixed = Fixed::new(&self.items, width);
        let mut workspace = Workspace::new(&fixed, &self.options);
        let users = self.users.chunks_exact_mut(width).enumerate().zip(trained);
        for ((user, vector), _) in users.filter(|(_, trained)| !**trained) {
            let cells = self.by_user.of(user);
            if !cells.is_empty() {
                workspace.solve(cells, vector).ok_or_else(singular)?;
            }
        }
        Ok(())
    }

    fn model(&self) -> IalsModel {
        let d = self.options.factors as usize;
        let matrix = |table: &[f32]| unpadded(table, padded(d), d);
        IalsModel::new(matrix(&self.users), matrix(&self.items), self.weight_scale, &self.options)
    }
}

/// The root of a weight in the mean.
pub(super) fn root(weight: f32, scale: f32) -> f32 {
    (f64::from(weight) * f64::from(scale)).sqrt() as f32
}

fn singular() -> ModelError {
    ModelError::Singular { kind: Ials::NAME, option: "penalty" }
}

/// The Gramian of `vectors: (rows, width)`, without the padding: `(d, d)`. Pieces are summed in `f32`, and added in `f64`.
fn gramian(vectors: &[f32], width: usize, d: usize) -> Vec<f64> {
    let mut gram = vec![0.0f64; d * d];
    parallel::for_each(gram.chunks_mut(LANES * d).enumerate(), |(block, sums)| {
        let rows = block * LANES..(block + 1) * LANES;
        let mut part = vec![0.0f32; LANES * width];
        for piece in vectors.chunks(PIECE * width) {
            part.fill(0.0);
            add_column_gram_rows(&mut part, piece, width, rows.clone());
            for (sums, part) in sums.chunks_exact_mut(d).zip(part.chunks_exact(width)) {
                sums.iter_mut().zip(part).for_each(|(sum, &value)| *sum += f64::from(value));
            }
        }
    });
    for row in 0..d {
        for column in 0..row {
            gram[column * d + row] = gram[row * d + column];
        }
    }
    gram
}

/// The eigenvectors of the Gramian of `vectors: (rows, width)`, packed for products with rows.
fn eigenvectors(vectors: &[f32], width: usize, d: usize) -> Vec<f32> {
    let mut gram = gramian(vectors, width, d);
    eigen::decompose(&mut gram, &mut vec![0.0; d], &mut vec![0.0; d]);
    let mut padded = vec![0.0f32; width * width];
    for (to, from) in padded.chunks_exact_mut(width).zip(gram.chunks_exact(d)) {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = from as f32);
    }
    let mut panels = vec![0.0; packed_length(width, width)];
    pack(&padded, width, &mut panels);
    panels
}

/// Solves all rows of `side: (rows, width)` with the `other` side fixed, after rotating both. A row without cells is only rotated.
/// Returns the sum of the rows' objectives.
fn solve_side(
    side: &mut [f32],
    other: &mut [f32],
    cells: &Cells,
    options: &Options,
    check: &(impl Fn(usize) -> Result<(), ModelError> + Sync),
) -> Result<(f64, usize), ModelError> {
    let d = options.factors as usize;
    let width = padded(d);
    let panels = eigenvectors(other, width, d);
    let rotate = |rows: &mut [f32], rotated: &mut [f32]| {
        let rotated = &mut rotated[..rows.len()];
        multiply_packed(rows, &panels, width, width, rotated, width);
        rows.copy_from_slice(rotated);
    };
    parallel::for_each_with(
        other.chunks_mut(PIECE * width),
        || vec![0.0; PIECE * width],
        |rotated, rows| rotate(rows, rotated),
    );
    let fixed = Fixed::new(other, width);
    let done = AtomicUsize::new(0);
    let sums = parallel::try_map_with(
        side.chunks_mut(ROWS_PER_TASK * width).enumerate(),
        || (Workspace::new(&fixed, options), vec![0.0; ROWS_PER_TASK * width]),
        |(workspace, rotated), (task, rows)| {
            let cells = |row| cells.of(task * ROWS_PER_TASK + row);
            // An exact solution does not depend on the row so far.
            if options.solver != Solver::Exact || (0..rows.len() / width).any(|row| cells(row).is_empty()) {
                rotate(rows, rotated);
            }
            let mut sum = 0.0;
            for (row, vector) in rows.chunks_exact_mut(width).enumerate() {
                let cells = cells(row);
                if cells.is_empty() {
                    continue;
                }
                let objective = match options.solver {
                    Solver::Exact => workspace.solve(cells, vector),
                    Solver::ConjugateGradient => workspace.descend(cells, vector),
                };
                sum += objective.ok_or_else(singular)?;
            }
            check(done.fetch_add(rows.len() / width, Ordering::Relaxed))?;
            Ok::<f64, ModelError>(sum)
        },
    )?;
    Ok((sums.iter().sum(), fixed.trained()))
}

impl Trainer for Alternating {
    /// The loss is the objective, per interaction.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let Self { options, users, items, by_user, by_item, .. } = self;
        let width = padded(options.factors as usize);
        let (user_rows, item_rows) = (users.len() / width, items.len() / width);
        let all = user_rows + item_rows;
        control.check(0, all)?;
        let check = |before: usize| move |done: usize| control.check(before + done, all);
        let (_, trained_users) = solve_side(items, users, by_item, options, &check(0))?;
        let (objective, _) = solve_side(users, items, by_user, options, &check(item_rows))?;
        let penalties = items.chunks_exact(width).enumerate().map(|(item, vector)| {
            let square: f64 = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
            options.row_penalty(by_item.of(item).len(), trained_users) * square
        });
        Ok((objective + penalties.sum::<f64>()) / by_user.len() as f64)
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(self.model())
    }
}
