//! What a trained `attrec` knows, and what it answers.

use super::shares::Shares;
use super::{Attention, Options, Score};
use crate::contract::model::{
    Along, Explanation, Model, Nearness, Scorer, Shape, Tensor, Tensors, Thing, UNKNOWN, Vectors, Weights,
    WrongTensor, row, values,
};
use ndarray::Array2;
use std::borrow::Cow;
use std::ops::Range;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::self_attention::{attend, combine};
use tastespace_kernels::time_signal::time_signal;
use tastespace_kernels::vector::{add_scaled, dot, norm};

/// Stands in `recent_items` where a user has fewer.
const NO_ITEM: f32 = -1.0;

/// All parameters.
#[derive(Clone)]
pub(super) struct AttRecModel {
    pub(super) user_vectors: Array2<f32>,
    /// What is learnt of each user's share of the long term, `(n)`, or nothing.
    user_log_odds: Vec<f32>,
    pub(super) item_vectors: Array2<f32>,
    pub(super) sequence_vectors: Array2<f32>,
    pub(super) query_weights: Array2<f32>,
    pub(super) key_weights: Array2<f32>,
    /// Indices, which `f32` holds exactly below 2²⁴; tables of so many items would not fit the engine's memory.
    recent_items: Array2<f32>,
    /// The time signal of each place: `(L, d)`, or nothing.
    signals: Vec<f32>,
    /// Squared lengths of the rows of `item_vectors` and of `sequence_vectors`, which scores need.
    squares: [Vec<f32>; 2],
    rule: Rule,
}

/// What of the options answers depend on.
#[derive(Clone, Copy)]
struct Rule {
    inputs: usize,
    attention: Attention,
    time_signal: bool,
    score: Score,
    shares: Shares,
}

impl Rule {
    fn new(options: &Options) -> Self {
        Self {
            inputs: options.inputs as usize,
            attention: options.attention,
            time_signal: options.time_signal,
            score: options.score,
            shares: Shares::new(options),
        }
    }
}

/// A person as the scores see them.
struct Person {
    /// What each term counts: 0 where nothing is known.
    shares: [f32; 2],
    /// `(d)` each.
    long: Vec<f32>,
    short: Vec<f32>,
}

/// A sequence as attention sees it.
struct Attended {
    /// `(l, l)`
    map: Vec<f32>,
    /// `(l)`
    shares: Vec<f32>,
    /// `(d)`
    point: Vec<f32>,
}

impl AttRecModel {
    /// Bytes of a model of this shape.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let (d, inputs) = (u64::from(options.factors), u64::from(options.inputs));
        let (users, items) = (shape.users as u64, shape.items as u64);
        let learnt = Shares::new(options).learnt() as u64;
        4 * (users * (d + learnt + inputs) + items * (2 * d + 2) + (2 * d + inputs) * d)
    }

    /// Puts trained tables together; `log_odds` is empty where shares are the same for all. `recent(user)` are the last items of a
    /// user, the latest last.
    pub(super) fn new<'a>(
        options: &Options,
        [users, long, short]: [Array2<f32>; 3],
        log_odds: Vec<f32>,
        weights: &[f32],
        recent: impl Fn(u32) -> &'a [u32],
    ) -> Self {
        let (d, inputs) = (options.factors as usize, options.inputs as usize);
        let square = |part: usize| {
            let values = weights.chunks_exact(d * d).nth(part).map_or(vec![0.0; d * d], <[f32]>::to_vec);
            Array2::from_shape_vec((d, d), values).expect("weights are square")
        };
        let mut recent_items = Array2::from_elem((users.nrows(), inputs), NO_ITEM);
        for (user, mut places) in recent_items.rows_mut().into_iter().enumerate() {
            let items = recent(user as u32);
            let items = &items[items.len().saturating_sub(inputs)..];
            for (place, &item) in (inputs - items.len()..).zip(items) {
                places[place] = item as f32;
            }
        }
        let (query_weights, key_weights) = (square(0), square(1));
        Self {
            squares: [squares(&long), squares(&short)],
            user_vectors: users,
            user_log_odds: log_odds,
            item_vectors: long,
            sequence_vectors: short,
            query_weights,
            key_weights,
            recent_items,
            signals: signals(options),
            rule: Rule::new(options),
        }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let (d, inputs) = (options.factors as usize, options.inputs as usize);
        let item_vectors = tensors.take_matrix("item_vectors", shape.items, d)?;
        let sequence_vectors = tensors.take_matrix("sequence_vectors", shape.items, d)?;
        let recent_items = tensors.take_matrix("recent_items", shape.users, inputs)?;
        let valid = |&item: &f32| {
            item == NO_ITEM || (item.fract() == 0.0 && item >= 0.0 && (item as usize) < shape.items)
        };
        if !recent_items.iter().all(valid) {
            return Err(WrongTensor {
                name: "recent_items",
                expected: vec![shape.users, inputs],
                found: None,
            });
        }
        let rule = Rule::new(options);
        let user_log_odds = match rule.shares.learnt() {
            0 => Vec::new(),
            _ => tensors.take("user_log_odds", &[shape.users])?,
        };
        Ok(Self {
            squares: [squares(&item_vectors), squares(&sequence_vectors)],
            user_vectors: tensors.take_matrix("user_vectors", shape.users, d)?,
            user_log_odds,
            item_vectors,
            sequence_vectors,
            query_weights: tensors.take_matrix("query_weights", d, d)?,
            key_weights: tensors.take_matrix("key_weights", d, d)?,
            recent_items,
            signals: signals(options),
            rule,
        })
    }

    fn factors(&self) -> usize {
        self.item_vectors.ncols()
    }

    /// The last items of a user, the latest last.
    fn recent(&self, user: u32) -> Vec<u32> {
        row(&self.recent_items, user)
            .iter()
            .filter(|&&item| item != NO_ITEM)
            .map(|&item| item as u32)
            .collect()
    }

    /// Where the last of `items` lead; there is one at least.
    fn attended(&self, items: &[u32]) -> Attended {
        let items = &items[items.len().saturating_sub(self.rule.inputs)..];
        let (d, l) = (self.factors(), items.len());
        let rows: Vec<f32> =
            items.iter().flat_map(|&item| row(&self.sequence_vectors, item)).copied().collect();
        let mut attended = Attended { map: vec![0.0; l * l], shares: vec![0.0; l], point: vec![0.0; d] };
        let Attended { map, shares, point } = &mut attended;
        if self.rule.attention == Attention::Mean || self.rule.inputs == 1 {
            map.fill(1.0 / l as f32);
            shares.fill(1.0 / l as f32);
            combine(shares, &rows, point);
            return attended;
        }
        let mut timed = rows.clone();
        if self.rule.time_signal {
            add_scaled(&mut timed, 1.0, &self.signals[(self.rule.inputs - l) * d..]);
        }
        let mut panel = vec![0.0; d * LANES];
        let [queries, keys] = [&self.query_weights, &self.key_weights].map(|weights| {
            let mut out = vec![0.0; l * d];
            multiply_transposed(&timed, values(weights), d, &mut out, &mut panel);
            out.iter_mut().for_each(|value| *value = value.max(0.0));
            out
        });
        attend(&queries, &keys, &rows, map, shares, point);
        attended
    }

    /// Whether a user has a row of their own: those who never had a next item have zeros.
    fn knows(&self, user: u32) -> bool {
        row(&self.user_vectors, user).iter().any(|&value| value != 0.0)
    }

    /// A user, with what came `since` the sequence that is known.
    fn person(&self, user: u32, since: &[u32]) -> Person {
        let mut items = self.recent(user);
        items.retain(|item| !since.contains(item));
        items.extend(since);
        if !self.knows(user) {
            return self.newcomer(&items);
        }
        let [long, short] = self.rule.shares.of(self.user_log_odds.get(user as usize).copied());
        let point = if short > 0.0 && !items.is_empty() { Some(self.attended(&items).point) } else { None };
        Person {
            shares: [long, if point.is_some() { short } else { 0.0 }],
            long: row(&self.user_vectors, user).to_vec(),
            short: point.unwrap_or_else(|| vec![0.0; self.factors()]),
        }
    }

    /// Someone without a row of their own, from their items.
    fn newcomer(&self, items: &[u32]) -> Person {
        let zeros = || vec![0.0; self.factors()];
        let [long, short] = self.rule.shares.all;
        if items.is_empty() {
            let known = (0..self.user_vectors.nrows() as u32).filter(|&user| self.knows(user));
            let people: Vec<&[f32]> = known.map(|user| row(&self.user_vectors, user)).collect();
            return Person { shares: [long, 0.0], long: mean(&people, self.factors()), short: zeros() };
        }
        if short == 0.0 {
            let rows: Vec<&[f32]> = items.iter().map(|&item| row(&self.item_vectors, item)).collect();
            return Person { shares: [long, 0.0], long: mean(&rows, self.factors()), short: zeros() };
        }
        Person { shares: [0.0, short], long: zeros(), short: self.attended(items).point }
    }

    /// `−y` term by term, before the shares.
    fn terms(&self, person: &Person, item: u32) -> [f32; 2] {
        let compare = |x: &[f32], y: &[f32]| match self.rule.score {
            Score::Distance => -squared_distance(x, y),
            Score::Product => dot(x, y),
        };
        [
            compare(&person.long, row(&self.item_vectors, item)),
            compare(&person.short, row(&self.sequence_vectors, item)),
        ]
    }

    fn score(&self, person: &Person, item: u32) -> f32 {
        let [long, short] = self.terms(person, item);
        person.shares[0] * long + person.shares[1] * short
    }

    fn scorer_of(&self, people: &[Person]) -> Neighbours<'_> {
        let d = self.factors();
        let slope = if self.rule.score == Score::Distance { 2.0 } else { 1.0 };
        let vectors = |term: usize| -> Vec<f32> {
            let of = |person: &Person| if term == 0 { person.long.clone() } else { person.short.clone() };
            let scaled = |person: &Person| {
                let share = slope * person.shares[term];
                of(person).into_iter().map(move |value| share * value).collect::<Vec<f32>>()
            };
            people.iter().flat_map(scaled).collect()
        };
        let base = |person: &Person| match self.rule.score {
            Score::Distance => {
                person.shares[0] * dot(&person.long, &person.long)
                    + person.shares[1] * dot(&person.short, &person.short)
            }
            Score::Product => 0.0,
        };
        Neighbours {
            places: self,
            shares: people.iter().map(|person| person.shares).collect(),
            bases: people.iter().map(base).collect(),
            vectors: [vectors(0), vectors(1)],
            panel: vec![0.0; d * LANES],
            products: Vec::new(),
        }
    }
}

/// The time signal of each place: `(L, d)`; nothing without it.
pub(super) fn signals(options: &Options) -> Vec<f32> {
    let (d, places) =
        (options.factors as usize, if options.time_signal { options.inputs as usize } else { 0 });
    let mut signals = vec![0.0; places * d];
    signals.chunks_exact_mut(d).enumerate().for_each(|(place, signal)| time_signal(place, signal));
    signals
}

fn squares(table: &Array2<f32>) -> Vec<f32> {
    (0..table.nrows() as u32).map(|index| dot(row(table, index), row(table, index))).collect()
}

fn mean(rows: &[&[f32]], d: usize) -> Vec<f32> {
    let mut sum = vec![0.0; d];
    for row in rows {
        add_scaled(&mut sum, 1.0 / rows.len() as f32, row);
    }
    sum
}

/// Scores items for a few people by products of matrices: `−‖u − v‖² = 2 u·v − ‖u‖² − ‖v‖²`.
struct Neighbours<'a> {
    places: &'a AttRecModel,
    shares: Vec<[f32; 2]>,
    /// What is taken off all scores of a person.
    bases: Vec<f32>,
    /// `(people, d)` each, times twice their shares.
    vectors: [Vec<f32>; 2],
    panel: Vec<f32>,
    products: Vec<f32>,
}

impl Scorer for Neighbours<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let Self { places, shares, bases, vectors, panel, products } = self;
        let d = places.factors();
        let rows = items.start * d..items.end * d;
        products.resize(out.len(), 0.0);
        multiply_transposed(&vectors[0], &values(&places.item_vectors)[rows.clone()], d, out, panel);
        multiply_transposed(&vectors[1], &values(&places.sequence_vectors)[rows], d, products, panel);
        let distance = if places.rule.score == Score::Distance { 1.0 } else { 0.0 };
        let [long, short] = &places.squares;
        let count = items.len().max(1);
        for (person, (scores, products)) in
            out.chunks_exact_mut(count).zip(products.chunks_exact(count)).enumerate()
        {
            let ([long_share, short_share], base) =
                (shares[person].map(|share| distance * share), bases[person]);
            let squares = long[items.clone()].iter().zip(&short[items.clone()]);
            for ((score, product), (long, short)) in scores.iter_mut().zip(products).zip(squares) {
                *score = (*score + product) - (base + (long_share * long + short_share * short));
            }
        }
    }
}

impl Model for AttRecModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = vec![
            Tensor::matrix("user_vectors", Along::Users, &self.user_vectors),
            Tensor::matrix("item_vectors", Along::Items, &self.item_vectors),
            Tensor::matrix("sequence_vectors", Along::Items, &self.sequence_vectors),
            Tensor::matrix("query_weights", Along::Whole, &self.query_weights),
            Tensor::matrix("key_weights", Along::Whole, &self.key_weights),
            Tensor::matrix("recent_items", Along::Users, &self.recent_items),
        ];
        if !self.user_log_odds.is_empty() {
            tensors.push(Tensor::vector("user_log_odds", Along::Users, &self.user_log_odds));
        }
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        // Runs of one user, as callers have them, attend once.
        let mut person: Option<(u32, Person)> = None;
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            if person.as_ref().is_none_or(|&(known, _)| known != user) {
                let of = if user == UNKNOWN { self.newcomer(&[]) } else { self.person(user, &[]) };
                person = Some((user, of));
            }
            let (_, person) = person.as_ref().expect("it was just made");
            // Nothing is farther than what nobody knows.
            *out = if item == UNKNOWN { f32::NEG_INFINITY } else { self.score(person, item) };
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        self.scorer_since(users, &[])
    }

    fn scorer_since(&self, users: &[u32], since: &[Vec<u32>]) -> Box<dyn Scorer + '_> {
        let of = |place: usize| since.get(place).map_or(&[][..], |items| &items[..]);
        let people: Vec<Person> =
            users.iter().enumerate().map(|(place, &user)| self.person(user, of(place))).collect();
        Box::new(self.scorer_of(&people))
    }

    /// Minus the squared distance of the items' two vectors, each with its share; of products, their cosine.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        let person = |item: u32| Person {
            shares: self.rule.shares.all,
            long: row(&self.item_vectors, item).to_vec(),
            short: row(&self.sequence_vectors, item).to_vec(),
        };
        let query = person(item);
        let length = |item: u32| {
            let [long, short] = self.rule.shares.all;
            (long * self.squares[0][item as usize] + short * self.squares[1][item as usize]).sqrt()
        };
        for (other, out) in (0..).zip(out) {
            *out = self.score(&query, other);
            if self.rule.score == Score::Product {
                let lengths = length(item) * length(other);
                *out = if lengths > 0.0 { *out / lengths } else { 0.0 };
            }
        }
        Ok(())
    }

    /// Minus the squared distance of the users' vectors; of products, their cosine.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        if self.rule.shares.all[0] == 0.0 {
            return Err("without a long term it has no vectors of users");
        }
        let query = row(&self.user_vectors, user);
        for (other, out) in (0..).zip(out) {
            let other = row(&self.user_vectors, other);
            *out = match self.rule.score {
                Score::Distance => -squared_distance(query, other),
                Score::Product => {
                    let lengths = norm(query) * norm(other);
                    if lengths > 0.0 { dot(query, other) / lengths } else { 0.0 }
                }
            };
        }
        Ok(())
    }

    /// Shares and vectors of the person, `(2 + 2d)`, whose items are `rows` in order; of one that stands twice the last.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let mut items: Vec<u32> = Vec::with_capacity(rows.len());
        for &(item, _) in rows {
            items.retain(|&before| before != item);
            items.push(item);
        }
        let Person { shares, long, short } = self.newcomer(&items);
        Ok([&shares[..], &long, &short].concat())
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        let (shares, vectors) = newcomer.split_at(2);
        let (long, short) = vectors.split_at(self.factors());
        let person = Person { shares: [shares[0], shares[1]], long: long.to_vec(), short: short.to_vec() };
        let items = 0..out.len();
        self.scorer_of(&[person]).score(items, out);
    }

    /// Of an item the vectors of both terms joined, each by its share: as near to a person's point, made alike of the
    /// person's two, as its score says.
    fn vectors(&self, of: Along) -> Result<Vectors<'_>, &'static str> {
        if of == Along::Users {
            return Err("a user's place moves with their last items");
        }
        let (nearness, shares) = match self.rule.score {
            Score::Distance => (Nearness::Distance, self.rule.shares.all.map(f32::sqrt)),
            Score::Product => (Nearness::InnerProduct, self.rule.shares.all),
        };
        let d = self.factors();
        let mut joined = Vec::with_capacity(2 * d * self.item_vectors.nrows());
        for (long, short) in
            values(&self.item_vectors).chunks_exact(d).zip(values(&self.sequence_vectors).chunks_exact(d))
        {
            joined.extend(long.iter().map(|value| shares[0] * value));
            joined.extend(short.iter().map(|value| shares[1] * value));
        }
        Ok(Vectors { width: 2 * d, values: Cow::Owned(joined), biases: &[], nearness })
    }

    /// The long term and the short, and of the last items what each adds to the short. With distances that is
    /// `−(1 − ω) c_k (‖X_k − X_i‖² − ‖X_k − m‖²)`, which add up since `m` is the mean of the `X_k` by the shares `c_k`; with
    /// products `(1 − ω) c_k X_k·X_i`. The weights are how much each of the last items looks at each, `attention`, what
    /// comes from each, `shares`, and where users have their own ω what each term counts, `terms`.
    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (person, recent) = (self.person(user, &[]), self.recent(user));
        let terms = self.terms(&person, item);
        let named = [("longTerm", 0), ("shortTerm", 1)].into_iter();
        let parts = named
            .filter(|&(_, term)| person.shares[term] > 0.0)
            .map(|(name, term)| (name.to_owned(), person.shares[term] * terms[term]))
            .collect();
        if person.shares[1] == 0.0 {
            return Ok(Explanation { parts, ..Explanation::default() });
        }
        let attended = self.attended(&recent);
        let next = row(&self.sequence_vectors, item);
        let pull = |(&from, &share): (&u32, &f32)| {
            let from_row = row(&self.sequence_vectors, from);
            let nearer = match self.rule.score {
                Score::Distance => {
                    squared_distance(from_row, &attended.point) - squared_distance(from_row, next)
                }
                Score::Product => dot(from_row, next),
            };
            (from, person.shares[1] * share * nearer)
        };
        let mut items: Vec<(u32, f32)> = recent.iter().zip(&attended.shares).map(pull).collect();
        items.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let things = || recent.iter().map(|&item| Thing::Item(item)).collect();
        let all = vec![Thing::Name("all".to_owned())];
        let mut weights = vec![
            Weights { name: "attention", rows: things(), columns: things(), values: attended.map },
            Weights { name: "shares", rows: all.clone(), columns: things(), values: attended.shares },
        ];
        if self.rule.shares.learnt() > 0 {
            let columns = ["longTerm", "shortTerm"].map(|name| Thing::Name(name.to_owned())).to_vec();
            weights.push(Weights { name: "terms", rows: all, columns, values: person.shares.to_vec() });
        }
        Ok(Explanation { parts, items, weights, ..Explanation::default() })
    }
}
