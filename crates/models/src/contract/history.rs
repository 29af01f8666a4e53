//! The training items of each user, in order of time.

use std::sync::Arc;
use tastespace_data::{Interactions, is_positive};

/// Each user's training items, ordered by (time, position in the file).
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Start of each user's items, and the total: `(users + 1)`.
    pub offsets: Vec<u32>,
    /// Items, user after user.
    pub items: Vec<u32>,
    /// Ratings of these items; absent if the data has none.
    pub ratings: Option<Vec<f32>>,
}

impl History {
    /// The history of the interactions of `data`.
    pub fn new(data: &Interactions) -> Self {
        let grouped = data.by_user();
        let columns = data.columns();
        let items = grouped.all().iter().map(|&row| columns.items[row as usize]).collect();
        let ratings = columns.ratings.as_ref();
        let ratings = ratings.map(|ratings| grouped.all().iter().map(|&row| ratings[row as usize]).collect());
        Self { offsets: grouped.offsets().to_vec(), items, ratings }
    }

    /// The positives: all but the interactions with a rating below zero.
    pub fn positives(self: &Arc<Self>) -> Arc<Self> {
        let Some(ratings) = &self.ratings else { return self.clone() };
        if ratings.iter().all(|&rating| is_positive(rating)) {
            return self.clone();
        }
        let mut positives = Self { offsets: vec![0], items: Vec::new(), ratings: Some(Vec::new()) };
        for user in 0..self.offsets.len() as u32 - 1 {
            for (item, rating) in self.rows(user).into_iter().filter(|&(_, rating)| is_positive(rating)) {
                positives.items.push(item);
                positives.ratings.get_or_insert_default().push(rating);
            }
            positives.offsets.push(positives.items.len() as u32);
        }
        Arc::new(positives)
    }

    /// Whether `user` has interactions other than with a rating below zero.
    pub fn has_positives(&self, user: u32) -> bool {
        let range = self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize;
        match &self.ratings {
            Some(ratings) => ratings[range].iter().any(|&rating| is_positive(rating)),
            None => !range.is_empty(),
        }
    }

    /// The items of `user`.
    pub fn of(&self, user: u32) -> &[u32] {
        &self.items[self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize]
    }

    /// The items of `user` with their ratings, 1 if the data has none.
    pub fn rows(&self, user: u32) -> Vec<(u32, f32)> {
        let start = self.offsets[user as usize] as usize;
        let rating = |place: usize| self.ratings.as_ref().map_or(1.0, |ratings| ratings[start + place]);
        self.of(user).iter().enumerate().map(|(place, &item)| (item, rating(place))).collect()
    }

    /// Whether this is a valid history of `users` users and `items` items.
    pub fn fits(&self, users: usize, items: usize) -> bool {
        self.offsets.len() == users + 1
            && self.offsets[0] == 0
            && self.offsets.is_sorted()
            && self.offsets[users] as usize == self.items.len()
            && self.items.iter().all(|&item| (item as usize) < items)
            && self.ratings.as_ref().is_none_or(|ratings| ratings.len() == self.items.len())
    }
}
