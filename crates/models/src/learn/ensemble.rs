//! Ensembles: models of one kind and one set of options, trained from consecutive seeds. The score is the mean of their scores.
//! Training time, memory and file size grow in proportion.
//!
//! A kind whose scores are ratings can be an ensemble by including [`EnsembleOptions`] and returning their number from
//! [`Kind::seeds`](crate::contract::kind::Kind::seeds).

use crate::contract::error::ModelError;
use crate::contract::explanation::{Explanation, Weights};
use crate::contract::history::History;
use crate::contract::model::{Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem, Start, Trainer};
use crate::learn::similarity::sort_by_strength;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tastespace_options::options;

options! {
    /// Options of kinds that can be an ensemble.
    pub struct EnsembleOptions {
        /// Number of models to train, from consecutive seeds. Predictions are their mean. Time and memory grow in proportion.
        seeds: u32 = 1, 1..=100;
    }
}

/// Prefix of the tensor names of a member.
fn prefix(member: u32) -> String {
    format!("{}.", member + 1)
}

/// Starts training of `seeds` models, each by `one`.
pub(crate) fn trainer(
    seeds: u32,
    problem: &Problem,
    one: impl Fn(&Problem) -> Result<Box<dyn Trainer>, ModelError>,
) -> Result<Box<dyn Trainer>, ModelError> {
    if seeds == 1 {
        return one(problem);
    }
    let members = (0..seeds).map(|member| {
        let start = problem.start.as_ref().map(|start| Start {
            epochs: start.epochs,
            tensors: start.tensors.copy_of_part(&prefix(member)),
            users: start.users.clone(),
            items: start.items.clone(),
        });
        one(&Problem { train: problem.train.clone(), seed: problem.seed.wrapping_add(member.into()), start })
    });
    Ok(Box::new(Training { members: members.collect::<Result<_, _>>()? }))
}

/// Takes `seeds` models from a file, each by `one`.
pub(crate) fn load(
    seeds: u32,
    tensors: &mut Tensors,
    one: impl Fn(&mut Tensors) -> Result<Box<dyn Model>, WrongTensor>,
) -> Result<Box<dyn Model>, WrongTensor> {
    if seeds == 1 {
        return one(tensors);
    }
    let members = (0..seeds).map(|member| one(&mut tensors.part(&prefix(member))));
    Ok(Box::new(Ensemble { members: members.collect::<Result<_, _>>()? }))
}

/// Training in progress, one member after the other in each epoch.
struct Training {
    members: Vec<Box<dyn Trainer>>,
}

impl Trainer for Training {
    /// The mean loss.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let all = self.members.len();
        let mut sum = 0.0;
        for (done, member) in self.members.iter_mut().enumerate() {
            control.check(done, all)?;
            sum += member.train_epoch(Control { progress: &AtomicU32::new(0), ..control })?;
        }
        control.progress.store(1000, Ordering::Relaxed);
        Ok(sum / all as f64)
    }

    fn passes(&self) -> usize {
        self.members.iter().map(|member| member.passes()).sum()
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(Ensemble { members: self.members.iter().map(|member| member.model()).collect() })
    }
}

/// Trained models whose scores are averaged.
struct Ensemble {
    members: Vec<Box<dyn Model>>,
}

impl Ensemble {
    /// Writes the mean of the values of the members to `out`.
    fn mean(
        &self,
        out: &mut [f32],
        each: impl Fn(&dyn Model, &mut [f32]) -> Result<(), &'static str>,
    ) -> Result<(), &'static str> {
        let mut own = vec![0.0; out.len()];
        for (number, member) in self.members.iter().enumerate() {
            each(&**member, &mut own)?;
            add(out, &own, number);
        }
        divide(out, self.members.len());
        Ok(())
    }
}

/// Adds the values of a member to the sum of those before.
fn add(out: &mut [f32], own: &[f32], member: usize) {
    for (out, own) in out.iter_mut().zip(own) {
        *out = if member == 0 { *own } else { *out + own };
    }
}

fn divide(out: &mut [f32], members: usize) {
    out.iter_mut().for_each(|sum| *sum /= members as f32);
}

/// Scores items by the mean of the members' scores.
struct Scorers<'a> {
    members: Vec<Box<dyn Scorer + 'a>>,
    own: Vec<f32>,
}

impl Scorer for Scorers<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        self.own.resize(out.len(), 0.0);
        for (number, member) in self.members.iter_mut().enumerate() {
            member.score(items.clone(), &mut self.own);
            add(out, &self.own, number);
        }
        divide(out, self.members.len());
    }
}

impl Model for Ensemble {
    fn remember(&mut self, history: &Arc<History>) {
        self.members.iter_mut().for_each(|member| member.remember(history));
    }

    fn needs_history(&self) -> bool {
        self.members.iter().any(|member| member.needs_history())
    }

    fn reads_missing_ratings(&self) -> bool {
        self.members.iter().all(|member| member.reads_missing_ratings())
    }

    /// The tensors of the members, with a numbered prefix.
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = Vec::new();
        for (member, model) in (0..).zip(&self.members) {
            let first = tensors.len();
            tensors.extend(model.tensors());
            for tensor in &mut tensors[first..] {
                tensor.name = format!("{}{}", prefix(member), tensor.name).into();
            }
        }
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        let mean = self.mean(out, |member, out| {
            member.predict(users, items, out);
            Ok(())
        });
        mean.expect("a prediction does not fail");
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let members = self.members.iter().map(|member| member.scorer(users)).collect();
        Box::new(Scorers { members, own: Vec::new() })
    }

    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        self.mean(out, |member, out| member.item_similarity(item, rows, out))
    }

    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        self.mean(out, |member, out| member.user_similarity(user, out))
    }

    /// The folded-in users of all members, concatenated; all have one length.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let folded: Result<Vec<_>, _> = self.members.iter().map(|member| member.fold_in(rows)).collect();
        Ok(folded?.concat())
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        let mut own = vec![0.0; out.len()];
        let parts = folded.chunks_exact(folded.len() / self.members.len());
        for (number, (member, part)) in self.members.iter().zip(parts).enumerate() {
            member.score_new_user(part, &mut own);
            add(out, &own, number);
        }
        divide(out, self.members.len());
    }

    fn embeddings(&self, _of: Axis) -> Result<crate::contract::model::Embeddings<'_>, &'static str> {
        Err("it is the mean of several models, each with a space of its own")
    }

    /// Means over the members: of the parts by name, of the items by index, of the tables cell by cell.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let explained: Result<Vec<Explanation>, _> =
            self.members.iter().map(|member| member.explain(user, item, rows)).collect();
        let mut explained = explained?;
        let named = |one: &Explanation, name: &str| one.parts.iter().any(|(part, _)| part == name);
        let shared: Vec<String> = explained[0].parts.iter().map(|(name, _)| name.clone()).collect();
        let shared: Vec<String> =
            shared.into_iter().filter(|name| explained.iter().all(|one| named(one, name))).collect();
        for (part, _) in explained.iter_mut().flat_map(|one| &mut one.parts) {
            if !shared.contains(part) {
                *part = NOT_SHARED.to_owned();
            }
        }
        let mut items = means(&explained, |one| &one.items);
        sort_by_strength(&mut items);
        Ok(Explanation {
            parts: means(&explained, |one| &one.parts),
            items,
            weights: mean_weights(&explained),
            ..Explanation::default()
        })
    }
}

/// The part that sums up all parts which not every member has.
const NOT_SHARED: &str = "parts that not all models have";

/// Means over the members of values by key, in the order of first occurrence.
fn means<K: Clone + PartialEq>(
    explained: &[Explanation],
    of: impl Fn(&Explanation) -> &Vec<(K, f32)>,
) -> Vec<(K, f32)> {
    let mut sums: Vec<(K, f32)> = Vec::new();
    for (key, value) in explained.iter().flat_map(of) {
        match sums.iter_mut().find(|(other, _)| other == key) {
            Some((_, sum)) => *sum += value,
            None => sums.push((key.clone(), *value)),
        }
    }
    sums.iter_mut().for_each(|(_, sum)| *sum /= explained.len() as f32);
    sums
}

/// The means of the tables that all members have.
fn mean_weights(explained: &[Explanation]) -> Vec<Weights> {
    let alike = |a: &Weights, b: &Weights| a.name == b.name && a.rows == b.rows && a.columns == b.columns;
    let mut tables = explained[0].weights.clone();
    tables.retain(|table| explained.iter().all(|one| one.weights.iter().any(|own| alike(own, table))));
    for table in &mut tables {
        table.values.fill(0.0);
        for own in explained.iter().flat_map(|one| &one.weights).filter(|own| own.name == table.name) {
            table.values.iter_mut().zip(&own.values).for_each(|(sum, value)| *sum += value);
        }
        divide(&mut table.values, explained.len());
    }
    tables
}
