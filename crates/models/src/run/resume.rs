//! Continued training: the extended catalogue, and the earlier parameters in its shape.

use crate::contract::history::History;
use crate::contract::kind::{Shape, Task};
use crate::contract::tensor::{Axis, Tensors};
use crate::contract::trainer::Start;
use crate::serve::catalogue::Catalogue;
use crate::serve::fitted::Fitted;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions, ItemFeatures, Vocabulary};

/// `known` extended by the ids of `more`, and the index of each id of `more` in it.
fn union(known: &Arc<Vocabulary>, more: &Arc<Vocabulary>) -> (Arc<Vocabulary>, Vec<u32>) {
    let mut both = Vocabulary::clone(known);
    let indices = both.intern_all(more);
    let both = if both.len() == known.len() { known.clone() } else { Arc::new(both) };
    (both, indices)
}

/// Number of ids of `more` that are not in `known`.
fn newcomers(known: &Vocabulary, more: &Vocabulary) -> usize {
    more.iter().filter(|id| known.get(id).is_none()).count()
}

/// The sizes of `train` in the catalogue of `before` extended by it.
pub fn shape(before: &Catalogue, train: &Interactions) -> Shape {
    Shape {
        users: before.users.len() + newcomers(&before.users, &train.users),
        items: before.items.len() + newcomers(&before.items, &train.items),
        rows: train.len(),
        ..Shape::of(train)
    }
}

/// Bytes of the renumbered interactions, and of all interactions together.
pub fn bytes(before: &Catalogue, train: &Interactions) -> u64 {
    let history = before.history.as_ref().map_or(0, |history| history.items.len() + train.len());
    (train.bytes() + history * 24) as u64
}

/// The interactions of `train`, renumbered for the catalogue of `before` extended by new users and items.
pub fn renumbered(before: &Catalogue, train: &Interactions) -> Interactions {
    let (users, user_indices) = union(&before.users, &train.users);
    let (items, item_indices) = union(&before.items, &train.items);
    let columns = train.columns();
    let columns = Columns {
        users: columns.users.iter().map(|&user| user_indices[user as usize]).collect(),
        items: columns.items.iter().map(|&item| item_indices[item as usize]).collect(),
        ratings: columns.ratings.clone(),
        times: columns.times.clone(),
    };
    let range = (before.range.0.min(train.range().0), before.range.1.max(train.range().1));
    let mut grown = Interactions::new(users, items, columns, Some(range));
    grown.item_table = train.item_table.clone();
    grown.item_features = match (&before.features, &train.item_features) {
        (Some(before), Some(newer)) => Some(Arc::new(before.updated(newer))),
        (before, newer) => newer.clone().or_else(|| before.clone()),
    };
    grown
}

/// The catalogue of `before` together with that of `train`, which is renumbered.
pub fn catalogue(task: Task, before: &Catalogue, train: &Interactions) -> Catalogue {
    // Counted again, because an earlier interaction may be repeated in the new data.
    if let Some(history) = &before.history {
        return catalogue_of_all(task, before, &together(history, None, before.users.len(), train));
    }
    let mut grown = catalogue_of_all(task, before, train);
    let users = grown.user_rows.iter_mut().zip(&before.user_rows);
    let items = grown.item_rows.iter_mut().zip(&before.item_rows);
    users.chain(items).for_each(|(rows, before)| *rows += before);
    (grown.history, grown.learned, grown.spread) = (None, None, before.spread);
    grown
}

/// The catalogue of `all` interactions, whose items begin with those of `before`.
pub fn catalogue_of_all(task: Task, before: &Catalogue, all: &Interactions) -> Catalogue {
    let mut grown = Catalogue::new(task, all);
    if let Some(texts) = &before.texts {
        grown.texts = Some(texts.updated(grown.texts.as_ref(), all.items.len()));
    }
    grown
}

/// The interactions of the history that continued training repeats, so that they are not forgotten: for each of them whether it
/// is repeated. Those that `train` has again are not, nor those of `validation`. `None` where none is.
pub fn replayed(
    before: &Catalogue,
    train: &Interactions,
    validation: Option<&Interactions>,
) -> Option<Vec<bool>> {
    let history = before.history.as_ref()?;
    let mut kept = vec![true; history.items.len()];
    for data in std::iter::once(train).chain(validation) {
        let users: Vec<Option<u32>> = data.users.iter().map(|id| before.users.get(id)).collect();
        let items: Vec<Option<u32>> = data.items.iter().map(|id| before.items.get(id)).collect();
        let columns = data.columns();
        for (&user, &item) in columns.users.iter().zip(&columns.items) {
            let (Some(user), Some(item)) = (users[user as usize], items[item as usize]) else { continue };
            let start = history.offsets[user as usize] as usize;
            let places = kept[start..].iter_mut().zip(history.of(user));
            places.filter(|(_, other)| **other == item).for_each(|(kept, _)| *kept = false);
        }
    }
    kept.contains(&true).then_some(kept)
}

/// All interactions of the history, or those that are `kept`, and of `train`, the latter later. Of repeated pairs that of `train`
/// counts.
pub fn together(
    history: &History,
    kept: Option<&[bool]>,
    users: usize,
    train: &Interactions,
) -> Interactions {
    // Reserved, because growth would need up to twice the memory.
    let rows = history.items.len() + train.len();
    let mut columns = Columns {
        users: Vec::with_capacity(rows),
        items: Vec::with_capacity(rows),
        ratings: history.ratings.as_ref().map(|_| Vec::with_capacity(rows)),
        times: None,
    };
    let mut place = 0;
    for user in 0..users as u32 {
        for (item, rating) in history.rows(user) {
            place += 1;
            if kept.is_some_and(|kept| !kept[place - 1]) {
                continue;
            }
            columns.users.push(user);
            columns.items.push(item);
            if let Some(ratings) = &mut columns.ratings {
                ratings.push(rating);
            }
        }
    }
    // In order of time, because the times of the history are not stored.
    let grouped = train.by_user();
    let rows = train.columns().select(grouped.all());
    columns.users.extend(rows.users);
    columns.items.extend(rows.items);
    match (&mut columns.ratings, rows.ratings) {
        (Some(ratings), Some(more)) => ratings.extend(more),
        // As for a history without ratings.
        (Some(ratings), None) => ratings.resize(columns.users.len(), 1.0),
        (None, _) => (),
    }
    let mut all = Interactions::new(train.users.clone(), train.items.clone(), columns, Some(train.range()));
    all.item_table.clone_from(&train.item_table);
    all.item_features.clone_from(&train.item_features);
    all
}

/// The interactions with times in the order of the rows.
pub fn timed(rows: Interactions) -> Interactions {
    let times = (0..rows.len()).map(|row| row as f64).collect();
    let columns = Columns { times: Some(times), ..rows.columns().clone() };
    let mut timed = Interactions::new(rows.users.clone(), rows.items.clone(), columns, Some(rows.range()));
    timed.item_table.clone_from(&rows.item_table);
    timed.item_features.clone_from(&rows.item_features);
    timed
}

/// Rows of the features of `before` in the order of the features of `train`, which may come from another file. New features
/// have rows of zeros. `values: (features of before, width)`.
fn by_feature(values: &[f32], width: usize, before: Option<&ItemFeatures>, train: &Interactions) -> Vec<f32> {
    let (Some(before), Some(features)) = (before, &train.item_features) else { return values.to_vec() };
    let mut rows = vec![0.0; features.width() * width];
    for (row, index) in rows.chunks_exact_mut(width).zip(features.indices_in(before)) {
        if let Some(index) = index {
            row.copy_from_slice(&values[index as usize * width..][..width]);
        }
    }
    rows
}

/// The parameters of `before` in the shape of `train`, whose catalogue begins with that of `before`.
pub fn start(before: &Fitted, train: &Interactions) -> Start {
    let catalogue = before.catalogue();
    // A closed form is computed again from all interactions.
    let learnt = if before.entry().closed_form { Vec::new() } else { before.model().tensors() };
    let tensors = learnt.into_iter().map(|tensor| {
        let (mut shape, mut values) = (tensor.shape.clone(), tensor.values.to_vec());
        let width = values.len() / shape[0].max(1);
        match tensor.axis {
            Axis::Users => shape[0] = train.users.len(),
            Axis::Items => shape[0] = train.items.len(),
            Axis::Features => {
                values = by_feature(&values, width, catalogue.features.as_deref(), train);
                shape[0] = values.len() / width.max(1);
            }
            Axis::Whole => (),
        }
        values.resize(width * shape[0], 0.0);
        (tensor.name.into_owned(), shape, values)
    });
    let known = |rows: &[u32], length: usize| {
        let mut known: Vec<bool> = rows.iter().map(|&rows| rows > 0).collect();
        known.resize(length, false);
        known
    };
    Start {
        epochs: before.training().epochs,
        tensors: Tensors(tensors.collect()),
        users: known(&catalogue.user_rows, train.users.len()),
        items: known(&catalogue.item_rows, train.items.len()),
    }
}
