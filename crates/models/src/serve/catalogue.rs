//! The catalogue of a trained model: its users and items.

use crate::contract::history::History;
use crate::contract::kind::{Shape, Task};
use crate::serve::lower_bound::RatingSpread;
use std::sync::Arc;
use tastespace_data::{Interactions, ItemFeatures, ItemTexts, Vocabulary};

/// Users and items of a model: ids, number of training interactions, history, titles and features.
pub struct Catalogue {
    /// Ids of the users.
    pub users: Arc<Vocabulary>,
    /// Ids of the items.
    pub items: Arc<Vocabulary>,
    /// Interactions of each user that the model learned from.
    pub user_rows: Vec<u32>,
    /// Interactions of each item that the model learned from.
    pub item_rows: Vec<u32>,
    /// Lowest and highest possible rating.
    pub range: (f32, f32),
    /// Spread of the training ratings, for rating models. Absent in files of earlier versions.
    pub spread: Option<RatingSpread>,
    /// All items that each user has seen; absent if the file was saved without.
    pub history: Option<Arc<History>>,
    /// The part of the history that the model learned from: without the ratings below zero for a ranking model.
    pub learned: Option<Arc<History>>,
    /// Titles and genres of the items, if the data has any.
    pub texts: Option<ItemTexts>,
    /// Features of the items, by item index, if the data has any.
    pub features: Option<Arc<ItemFeatures>>,
}

impl Catalogue {
    /// The catalogue of a training set, for a model of this task.
    pub fn new(task: Task, train: &Interactions) -> Self {
        let learned = task.learned(train);
        let columns = learned.columns();
        let history = Arc::new(History::new(train));
        let count = |column: &[u32], length| {
            let mut rows = vec![0; length];
            for &index in column {
                rows[index as usize] += 1;
            }
            rows
        };
        Self {
            user_rows: count(&columns.users, train.users.len()),
            item_rows: count(&columns.items, train.items.len()),
            users: train.users.clone(),
            items: train.items.clone(),
            range: train.range(),
            spread: if task == Task::Rating { RatingSpread::of(train) } else { None },
            learned: Some(learned_of(task, &history)),
            history: Some(history),
            texts: train.item_table.as_ref().map(|table| table.align(&train.items)),
            features: train.item_features.as_ref().map(|features| Arc::new(features.aligned(&train.items))),
        }
    }

    /// Margins of the [lower bounds](super::lower_bound) by which a rating model ranks: `(items)`, or empty for none.
    pub fn margins(&self) -> Vec<f32> {
        let Some(spread) = self.spread else { return Vec::new() };
        self.item_rows.iter().map(|&rows| spread.margin(rows)).collect()
    }

    /// Bytes of a catalogue of this shape: interaction counts, margins and history.
    pub fn bytes(shape: Shape) -> u64 {
        let features = if shape.features > 0 { 4 * (shape.items + shape.feature_pairs) } else { 0 };
        (shape.users * 8 + shape.items * 8 + shape.rows * 8 + features) as u64
    }

    /// Bytes needed temporarily to build it: interactions grouped by user.
    pub fn making_bytes(shape: Shape) -> u64 {
        (shape.users * 8 + shape.rows * 4) as u64
    }

    /// Whether `user`, which may be `UNKNOWN`, has training interactions.
    pub fn knows_user(&self, user: u32) -> bool {
        self.user_rows.get(user as usize).is_some_and(|&rows| rows > 0)
    }

    /// The sizes of the training data, which had `rows` interactions.
    pub fn shape(&self, rows: usize) -> Shape {
        let (features, feature_pairs) = match &self.features {
            Some(features) => (features.width(), features.parts().all.len()),
            None => (0, 0),
        };
        Shape { users: self.users.len(), items: self.items.len(), rows, features, feature_pairs }
    }

    /// The features of an item without training interactions; empty for other items.
    pub fn placed_by(&self, item: u32) -> &[u32] {
        match &self.features {
            Some(features) if self.item_rows[item as usize] == 0 => features.of(item),
            _ => &[],
        }
    }

    /// Whether `item`, which may be `UNKNOWN`, has training interactions.
    pub fn knows_item(&self, item: u32) -> bool {
        self.item_rows.get(item as usize).is_some_and(|&rows| rows > 0)
    }
}

/// The part of a history that a model of this task learned from.
pub fn learned_of(task: Task, history: &Arc<History>) -> Arc<History> {
    match task {
        Task::Rating => history.clone(),
        Task::Ranking => history.positives(),
    }
}
