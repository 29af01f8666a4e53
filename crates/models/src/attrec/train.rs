//! Training: windows in seeded order, batch after batch.

use super::Options;
use super::batch::{Batch, Draws, Parameters};
use super::model::AttRecModel;
use super::shares::Shares;
use super::windows::{Sequences, Window};
use crate::contract::error::ModelError;
use crate::contract::model::{Control, Model, Problem, Shape, Start, Trainer};
use crate::learn::minibatch::Table;
use crate::learn::sampler::{Sampler, Sampling};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;

/// Training in progress.
pub(super) struct Training {
    options: Options,
    seed: u64,
    epoch: u32,
    /// Batches so far.
    steps: u32,
    sequences: Sequences,
    windows: Vec<Window>,
    shuffled: Vec<Window>,
    /// Targets of all windows.
    targets: usize,
    sampler: Sampler,
    parameters: Parameters,
    batch: Batch,
    /// Who has a row of their own: users with a window, now or before.
    trained: Vec<bool>,
}

/// Most bytes beside the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let (d, optimizer) = (options.factors as usize, options.optimizer);
    let tables = [2 * items, 2 * d].iter().map(|&rows| Table::bytes(rows, d, optimizer)).sum::<u64>()
        + Table::bytes(users, d + Shares::new(options).learnt(), optimizer);
    let popularity =
        if options.sampling == Sampling::Popularity { Sampler::popularity_bytes(items) } else { 0 };
    let windows = rows * 2 * size_of::<Window>();
    let batch = rows.min(options.batch_size as usize);
    tables
        + Sampler::bytes(users, rows)
        + popularity
        + Batch::bytes(options, batch, users, items)
        + (windows + rows * 4 + users * 5) as u64
}

impl Training {
    pub(super) fn new(options: &Options, problem: &Problem) -> Self {
        let (shape, columns) = (problem.shape(), problem.train.columns());
        let (inputs, targets) = (options.inputs as usize, options.targets as usize);
        let before = problem.start.as_ref();
        let recent = before.map(|start| Recent::new(start, inputs));
        let remembered = recent.as_ref().map(|recent| |user: u32| recent.of(user));
        let sequences = Sequences::new(
            columns,
            shape.users,
            options.order,
            remembered.as_ref().map(|of| of as &dyn Fn(u32) -> Vec<u32>),
        );
        let windows = sequences.windows(inputs, targets);
        let sampler = Sampler::new(columns, shape.users, shape.items, &[]);
        let sampler = match options.sampling {
            Sampling::Uniform => sampler,
            Sampling::Popularity => sampler.with_popularity(columns, options.popularity_exponent),
        };
        let mut trained = vec![false; shape.users];
        windows.iter().for_each(|window| trained[window.user as usize] = true);
        let parameters = Self::start(options, problem);
        if let Some(start) = before {
            let vectors = start.tensors.values("user_vectors").expect("it was trained with these options");
            let known =
                vectors.chunks_exact(options.factors as usize).map(|row| row.iter().any(|&x| x != 0.0));
            trained.iter_mut().zip(known).for_each(|(trained, known)| *trained |= known);
        }
        Self {
            options: options.clone(),
            seed: problem.seed,
            epoch: before.map_or(0, |start| start.epochs),
            steps: 0,
            targets: windows.iter().map(|&window| sequences.targets(window, targets).len()).sum(),
            shuffled: vec![Window::default(); windows.len()],
            batch: Batch::new(
                options,
                windows.len().min(options.batch_size as usize),
                shape.users,
                shape.items,
            ),
            sequences,
            windows,
            sampler,
            parameters,
            trained,
        }
    }

    /// Drawn values, each table from its own stream, or those that were learnt before for whoever was there.
    fn start(options: &Options, problem: &Problem) -> Parameters {
        let (d, shape) = (options.factors as usize, problem.shape());
        let table = |number: u64, rows: usize, length: f64, known: Option<(&str, &[bool])>| {
            let mut rng = Rng::stream(problem.seed, Purpose::Initial, 0, number);
            let deviation = length / (d as f64).sqrt();
            let mut values: Vec<f32> = (0..rows * d).map(|_| (rng.normal() * deviation) as f32).collect();
            if let (Some(start), Some((name, known))) = (&problem.start, known) {
                let learnt = start.tensors.values(name).expect("it was trained with these options");
                for (row, _) in known.iter().enumerate().filter(|&(_, &known)| known) {
                    let learnt = &learnt[row * d..][..d];
                    // Zeros are nobody's: a user who never had a next item.
                    if learnt.iter().any(|&value| value != 0.0) {
                        values[row * d..][..d].copy_from_slice(learnt);
                    }
                }
            }
            values
        };
        let known =
            |name, of: fn(&Start) -> &Vec<bool>| problem.start.as_ref().map(|start| (name, &of(start)[..]));
        let length = options.initial_length;
        let mut weights = table(3, 2 * d, 1.0, None);
        if let Some(start) = &problem.start {
            for (name, values) in ["query_weights", "key_weights"].iter().zip(weights.chunks_exact_mut(d * d))
            {
                values
                    .copy_from_slice(start.tensors.values(name).expect("it was trained with these options"));
            }
        }
        let in_table =
            |values, width| Table::new(values, width, options.optimizer, options.initial_accumulator);
        let mut users = table(0, shape.users, length, known("user_vectors", |start| &start.users));
        let person = d + Shares::new(options).learnt();
        if person > d {
            users = with_log_odds(&users, d, problem);
        }
        Parameters {
            users: in_table(users, person),
            long: in_table(table(1, shape.items, length, known("item_vectors", |start| &start.items)), d),
            short: in_table(
                table(2, shape.items, length, known("sequence_vectors", |start| &start.items)),
                d,
            ),
            weights: in_table(weights, d),
        }
    }
}

/// Users' vectors `(n, d)`, each with what it adds to the log odds of its user's share: nothing, or what was learnt before.
fn with_log_odds(users: &[f32], d: usize, problem: &Problem) -> Vec<f32> {
    let learnt = problem.start.as_ref().map(|start| {
        (start.tensors.values("user_log_odds").expect("it was trained with these options"), &start.users)
    });
    let own =
        |user: usize| learnt.map_or(0.0, |(values, known)| if known[user] { values[user] } else { 0.0 });
    let rows = users.chunks_exact(d).enumerate();
    rows.flat_map(|(user, row)| row.iter().copied().chain([own(user)])).collect()
}

/// The last items of users as an earlier training left them.
struct Recent<'a> {
    inputs: usize,
    places: &'a [f32],
    /// Who was there.
    known: &'a [bool],
}

impl<'a> Recent<'a> {
    fn new(start: &'a Start, inputs: usize) -> Self {
        let places = start.tensors.values("recent_items").expect("it was trained with these options");
        Self { inputs, places, known: &start.users }
    }

    fn of(&self, user: u32) -> Vec<u32> {
        if !self.known[user as usize] {
            return Vec::new();
        }
        let places = &self.places[user as usize * self.inputs..][..self.inputs];
        places.iter().filter(|&&item| item >= 0.0).map(|&item| item as u32).collect()
    }
}

impl Trainer for Training {
    /// The loss is the mean over all targets, each before its batch's step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let epoch = u64::from(self.epoch);
        let mut rng = Rng::stream(self.seed, Purpose::Order, epoch, 0);
        rng.shuffle_into(&self.windows, &mut self.shuffled);
        let size = self.options.batch_size as usize;
        let batches = self.shuffled.len().div_ceil(size);
        control.check(0, 1)?;
        let mut loss = 0.0;
        for (number, windows) in self.shuffled.chunks(size).enumerate() {
            control.check(number, batches)?;
            self.steps += 1;
            let step = self.options.optimizer.step(self.options.learning_rate, self.steps);
            let draws = Draws { seed: self.seed, epoch, first: number * size, sampler: &self.sampler };
            loss += self.batch.train(&mut self.parameters, &self.sequences, windows, step, &draws);
        }
        self.epoch += 1;
        Ok(loss / self.targets.max(1) as f64)
    }

    fn model(&self) -> Box<dyn Model> {
        let d = self.options.factors as usize;
        let Parameters { users, long, short, weights } = &self.parameters;
        let log_odds =
            users.values().chunks_exact(users.width()).flat_map(|row| &row[d..]).copied().collect();
        let mut users = users.matrix(d);
        for (mut row, _) in users.rows_mut().into_iter().zip(&self.trained).filter(|(_, trained)| !**trained)
        {
            row.fill(0.0);
        }
        let tables = [users, long.matrix(d), short.matrix(d)];
        let recent = |user| self.sequences.of(user);
        Box::new(AttRecModel::new(&self.options, tables, log_odds, weights.values(), recent))
    }
}
