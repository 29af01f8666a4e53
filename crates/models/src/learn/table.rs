//! Embedding tables: declaration, initial values, optimizer state, updates.

use super::optimizer::{BatchOptions, Optimizer, RowMut, Update};
use super::row_gradients::RowGradients;
use crate::contract::kind::Shape;
use crate::contract::tensor::values_mut;
use crate::contract::trainer::{Problem, Start};
use ndarray::Array2;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::padded;
use tastespace_kernels::vector::clip_to_ball;
use tastespace_optim::parallel;

/// The meaning of the rows of a table.
#[derive(Clone, Copy)]
pub enum Rows {
    /// One row per user.
    Users,
    /// One row per item.
    Items,
    /// A fixed number of rows.
    Fixed(usize),
}

/// The declaration of an embedding table.
#[derive(Clone, Copy)]
pub struct TableSpec {
    /// Name of its tensor in the model file.
    pub name: &'static str,
    /// The meaning of its rows.
    pub rows: Rows,
    /// Number of its random stream.
    pub stream: u64,
    /// Embedding dimension.
    pub factors: usize,
    /// Values of a row; those beyond `factors` start at 0.
    pub width: usize,
    /// Standard deviation of the initial values.
    pub deviation: f64,
    /// Radius that the initial embeddings are clipped to, or 0.
    pub radius: f64,
    /// Whether every [`ROWS_PER_STREAM`] rows have a random stream of their own.
    pub split: bool,
}

/// Rows that share a random stream in a table whose streams are split.
pub const ROWS_PER_STREAM: usize = 1024;

impl TableSpec {
    /// A table without padding or clipping.
    pub fn new(name: &'static str, rows: Rows, stream: u64, factors: u32, deviation: f64) -> Self {
        let factors = factors as usize;
        Self { name, rows, stream, factors, width: factors, deviation, radius: 0.0, split: false }
    }

    /// The same with a random stream for every [`ROWS_PER_STREAM`] rows, so that a machine with a part of the rows samples no others.
    pub fn split(self) -> Self {
        Self { split: true, ..self }
    }

    /// The same with rows padded to whole lanes.
    pub fn padded(self) -> Self {
        Self { width: padded(self.factors), ..self }
    }

    /// Number of rows.
    pub fn count(&self, shape: Shape) -> usize {
        match self.rows {
            Rows::Users => shape.users,
            Rows::Items => shape.items,
            Rows::Fixed(count) => count,
        }
    }

    /// Bytes of the table with its optimizer state.
    pub fn bytes(&self, shape: Shape, optimizer: Optimizer) -> u64 {
        Table::bytes(self.count(shape), self.width, optimizer)
    }

    /// The table with its initial values.
    pub fn build(&self, problem: &Problem, options: &BatchOptions) -> Table {
        let values = self.initial(problem);
        let table = Table::new(values, self.width, options.optimizer, options.initial_accumulator);
        let known = problem.start.as_ref().and_then(|start| self.known(start));
        Table { known: known.cloned(), ..table }
    }

    /// Which rows were trained before; `None` where all of them were.
    fn known<'a>(&self, start: &'a Start) -> Option<&'a Vec<bool>> {
        match self.rows {
            Rows::Users => Some(&start.users),
            Rows::Items => Some(&start.items),
            Rows::Fixed(_) => None,
        }
    }

    /// Initial values: Normal(0, deviation), or the values trained in an earlier run. `(rows, width)`.
    pub fn initial(&self, problem: &Problem) -> Vec<f32> {
        let Self { factors, width, .. } = *self;
        let count = self.count(problem.shape());
        let mut values = vec![0.0; count * width];
        let rows_per_stream = if self.split { ROWS_PER_STREAM } else { count.max(1) };
        parallel::for_each(values.chunks_mut(rows_per_stream * width).enumerate(), |(part, rows)| {
            self.sample(problem.seed, part, rows);
        });
        let Some(start) = &problem.start else { return values };
        let known = self.known(start);
        let trained = start.values(self.name).chunks_exact(factors);
        for (index, (row, trained)) in values.chunks_exact_mut(width).zip(trained).enumerate() {
            // An embedding of zeros belongs to a user or item that has not been trained.
            if known.is_none_or(|known| known[index]) && trained.iter().any(|&value| value != 0.0) {
                row[..factors].copy_from_slice(trained);
            }
        }
        values
    }

    /// Fills the rows of one random stream, the `part`-th of the table, with their initial values.
    pub fn sample(&self, seed: u64, part: usize, rows: &mut [f32]) {
        let mut rng = Rng::stream(seed, Purpose::Initial, part as u64, self.stream);
        for row in rows.chunks_exact_mut(self.width) {
            // Every row takes its values from the stream, so that one row's values do not depend on the others.
            row[..self.factors].fill_with(|| (rng.normal() * self.deviation) as f32);
            if self.radius > 0.0 {
                clip_to_ball(row, self.radius as f32);
            }
        }
    }

    /// Initial values as a matrix, in which rows that are not `trained` are 0.
    pub fn initial_matrix(&self, problem: &Problem, trained: &[bool]) -> Array2<f32> {
        let mut values = self.initial(problem);
        for (row, _) in values.chunks_exact_mut(self.width).zip(trained).filter(|(_, trained)| !**trained) {
            row.fill(0.0);
        }
        Array2::from_shape_vec((trained.len(), self.width), values).expect("there is a row for each")
    }
}

/// Parameters in rows of one width, with their optimizer state.
pub struct Table {
    width: usize,
    values: Vec<f32>,
    second: Vec<f32>,
    first: Vec<f32>,
    /// Which rows were trained before, in a table that was; `None` for all or none.
    known: Option<Vec<bool>>,
}

/// Rows that one thread visits at a time.
const ROWS_PER_TASK: usize = 256;

impl Table {
    /// A table of `values: (rows, width)`. AdaGrad's accumulators start at `accumulator`.
    pub fn new(values: Vec<f32>, width: usize, optimizer: Optimizer, accumulator: f64) -> Self {
        let state = |wanted: bool, value: f32| if wanted { vec![value; values.len()] } else { Vec::new() };
        let start = if optimizer == Optimizer::AdaGrad { accumulator as f32 } else { 0.0 };
        let (second, first) = (state(optimizer.states() > 0, start), state(optimizer.states() > 1, 0.0));
        Self { width, values, second, first, known: None }
    }

    /// Bytes of a table.
    pub fn bytes(rows: usize, width: usize, optimizer: Optimizer) -> u64 {
        4 * rows as u64 * width as u64 * (1 + optimizer.states() as u64)
    }

    /// Number of values in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All rows: `(rows, width)`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All rows, without the optimizer state.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// The first `d` values of each row.
    pub fn matrix(&self, d: usize) -> Array2<f32> {
        unpadded(&self.values, self.width, d)
    }

    /// One row.
    #[inline]
    pub fn row(&self, index: u32) -> &[f32] {
        &self.values[index as usize * self.width..][..self.width]
    }

    /// Updates the rows that have a gradient, and then calls `after` on each.
    pub fn update(&mut self, gradients: &RowGradients, update: Update, after: impl Fn(&mut [f32]) + Sync) {
        if update.is_recall() {
            return self.recall(gradients, update);
        }
        self.each_row(&|| (), &|(), index, mut row| {
            // Visiting the whole table keeps the rows disjoint without sorting them, at the cost of one word per row.
            if let Some(gradient) = gradients.gradient(index) {
                update.apply(row.reborrow(), gradient);
                after(row.values);
            }
        });
    }

    /// Fills the optimizer's state of the rows that were trained before; new ones have nothing to recall.
    fn recall(&mut self, gradients: &RowGradients, update: Update) {
        let known = self.known.take();
        self.each_row(&|| (), &|(), index, row| {
            if known.as_ref().is_none_or(|known| known[index as usize])
                && let Some(gradient) = gradients.gradient(index)
            {
                update.apply(row, gradient);
            }
        });
        self.known = known;
    }

    /// Updates all rows by `gradients: (rows, width)`.
    pub fn update_all(&mut self, gradients: &[f32], update: Update) {
        let width = self.width;
        self.each_row(&|| (), &|(), index, row| {
            update.apply(row, &gradients[index as usize * width..][..width]);
        });
    }

    /// Visits all rows in parallel, in any order, with a workspace per thread.
    pub fn each_row<S>(
        &mut self,
        workspace: &(impl Fn() -> S + Sync),
        visit: &(impl Fn(&mut S, u32, RowMut) + Sync),
    ) {
        let (width, size) = (self.width, ROWS_PER_TASK * self.width);
        // A state that the optimizer does not keep is empty.
        let (mut second, mut first) = (self.second.chunks_mut(size), self.first.chunks_mut(size));
        let tasks = self
            .values
            .chunks_mut(size)
            .map(move |values| [values, second.next().unwrap_or_default(), first.next().unwrap_or_default()]);
        parallel::for_each_with(
            tasks.enumerate(),
            workspace,
            |workspace, (task, [values, second, first])| {
                let (mut second, mut first) = (second.chunks_exact_mut(width), first.chunks_exact_mut(width));
                for (index, values) in (task * ROWS_PER_TASK..).zip(values.chunks_exact_mut(width)) {
                    let (second, first) =
                        (second.next().unwrap_or_default(), first.next().unwrap_or_default());
                    visit(workspace, index as u32, RowMut { values, second, first });
                }
            },
        );
    }
}

/// The first `d` values of each row of `width` values. Allocated once: a vector that grows takes up to three times the memory.
pub fn unpadded(values: &[f32], width: usize, d: usize) -> Array2<f32> {
    let mut matrix = Array2::zeros((values.len() / width, d));
    for (to, from) in values_mut(&mut matrix).chunks_exact_mut(d).zip(values.chunks_exact(width)) {
        to.copy_from_slice(&from[..d]);
    }
    matrix
}
