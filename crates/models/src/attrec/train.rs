//! Training. A mini-batch of windows runs on any number of threads, and every value has one owner:
//!
//! 1. Each distinct input is projected to its query and key ([`super::projection`]).
//! 2. Each window computes its loss and leaves a record ([`super::record`]): its vector m, the gradients of m, of its user and of
//!    its queries and keys, the weights of its inputs, and the derivative of the loss with respect to each `y`.
//! 3. Each row of X, V, U and W sums its gradient from the records, in the order of the windows, and is updated:
//!    `∂y/∂V_c = 2ω(V_c − U_u)`, `∂y/∂X_c = 2(1 − ω)(X_c − m)`.

use super::Options;
use super::formula::Formula;
use super::loss::WindowLoss;
use super::model::AttRecModel;
use super::projection::{Projected, Projection};
use super::record::{RecordLayout, Records};
use super::window::{Pass, Workspace};
use super::windows::Window;
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::Model;
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::dropout::Dropout;
use crate::learn::minibatch::{Batch, MiniBatch, Objective};
use crate::learn::optimizer::{BatchOptions, Update};
use crate::learn::recent_items::RecentItems;
use crate::learn::row_gradients::{NONE, RowGradients};
use crate::learn::sampler::Sampler;
use crate::learn::sequences::Sequences;
use crate::learn::table::{Rows, Table, TableSpec};
use tastespace_data::rng::Purpose;
use tastespace_kernels::vector::{add_scaled, clip_to_ball};
use tastespace_optim::parallel;

/// Windows that one task passes.
const WINDOWS_PER_TASK: usize = 32;

/// U, V, X, W_Q and W_K. A user's row ends with the parameter of their ω, if there is one.
fn tables(options: &Options) -> [TableSpec; 5] {
    let factors = options.factors;
    let norm = options.batch.initial_length;
    let table = |name, rows, stream, norm| {
        TableSpec::new(name, rows, stream, factors, BatchOptions::deviation(norm, factors))
    };
    let width = Formula::new(options).user_width();
    let square = Rows::Fixed(factors as usize);
    [
        TableSpec { width, ..table("user_vectors", Rows::Users, 0, norm) },
        table("item_vectors", Rows::Items, 1, norm),
        table("sequence_vectors", Rows::Items, 2, norm),
        table("query_weights", square, 3, 1.0),
        table("key_weights", square, 3, 1.0),
    ]
}

/// The parameters in training and the workspace of a mini-batch.
struct AttRec {
    options: Options,
    formula: Formula,
    loss: WindowLoss,
    sequences: Sequences,
    sampler: Sampler,
    /// U: `(n, user width)`.
    users: Table,
    /// V: `(m, d)`.
    long: Table,
    /// X: `(m, d)`.
    short: Table,
    /// W_Q above W_K: `(2d, d)`.
    weights: Table,
    projection: Option<Projection>,
    records: Records,
    /// The inputs of each window, at its end: `(windows, inputs)`.
    items: Vec<u32>,
    /// The candidates of each window: `(windows, candidates)`.
    candidates: Vec<u32>,
    /// The rows of the contributions to a table.
    rows: Vec<u32>,
    user_gradients: RowGradients,
    long_gradients: RowGradients,
    /// Contributions of inputs, then of candidates.
    short_gradients: RowGradients,
    /// Targets of all windows.
    targets: usize,
    /// Users with a window, now or in an earlier run: the others have no embedding.
    trained_users: Vec<bool>,
}

/// Upper bound of the bytes in addition to the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let (formula, loss) = (Formula::new(options), WindowLoss::new(options));
    let windows = options.batch.largest_batch(rows);
    let (inputs, candidates) = (windows * formula.inputs, windows * loss.candidates());
    let tables: u64 = tables(options).iter().map(|table| table.bytes(shape, options.batch.optimizer)).sum();
    let chunks = windows.div_ceil(WINDOWS_PER_TASK);
    let projection = if formula.attends() { Projection::bytes(&formula, windows, chunks, items) } else { 0 };
    let record = RecordLayout::new(&formula, loss.candidates()).len() + 4;
    tables
        + Sampler::bytes(users, rows)
        + options.sampling.bytes(items)
        + projection
        + RowGradients::bytes(users, windows, formula.user_width())
        + RowGradients::bytes(items, candidates, formula.d)
        + RowGradients::bytes(items, inputs + candidates, formula.d)
        + 2 * MiniBatch::<AttRec>::bytes(rows)
        + (4 * (windows * record + 2 * (inputs + candidates)) + rows * 4 + users * 5) as u64
}

/// Starts training.
pub(super) fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
    let sequences = Sequences::of_problem(problem, options.order, options.inputs as usize);
    let windows = sequences.windows(options.inputs as usize, options.targets as usize);
    let objective = AttRec::new(options, problem, sequences, &windows)?;
    Ok(Box::new(MiniBatch::new(objective, windows, options.batch.batch_size, problem)))
}

impl AttRec {
    fn new(
        options: &Options,
        problem: &Problem,
        sequences: Sequences,
        all: &[Window],
    ) -> Result<Self, ModelError> {
        let (shape, columns, batch) = (problem.shape(), problem.train.columns(), &options.batch);
        let (formula, loss) = (Formula::new(options), WindowLoss::new(options));
        let [users, long, short, ..] = tables(options);
        let windows = batch.largest_batch(all.len());
        let (inputs, candidates) = (windows * formula.inputs, windows * loss.candidates());
        let table = |values, width| Table::new(values, width, batch.optimizer, batch.initial_accumulator);
        let mut user_rows = users.initial(problem);
        let mut trained_users = vec![false; shape.users];
        all.iter().for_each(|window| trained_users[window.user as usize] = true);
        if let Some(start) = &problem.start {
            let embeddings = start.values("user_vectors").chunks_exact(formula.d);
            for (trained, embedding) in trained_users.iter_mut().zip(embeddings) {
                *trained |= embedding.iter().any(|&value| value != 0.0);
            }
            if users.width > formula.d {
                let own = start.values("user_log_odds").iter().zip(&start.users);
                for (row, (&own, _)) in
                    user_rows.chunks_exact_mut(users.width).zip(own).filter(|(_, (_, known))| **known)
                {
                    row[formula.d] = own;
                }
            }
        }
        let popularity = options.sampling.popularity(super::AttRec::NAME, problem)?;
        Ok(Self {
            targets: all.iter().map(|&window| sequences.targets(window, loss.targets).len()).sum(),
            sampler: Sampler::new(columns, shape.users, shape.items, &[])
                .with_popularity(columns, popularity.as_ref()),
            users: table(user_rows, users.width),
            long: long.build(problem, batch),
            short: short.build(problem, batch),
            weights: table(initial_weights(options, problem), formula.d),
            projection: formula
                .attends()
                .then(|| Projection::new(&formula, windows, windows.div_ceil(WINDOWS_PER_TASK), shape.items)),
            records: Records::new(RecordLayout::new(&formula, loss.candidates()), windows),
            items: vec![NONE; inputs],
            candidates: vec![NONE; candidates],
            rows: Vec::with_capacity(inputs + candidates),
            user_gradients: RowGradients::new(shape.users, windows, formula.user_width()),
            long_gradients: RowGradients::new(shape.items, candidates, formula.d),
            short_gradients: RowGradients::new(shape.items, inputs + candidates, formula.d),
            trained_users,
            options: options.clone(),
            formula,
            loss,
            sequences,
        })
    }

    /// Writes the inputs of each window, and projects them.
    fn project(&mut self, windows: &[Window]) {
        let inputs = self.formula.inputs;
        for (items, &window) in self.items.chunks_exact_mut(inputs).zip(windows) {
            let own = self.sequences.inputs(window, inputs);
            let (empty, last) = items.split_at_mut(inputs - own.len());
            empty.fill(NONE);
            last.copy_from_slice(own);
        }
        if let Some(projection) = &mut self.projection {
            projection.forward(&self.items[..windows.len() * inputs], &self.short, &self.weights);
        }
    }

    /// Forward and backward pass of each window. Returns the summed loss.
    fn pass(&mut self, windows: &[Window], batch: &Batch) -> f64 {
        let Self { formula, loss, sequences, sampler, users, long, short, .. } = self;
        let Self { projection, records, items, candidates, .. } = self;
        let chunks = windows.len().div_ceil(WINDOWS_PER_TASK);
        let (projected, positions) = match projection {
            Some(projection) => {
                let (projected, positions) = projection.split(chunks);
                (projected, positions.into_iter().map(Some).collect())
            }
            None => (Projected::default(), (0..chunks).map(|_| None).collect::<Vec<_>>()),
        };
        let (formula, loss, users, long, short) = (&*formula, &*loss, &*users, &*long, &*short);
        let dropout = Dropout::new(self.options.dropout);
        let pass = Pass { formula, loss, dropout, users, long, short, projected };
        let (inputs, choices, layout) = (formula.inputs, loss.candidates(), records.layout);
        let Records { values, outcomes, .. } = records;
        let tasks = windows
            .chunks(WINDOWS_PER_TASK)
            .zip(values.chunks_mut(WINDOWS_PER_TASK * layout.len()))
            .zip(outcomes.chunks_mut(WINDOWS_PER_TASK))
            .zip(items.chunks(WINDOWS_PER_TASK * inputs))
            .zip(candidates.chunks_mut(WINDOWS_PER_TASK * choices))
            .zip(positions)
            .enumerate();
        parallel::for_each_with(
            tasks,
            || Workspace::new(formula, choices),
            |workspace, (chunk, (((((windows, values), outcomes), items), candidates), mut positions))| {
                positions.iter_mut().for_each(|positions| positions.clear());
                let records = values.chunks_exact_mut(layout.len()).zip(outcomes);
                let items = items.chunks_exact(inputs).zip(candidates.chunks_exact_mut(choices));
                let all = windows.iter().zip(records).zip(items);
                for (number, ((&window, (values, outcome)), (items, candidates))) in
                    (chunk * WINDOWS_PER_TASK..).zip(all)
                {
                    let stream = |purpose| move || batch.stream(purpose, batch.size, number);
                    let targets = sequences.targets(window, loss.targets);
                    loss.sample(window.user, targets, sampler, stream(Purpose::Negatives), candidates);
                    let mut record = layout.parts_mut(values);
                    let dropout = stream(Purpose::Dropout);
                    *outcome = pass.window(window.user, items, candidates, dropout, workspace, &mut record);
                    if outcome.active {
                        positions.iter_mut().for_each(|positions| positions.add(&record));
                    }
                }
            },
        );
        self.records.outcomes[..windows.len()].iter().map(|outcome| f64::from(outcome.loss)).sum()
    }

    /// Sums the gradients of X and updates it.
    fn update_short(&mut self, windows: usize, update: Update) {
        let Self { formula, projection, records, short, short_gradients, .. } = self;
        let (inputs, choices, d) = (formula.inputs, self.loss.candidates(), formula.d);
        let first_candidate = windows * inputs;
        short_gradients.gather(
            short,
            &self.rows,
            self.options.penalty as f32,
            |item, gradient| match projection.as_ref().and_then(|projection| projection.row_gradient(item)) {
                Some(so_far) => gradient.copy_from_slice(so_far),
                None => gradient.fill(0.0),
            },
            |gradient, row, contribution| {
                if contribution < first_candidate {
                    let record = records.of(contribution / inputs);
                    add_scaled(gradient, record.weights[contribution % inputs], record.point_gradient);
                } else {
                    let candidate = contribution - first_candidate;
                    let window = candidate / choices;
                    let weight =
                        records.outcomes[window].slopes[1] * records.derivative(window, candidate % choices);
                    formula.add_gradient(gradient, weight, row, records.point(window));
                }
            },
        );
        short.update(short_gradients, update, clip(self.options.radius, d));
    }

    /// Sums the gradients of V and U, and updates them.
    fn update_long(&mut self, windows: &[Window], update: Update) {
        let Self { formula, records, users, long, rows, user_gradients, long_gradients, .. } = self;
        let (choices, d, penalty) = (self.loss.candidates(), formula.d, self.options.penalty as f32);
        let clear = |_: u32, gradient: &mut [f32]| gradient.fill(0.0);
        let candidates = &rows[windows.len() * formula.inputs..];
        long_gradients.gather(long, candidates, penalty, clear, |gradient, row, candidate| {
            let window = candidate / choices;
            let user = &users.row(windows[window].user)[..d];
            let weight = records.outcomes[window].slopes[0] * records.derivative(window, candidate % choices);
            formula.add_gradient(gradient, weight, row, user);
        });
        long.update(long_gradients, update, clip(self.options.radius, d));
        rows.clear();
        rows.extend(windows.iter().enumerate().map(
            |(number, window)| {
                if records.active(number) { window.user } else { NONE }
            },
        ));
        user_gradients.gather(users, rows, penalty, clear, |gradient, _, window| {
            add_scaled(gradient, 1.0, records.of(window).user_gradient);
        });
        users.update(user_gradients, update, clip(self.options.radius, d));
    }
}

/// W_Q and W_K: the first from the start of their common stream, the second from its continuation.
fn initial_weights(options: &Options, problem: &Problem) -> Vec<f32> {
    let d = options.factors as usize;
    if let Some(start) = &problem.start {
        return [start.values("query_weights"), start.values("key_weights")].concat();
    }
    let [.., both] = tables(options);
    TableSpec { rows: Rows::Fixed(2 * d), ..both }.initial(problem)
}

/// Clips the embedding at the start of a row to the ball, unless the radius is 0.
fn clip(radius: f64, d: usize) -> impl Fn(&mut [f32]) + Sync {
    move |row| {
        if radius > 0.0 {
            clip_to_ball(&mut row[..d], radius as f32);
        }
    }
}

impl Objective for AttRec {
    type Example = Window;

    fn update(&self, _epoch: u32, number: u32) -> Update {
        self.options.batch.update(number)
    }

    fn train(&mut self, windows: &[Window], batch: &Batch) -> f64 {
        self.project(windows);
        let loss = self.pass(windows, batch);
        let (inputs, choices) = (self.formula.inputs, self.loss.candidates());
        let chunks = windows.len().div_ceil(WINDOWS_PER_TASK);
        if let Some(projection) = &mut self.projection {
            projection.backward(&self.records, inputs, chunks, &self.weights);
        }

        // The rows that windows with gradients touch: their inputs, and candidates with a derivative.
        let Self { rows, records, items, candidates, .. } = self;
        rows.clear();
        let items = items[..windows.len() * inputs].iter().enumerate();
        rows.extend(items.map(|(input, &item)| if records.active(input / inputs) { item } else { NONE }));
        for (window, candidates) in candidates.chunks_exact(choices).take(windows.len()).enumerate() {
            let derivatives = records.of(window).derivatives.iter();
            rows.extend(candidates.iter().zip(derivatives).map(
                |(&item, &derivative)| {
                    if derivative == 0.0 { NONE } else { item }
                },
            ));
        }
        let [has_long, has_short] = self.formula.terms();
        if has_short {
            self.update_short(windows.len(), batch.update);
        }
        if has_long {
            self.update_long(windows, batch.update);
        }
        if let Some(projection) = &mut self.projection {
            let gradients = projection.weight_gradients(&self.weights, self.options.penalty as f32);
            self.weights.update_all(gradients, batch.update);
        }
        loss
    }

    /// The mean over all targets.
    fn epoch_loss(&self, sum: f64, _windows: usize) -> f64 {
        sum / self.targets.max(1) as f64
    }

    fn model(&self) -> Box<dyn Model> {
        let (d, width) = (self.formula.d, self.users.width());
        let own = self.users.values().chunks_exact(width).flat_map(|row| &row[d..]).copied().collect();
        let mut users = self.users.matrix(d);
        for (mut row, _) in
            users.rows_mut().into_iter().zip(&self.trained_users).filter(|(_, trained)| !**trained)
        {
            row.fill(0.0);
        }
        let tables = [users, self.long.matrix(d), self.short.matrix(d)];
        let recent = RecentItems::new(&self.sequences, self.formula.inputs);
        Box::new(AttRecModel::new(&self.options, tables, own, self.weights.values(), recent))
    }
}
