//! One mini-batch, on any number of threads.
//!
//! Every row has one owner, and nobody waits for a lock:
//!
//! 1. Each distinct item that goes into the batch's windows is projected once, and so is each place of the time signal:
//!    `(X + T) W = X W + T W`.
//! 2. Each window goes forward and back by itself and leaves a *record*: its point, the gradients of its point, its person and
//!    its queries and keys, its items' shares, and for each candidate the *pull* `∂loss/∂y`. What a candidate's rows step
//!    against follows from the pulls: `∂y/∂V_c = 2ω(V_c − U_u)`, `∂y/∂X_c = 2(1 − ω)(X_c − m)`, where `ω` may be the
//!    person's own.
//! 3. Each distinct item gathers what the records say of its queries and keys, and that goes back through the weights once.
//! 4. Each row of X, V, U and W gathers its gradient from the records, in the order of the windows, and steps.
//!
//! A row is *touched* by windows with a pull: as an input, a person, or a candidate that is pulled itself.

use super::model::signals;
use super::shares::Shares;
use super::windows::{Sequences, Window};
use super::{Attention, Options, Score};
use crate::learn::minibatch::{NONE, SLOTS_AT_ONCE, Step, Table, Touched};
use crate::learn::sampler::{Sampler, Sampling};
use rayon::prelude::*;
use std::ops::Range;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::contrast::Contrast;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::matrix::{add_transposed_rows, multiply_packed, pack, pack_turned, packed_length};
use tastespace_kernels::self_attention::{Scratch, attend, attend_backward, combine};
use tastespace_kernels::vector::{add_scaled, add_scaled_difference, clip_to_ball, dot};

/// Windows that a thread takes at a time.
const WINDOWS_AT_ONCE: usize = 32;

/// Rows of a product that a thread takes at a time, and rows of the weights.
const ROWS_AT_ONCE: usize = 64;
const WEIGHTS_AT_ONCE: usize = 16;

/// Parameters in training.
pub(super) struct Parameters {
    /// U, each row with what is learnt of the user's share: `(n, d)` or `(n, d + 1)`.
    pub(super) users: Table,
    /// V.
    pub(super) long: Table,
    /// X.
    pub(super) short: Table,
    /// W_Q above W_K: `(2d, d)`.
    pub(super) weights: Table,
}

/// What the windows of a batch have in common.
#[derive(Clone)]
struct Rule {
    d: usize,
    /// Most inputs of a window, and of candidates: targets, then each target's negatives.
    inputs: usize,
    targets: usize,
    negatives: usize,
    attention: Attention,
    time_signal: bool,
    score: Score,
    contrast: Contrast,
    shared: bool,
    sampling: Sampling,
    penalty: f32,
    /// Of the ball, 0 for none.
    radius: f32,
    shares: Shares,
    /// Whether there is a long term, and a short.
    terms: [bool; 2],
    /// Of 2³² draws those that leave out a coordinate, and what the others are multiplied by.
    dropped: u64,
    gain: f32,
}

impl Rule {
    fn new(options: &Options) -> Self {
        let shares = Shares::new(options);
        Self {
            d: options.factors as usize,
            inputs: options.inputs as usize,
            targets: options.targets as usize,
            negatives: options.negatives as usize,
            attention: options.attention,
            time_signal: options.time_signal,
            score: options.score,
            contrast: options.loss.contrast(options.margin, options.temperature),
            shared: options.shared_negatives,
            sampling: options.sampling,
            penalty: options.penalty as f32,
            radius: options.radius as f32,
            shares,
            terms: shares.all.map(|share| share > 0.0),
            dropped: (options.dropout * 4_294_967_296.0) as u64,
            gain: (1.0 / (1.0 - options.dropout)) as f32,
        }
    }

    /// Length of a user's row.
    fn person(&self) -> usize {
        self.d + self.shares.learnt()
    }

    /// Targets and negatives of a window.
    fn candidates(&self) -> usize {
        self.targets * (1 + self.negatives)
    }

    /// Whether queries and keys are made at all.
    fn projects(&self) -> bool {
        self.attention == Attention::Own && self.terms[1] && self.inputs > 1
    }

    /// Values that the weights take when packed, either way round.
    fn packed(&self) -> usize {
        let d = self.d;
        if self.projects() { packed_length(2 * d, d).max(packed_length(d, 2 * d)) } else { 0 }
    }

    /// Rows of the time signal that are projected.
    fn signals(&self) -> usize {
        if self.projects() && self.time_signal { self.inputs } else { 0 }
    }

    /// Where a record's parts lie.
    fn record(&self) -> Record {
        let (d, projected) = (self.d, if self.projects() { self.inputs * self.d } else { 0 });
        let mut end = 0;
        let mut part = |length| {
            end += length;
            end - length..end
        };
        Record {
            point: part(d),
            of_point: part(d),
            of_user: part(self.person()),
            of_queries: part(projected),
            of_keys: part(projected),
            shares: part(self.inputs),
            pulls: part(self.candidates()),
            slopes: part(2),
            loss: part(1).start,
            pulled: part(1).start,
            length: end,
        }
    }

    /// What `∂y` of a candidate comes to for the long and the short term with these shares, per coordinate of a difference or a
    /// factor.
    fn slopes(&self, shares: [f32; 2]) -> [f32; 2] {
        match self.score {
            Score::Distance => shares.map(|share| 2.0 * share),
            Score::Product => shares,
        }
    }

    /// One term of `y`, before its share.
    fn compare(&self, x: &[f32], y: &[f32]) -> f32 {
        match self.score {
            Score::Distance => squared_distance(x, y),
            Score::Product => -dot(x, y),
        }
    }

    /// Adds the gradient at `at` of `weight` times what [`compare`](Self::compare) says of it and of `other`, over the slope.
    fn add_gradient(&self, out: &mut [f32], weight: f32, at: &[f32], other: &[f32]) {
        match self.score {
            Score::Distance => add_scaled_difference(out, weight, at, other),
            Score::Product => add_scaled(out, -weight, other),
        }
    }
}

/// Where a window's parts lie in its record. Inputs stand at the end of their parts, so that a place is the same in all windows.
#[derive(Clone)]
struct Record {
    point: Range<usize>,
    of_point: Range<usize>,
    of_user: Range<usize>,
    of_queries: Range<usize>,
    of_keys: Range<usize>,
    shares: Range<usize>,
    pulls: Range<usize>,
    /// See [`Rule::slopes`].
    slopes: Range<usize>,
    loss: usize,
    /// 1 if any candidate is pulled, else 0.
    pulled: usize,
    length: usize,
}

impl Record {
    /// Adds what a window's queries and keys say of the places that they stand in: `(L, 2d)`.
    fn add_signals(&self, record: &[f32], d: usize, sums: &mut [f32]) {
        for (place, sums) in sums.chunks_exact_mut(2 * d).enumerate() {
            add_scaled(&mut sums[..d], 1.0, &record[self.of_queries.start + place * d..][..d]);
            add_scaled(&mut sums[d..], 1.0, &record[self.of_keys.start + place * d..][..d]);
        }
    }
}

/// What a thread works in.
struct Bench {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    map: Vec<f32>,
    of_scores: Vec<f32>,
    of_shares: Vec<f32>,
    column: Vec<f32>,
    /// Both terms of each candidate, and `y`.
    terms: Vec<[f32; 2]>,
    far: Vec<f32>,
    own: Own,
}

/// A target and what it is held against: their places among the candidates, how far they are, and their pulls.
struct Own {
    places: Vec<usize>,
    far: Vec<f32>,
    pulls: Vec<f32>,
}

impl Own {
    fn new(candidates: usize) -> Self {
        let room = || Vec::with_capacity(candidates);
        Self { places: Vec::with_capacity(candidates), far: room(), pulls: room() }
    }
}

impl Bench {
    fn new(rule: &Rule) -> Self {
        let (l, d) = (rule.inputs, rule.d);
        Self {
            queries: vec![0.0; l * d],
            keys: vec![0.0; l * d],
            values: vec![0.0; l * d],
            map: vec![0.0; l * l],
            of_scores: vec![0.0; l * l],
            of_shares: vec![0.0; l],
            column: vec![0.0; l],
            terms: vec![[0.0; 2]; rule.candidates()],
            far: vec![0.0; rule.candidates()],
            own: Own::new(rule.candidates()),
        }
    }
}

/// Where a batch's windows stand, and what they draw from.
pub(super) struct Draws<'a> {
    pub(super) seed: u64,
    pub(super) epoch: u64,
    /// The batch's first window, counted over the epoch.
    pub(super) first: usize,
    pub(super) sampler: &'a Sampler,
}

impl Draws<'_> {
    /// The stream of a window of the batch.
    fn stream(&self, purpose: Purpose, window: usize) -> Rng {
        Rng::stream(self.seed, purpose, self.epoch, (self.first + window) as u64)
    }
}

/// The batch at hand.
pub(super) struct Batch {
    rule: Rule,
    record: Record,
    records: Vec<f32>,
    /// Each window's inputs, which end its places; [`NONE`] before.
    items: Vec<u32>,
    /// Each window's targets, then each target's negatives; [`NONE`] where there are fewer.
    candidates: Vec<u32>,
    /// Rows of a table that a batch contributes to.
    keys: Vec<u32>,
    /// The distinct inputs, a slot each.
    inputs: Touched,
    of_users: Touched,
    of_long: Touched,
    /// Contributions of inputs, then of candidates.
    of_short: Touched,
    /// Rows of the inputs, then the time signal: `(slots + L, d)`, and what they are projected to: `(slots + L, 2d)`.
    gathered: Vec<f32>,
    projected: Vec<f32>,
    /// Their gradients; of `gathered` without the signal.
    of_gathered: Vec<f32>,
    of_projected: Vec<f32>,
    of_weights: Vec<f32>,
    /// What chunks of windows say of the projected time signal: `(chunks, L, 2d)`.
    of_signals: Vec<f32>,
    signals: Vec<f32>,
    /// The weights `(2d, d)`, packed for products with them or with their transpose.
    panels: Vec<f32>,
}

impl Batch {
    /// Room for batches of up to so many windows.
    pub(super) fn new(options: &Options, windows: usize, users: usize, items: usize) -> Self {
        let rule = Rule::new(options);
        let (d, record) = (rule.d, rule.record());
        let signals = if rule.signals() > 0 { signals(options) } else { Vec::new() };
        let weights = if rule.projects() { 2 * d * d } else { 0 };
        let room = Room::new(&rule, windows, items);
        Self {
            records: vec![0.0; windows * record.length],
            items: vec![NONE; room.inputs],
            candidates: vec![NONE; room.candidates],
            keys: Vec::with_capacity(room.inputs + room.candidates),
            inputs: Touched::new(items, room.inputs, 0),
            of_users: Touched::new(users, windows, rule.person()),
            of_long: Touched::new(items, room.candidates, d),
            of_short: Touched::new(items, room.inputs + room.candidates, d),
            gathered: Vec::with_capacity(room.projected * d),
            projected: vec![0.0; room.projected * 2 * d],
            of_gathered: vec![0.0; room.projected * d],
            of_projected: vec![0.0; room.projected * 2 * d],
            of_weights: vec![0.0; weights],
            of_signals: vec![0.0; room.of_signals],
            signals,
            panels: vec![0.0; rule.packed()],
            record,
            rule,
        }
    }

    /// Bytes of that room.
    pub(super) fn bytes(options: &Options, windows: usize, users: usize, items: usize) -> u64 {
        let rule = Rule::new(options);
        let (d, room) = (rule.d, Room::new(&rule, windows, items));
        let weights = if rule.projects() { 2 * d * d + rule.signals() * d } else { 0 };
        let touched = Touched::bytes(items, room.inputs, 0)
            + Touched::bytes(users, windows, rule.person())
            + Touched::bytes(items, room.candidates, d)
            + Touched::bytes(items, room.inputs + room.candidates, d);
        let lists = 2 * (room.inputs + room.candidates);
        let floats = windows * rule.record().length
            + room.projected * 6 * d
            + weights
            + rule.packed()
            + room.of_signals;
        touched + 4 * (lists + floats) as u64
    }

    /// Trains on `windows`, and returns the sum of their losses.
    pub(super) fn train(
        &mut self,
        parameters: &mut Parameters,
        sequences: &Sequences,
        windows: &[Window],
        step: Step,
        draws: &Draws,
    ) -> f64 {
        self.project(parameters, sequences, windows);
        self.pass(parameters, sequences, windows, draws);
        self.go_back(parameters, windows.len());
        self.step(parameters, windows, step);
        let records = self.records.chunks_exact(self.record.length).take(windows.len());
        records.map(|record| f64::from(record[self.record.loss])).sum()
    }

    /// Finds the distinct inputs, and makes queries and keys of them and of the time signal.
    fn project(&mut self, parameters: &Parameters, sequences: &Sequences, windows: &[Window]) {
        let Self { rule, items, inputs, gathered, projected, .. } = self;
        for (places, &window) in items.chunks_exact_mut(rule.inputs).zip(windows) {
            let own = sequences.inputs(window, rule.inputs);
            let (empty, own_places) = places.split_at_mut(rule.inputs - own.len());
            empty.fill(NONE);
            own_places.copy_from_slice(own);
        }
        if !rule.projects() {
            return;
        }
        inputs.group(&items[..windows.len() * rule.inputs]);
        gathered.clear();
        inputs.rows().iter().for_each(|&item| gathered.extend_from_slice(parameters.short.row(item)));
        gathered.extend_from_slice(&self.signals);
        let (d, columns) = (rule.d, 2 * rule.d);
        let panels = &mut self.panels[..packed_length(columns, d)];
        pack(parameters.weights.values(), d, panels);
        multiply(gathered, panels, [d, columns], &mut projected[..2 * gathered.len()]);
    }

    /// Each window, forward and back.
    fn pass(&mut self, parameters: &Parameters, sequences: &Sequences, windows: &[Window], draws: &Draws) {
        let Self { rule, record, records, items, candidates, inputs, projected, of_signals, .. } = self;
        let per_chunk = rule.signals() * 2 * rule.d;
        // Without a signal the chunks have nothing to say, and no slices to say it in.
        let mut none = vec![[]; if per_chunk == 0 { windows.len().div_ceil(WINDOWS_AT_ONCE) } else { 0 }];
        let chunks: Vec<&mut [f32]> = match per_chunk {
            0 => none.iter_mut().map(|none| &mut none[..]).collect(),
            _ => of_signals.chunks_exact_mut(per_chunk).collect(),
        };
        let reads = Reads { rule, record, parameters, projected, inputs };
        let (inputs, choices) = (rule.inputs, rule.candidates());
        windows
            .par_chunks(WINDOWS_AT_ONCE)
            .zip(records.par_chunks_mut(WINDOWS_AT_ONCE * record.length))
            .zip(items.par_chunks(WINDOWS_AT_ONCE * inputs))
            .zip(candidates.par_chunks_mut(WINDOWS_AT_ONCE * choices))
            .zip(chunks)
            .enumerate()
            .for_each_init(
                || Bench::new(rule),
                |bench, (chunk, ((((windows, records), items), candidates), of_signals))| {
                    of_signals.fill(0.0);
                    for (place, &window) in windows.iter().enumerate() {
                        let number = chunk * WINDOWS_AT_ONCE + place;
                        let to = &mut records[place * record.length..][..record.length];
                        let candidates = &mut candidates[place * choices..][..choices];
                        let targets = sequences.targets(window, rule.targets);
                        rule.choose(window.user, targets, draws, number, candidates);
                        let items = &items[place * inputs..][..inputs];
                        let dropout = || draws.stream(Purpose::Dropout, number);
                        reads.pass(window.user, items, candidates, dropout, bench, to);
                        if to[record.pulled] > 0.0 {
                            record.add_signals(to, rule.d, of_signals);
                        }
                    }
                },
            );
    }

    /// From the gradients of queries and keys to those of the inputs and of the weights.
    fn go_back(&mut self, parameters: &Parameters, windows: usize) {
        let Self { rule, record, records, inputs, of_signals, of_projected, of_gathered, gathered, .. } =
            self;
        if !rule.projects() {
            return;
        }
        let (d, slots) = (rule.d, inputs.rows().len());
        let of_projected = &mut of_projected[..2 * gathered.len()];
        let (of_inputs, of_places) = of_projected.split_at_mut(slots * 2 * d);
        of_inputs.par_chunks_mut(2 * d).enumerate().with_min_len(SLOTS_AT_ONCE).for_each(|(slot, sums)| {
            sums.fill(0.0);
            let (of_query, of_key) = sums.split_at_mut(d);
            for &entry in inputs.contributions(slot) {
                let (window, place) = (entry as usize / rule.inputs, entry as usize % rule.inputs);
                let of = &records[window * record.length..][..record.length];
                if of[record.pulled] > 0.0 {
                    add_scaled(of_query, 1.0, &of[record.of_queries.start + place * d..][..d]);
                    add_scaled(of_key, 1.0, &of[record.of_keys.start + place * d..][..d]);
                }
            }
        });
        of_places.fill(0.0);
        if !of_places.is_empty() {
            let chunks = of_signals.chunks_exact(of_places.len()).take(windows.div_ceil(WINDOWS_AT_ONCE));
            chunks.for_each(|chunk| add_scaled(of_places, 1.0, chunk));
        }
        let panels = &mut self.panels[..packed_length(d, 2 * d)];
        pack_turned(parameters.weights.values(), d, panels);
        multiply(&of_projected[..slots * 2 * d], panels, [2 * d, d], &mut of_gathered[..slots * d]);
        self.of_weights.par_chunks_mut(WEIGHTS_AT_ONCE * d).enumerate().for_each(|(block, out)| {
            let first = block * WEIGHTS_AT_ONCE;
            out.fill(0.0);
            add_transposed_rows(out, of_projected, gathered, [2 * d, d], first..first + out.len() / d);
        });
    }

    /// Steps every row that was touched.
    fn step(&mut self, parameters: &mut Parameters, windows: &[Window], step: Step) {
        let Self { rule, record, records, items, candidates, keys, inputs, of_gathered, .. } = self;
        let Parameters { users, long, short, weights } = parameters;
        let d = rule.d;
        let of = |window: usize| &records[window * record.length..][..record.length];
        let pulled = |window: usize| of(window)[record.pulled] > 0.0;
        let (places, choices) = (rule.inputs, rule.candidates());
        let inputs_end = windows.len() * places;
        let pull = |choice: usize| of(choice / choices)[record.pulls.start + choice % choices];
        let slope = |choice: usize, term: usize| of(choice / choices)[record.slopes.start + term];
        let clip = |row: &mut [f32]| {
            if rule.radius > 0.0 {
                clip_to_ball(&mut row[..d], rule.radius);
            }
        };
        let begun = |gradient: &mut [f32], row: &[f32], so_far: Option<&[f32]>| {
            match so_far {
                Some(so_far) => gradient.copy_from_slice(so_far),
                None => gradient.fill(0.0),
            }
            if rule.penalty > 0.0 {
                add_scaled(gradient, rule.penalty, row);
            }
        };

        keys.clear();
        keys.extend(
            items[..inputs_end]
                .iter()
                .enumerate()
                .map(|(entry, &item)| if pulled(entry / places) { item } else { NONE }),
        );
        let chosen = candidates[..windows.len() * choices].iter().enumerate();
        keys.extend(chosen.map(|(choice, &item)| if pull(choice) == 0.0 { NONE } else { item }));
        if rule.terms[1] {
            self.of_short.group(keys);
            self.of_short.compute(
                || (),
                |(), block, gradients| {
                    for (place, gradient) in gradients.chunks_exact_mut(d).enumerate() {
                        let item = block.rows[place];
                        let row = short.row(item);
                        let slot = if rule.projects() { inputs.slot_of(item) } else { None };
                        begun(gradient, row, slot.map(|slot| &of_gathered[slot * d..][..d]));
                        for &entry in block.contributions(place) {
                            let entry = entry as usize;
                            if entry < inputs_end {
                                let record_of = of(entry / places);
                                let share = record_of[record.shares.start + entry % places];
                                add_scaled(gradient, share, &record_of[record.of_point.clone()]);
                            } else {
                                let choice = entry - inputs_end;
                                let point = &of(choice / choices)[record.point.clone()];
                                let weight = slope(choice, 1) * pull(choice);
                                rule.add_gradient(gradient, weight, row, point);
                            }
                        }
                    }
                },
            );
            short.step(&self.of_short, step, clip);
        }
        if rule.terms[0] {
            self.of_long.group(&keys[inputs_end..]);
            self.of_long.compute(
                || (),
                |(), block, gradients| {
                    for (place, gradient) in gradients.chunks_exact_mut(d).enumerate() {
                        let row = long.row(block.rows[place]);
                        begun(gradient, row, None);
                        for &choice in block.contributions(place) {
                            let choice = choice as usize;
                            let person = &users.row(windows[choice / choices].user)[..d];
                            rule.add_gradient(gradient, slope(choice, 0) * pull(choice), row, person);
                        }
                    }
                },
            );
            long.step(&self.of_long, step, clip);
            keys.clear();
            let people = windows.iter().enumerate();
            keys.extend(people.map(|(number, window)| if pulled(number) { window.user } else { NONE }));
            self.of_users.group(keys);
            self.of_users.compute(
                || (),
                |(), block, gradients| {
                    for (place, gradient) in gradients.chunks_exact_mut(rule.person()).enumerate() {
                        begun(gradient, users.row(block.rows[place]), None);
                        for &window in block.contributions(place) {
                            add_scaled(gradient, 1.0, &of(window as usize)[record.of_user.clone()]);
                        }
                    }
                },
            );
            users.step(&self.of_users, step, clip);
        }
        if rule.projects() {
            for (gradient, row) in self.of_weights.chunks_exact_mut(d).zip(weights.values().chunks_exact(d)) {
                add_scaled(gradient, rule.penalty, row);
            }
            let of_weights = &self.of_weights;
            weights
                .each_row(&|| (), &|(), index, row| step.apply(row, &of_weights[index as usize * d..][..d]));
        }
    }
}

/// How much of everything a batch of windows takes.
struct Room {
    inputs: usize,
    candidates: usize,
    /// Rows that are projected.
    projected: usize,
    of_signals: usize,
}

impl Room {
    fn new(rule: &Rule, windows: usize, items: usize) -> Self {
        let inputs = windows * rule.inputs;
        Self {
            inputs,
            candidates: windows * rule.candidates(),
            projected: if rule.projects() { inputs.min(items) + rule.signals() } else { 0 },
            of_signals: windows.div_ceil(WINDOWS_AT_ONCE) * rule.signals() * 2 * rule.d,
        }
    }
}

/// `out = a · bᵀ` for `a: (n, k)`, `b: (columns, k)`, which is packed in `panels`, and `out: (n, columns)`.
fn multiply(a: &[f32], panels: &[f32], [k, columns]: [usize; 2], out: &mut [f32]) {
    a.par_chunks(ROWS_AT_ONCE * k)
        .zip(out.par_chunks_mut(ROWS_AT_ONCE * columns))
        .for_each(|(a, out)| multiply_packed(a, panels, k, columns, out, columns));
}

/// What windows read.
struct Reads<'a> {
    rule: &'a Rule,
    record: &'a Record,
    parameters: &'a Parameters,
    projected: &'a [f32],
    inputs: &'a Touched,
}

impl Reads<'_> {
    /// A window forward and back, into its record. `items` ends with its inputs.
    fn pass(
        &self,
        user: u32,
        items: &[u32],
        candidates: &[u32],
        dropout: impl FnOnce() -> Rng,
        bench: &mut Bench,
        to: &mut [f32],
    ) {
        let Self { rule, record, parameters, .. } = *self;
        let d = rule.d;
        let empty = items.iter().take_while(|&&item| item == NONE).count();
        let (l, items) = (items.len() - empty, &items[empty..]);
        let (person, own) = parameters.users.row(user).split_at(d);
        let shares = rule.shares.of(own.first().copied());
        // All else is written over.
        to[record.of_point.start..record.of_user.end].fill(0.0);
        to[record.pulls.start..].fill(0.0);
        if empty > 0 {
            to[record.of_queries.start..record.of_keys.end].fill(0.0);
        }
        if rule.terms[1] {
            self.forward(empty, items, dropout, bench, to);
        }

        // How far the candidates are, and what that costs.
        let fars = bench.terms.iter_mut().zip(&mut bench.far);
        for ((terms, far), &item) in fars.zip(candidates).filter(|&(_, &item)| item != NONE) {
            if rule.terms[0] {
                terms[0] = rule.compare(person, parameters.long.row(item));
            }
            if rule.terms[1] {
                terms[1] = rule.compare(&to[record.point.clone()], parameters.short.row(item));
            }
            *far = shares[0] * terms[0] + shares[1] * terms[1];
        }
        to[record.loss] = rule.cost(candidates, &bench.far, &mut bench.own, &mut to[record.pulls.clone()]);
        if to[record.pulls.clone()].iter().all(|&pull| pull == 0.0) {
            return;
        }
        to[record.pulled] = 1.0;

        let slopes = rule.slopes(shares);
        to[record.slopes.clone()].copy_from_slice(&slopes);
        let [long_slope, short_slope] = slopes;
        let (vectors, rest) = to.split_at_mut(record.of_queries.start);
        let (point, gradients) = vectors.split_at_mut(d);
        let (of_point, of_user) = gradients.split_at_mut(d);
        let (of_user, of_own) = of_user.split_at_mut(d);
        let pulls = &rest[record.pulls.start - record.of_queries.start..][..record.pulls.len()];
        let pulled = pulls.iter().zip(candidates).zip(&bench.terms).filter(|&((&pull, _), _)| pull != 0.0);
        for ((&pull, &item), &terms) in pulled {
            if rule.terms[0] {
                rule.add_gradient(of_user, long_slope * pull, person, parameters.long.row(item));
            }
            if rule.terms[1] {
                rule.add_gradient(of_point, short_slope * pull, point, parameters.short.row(item));
            }
            of_own.iter_mut().for_each(|slope| *slope += pull * Shares::slope(shares, terms));
        }
        if rule.projects() && l > 1 {
            let (of_queries, rest) = rest.split_at_mut(rule.inputs * d);
            attend_backward(
                &bench.queries[..l * d],
                &bench.keys[..l * d],
                &bench.values[..l * d],
                &bench.map[..l * l],
                of_point,
                rule.gain,
                Scratch {
                    of_shares: &mut bench.of_shares[..l],
                    of_scores: &mut bench.of_scores[..l * l],
                    column: &mut bench.column[..l],
                },
                &mut of_queries[empty * d..],
                &mut rest[empty * d..rule.inputs * d],
            );
        }
    }

    /// From a window's inputs to its point.
    fn forward(
        &self,
        empty: usize,
        items: &[u32],
        dropout: impl FnOnce() -> Rng,
        bench: &mut Bench,
        to: &mut [f32],
    ) {
        let Self { rule, record, parameters, projected, inputs } = *self;
        let (d, l) = (rule.d, items.len());
        for (value, &item) in bench.values.chunks_exact_mut(d).zip(items) {
            value.copy_from_slice(parameters.short.row(item));
        }
        let (vectors, shares) = to.split_at_mut(record.shares.start);
        let shares = &mut shares[empty..rule.inputs];
        let point = &mut vectors[record.point.clone()];
        if !rule.projects() {
            shares.fill(1.0 / l as f32);
            return combine(shares, &bench.values[..l * d], point);
        }
        let signals = &projected[inputs.rows().len() * 2 * d..];
        for (place, &item) in items.iter().enumerate() {
            let slot = inputs.slot_of(item).expect("every input of the batch has a slot");
            let own = &projected[slot * 2 * d..][..2 * d];
            let (query, key) = (&mut bench.queries[place * d..][..d], &mut bench.keys[place * d..][..d]);
            if rule.time_signal {
                let signal = &signals[(empty + place) * 2 * d..][..2 * d];
                add_positive(query, &own[..d], &signal[..d]);
                add_positive(key, &own[d..], &signal[d..]);
            } else {
                positive(query, &own[..d]);
                positive(key, &own[d..]);
            }
        }
        if rule.dropped > 0 {
            let mut rng = dropout();
            for value in bench.queries[..l * d].iter_mut().chain(&mut bench.keys[..l * d]) {
                let keep = u64::from(rng.next_u32()) >= rule.dropped;
                *value = if keep { *value * rule.gain } else { 0.0 };
            }
        }
        attend(
            &bench.queries[..l * d],
            &bench.keys[..l * d],
            &bench.values[..l * d],
            &mut bench.map[..l * l],
            shares,
            point,
        );
    }
}

/// `out = ReLU(x + y)`.
fn add_positive(out: &mut [f32], x: &[f32], y: &[f32]) {
    for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
        let sum = x + y;
        *out = if sum > 0.0 { sum } else { 0.0 };
    }
}

/// `out = ReLU(x)`.
fn positive(out: &mut [f32], x: &[f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = if x > 0.0 { x } else { 0.0 };
    }
}

impl Rule {
    /// The candidates of a window: its targets, and for each its negatives from the window's stream.
    fn choose(&self, user: u32, targets: &[u32], draws: &Draws, window: usize, candidates: &mut [u32]) {
        candidates.fill(NONE);
        let (own, drawn) = candidates.split_at_mut(self.targets);
        own[..targets.len()].copy_from_slice(targets);
        if let Some(sampler) = draws.sampler.of(user) {
            let mut rng = draws.stream(Purpose::Negatives, window);
            sampler.fill(self.sampling, &mut rng, &mut drawn[..targets.len() * self.negatives]);
        }
    }

    /// The loss of a window whose candidates are so `far`, and the pull of each. `own` is scratch.
    fn cost(&self, candidates: &[u32], far: &[f32], own: &mut Own, pulls: &mut [f32]) -> f32 {
        let (targets, negatives) = candidates.split_at(self.targets);
        let Own { places, far: own_far, pulls: own_pulls } = own;
        let mut loss = 0.0;
        for target in (0..self.targets).filter(|&target| targets[target] != NONE) {
            let of_target = target * self.negatives..(target + 1) * self.negatives;
            let against = if self.shared { 0..negatives.len() } else { of_target };
            places.clear();
            places.push(target);
            places
                .extend(against.filter(|&place| negatives[place] != NONE).map(|place| place + self.targets));
            own_far.clear();
            own_far.extend(places.iter().map(|&place| far[place]));
            own_pulls.resize(places.len(), 0.0);
            loss += self.contrast.cost(own_far, own_pulls);
            for (&place, pull) in places.iter().zip(&*own_pulls) {
                pulls[place] += pull;
            }
        }
        loss
    }
}
