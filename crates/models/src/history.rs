//! Who had what in training, in the order that it happened.

use tastespace_data::Interactions;

/// Each user's training items in the order (time, place in the file).
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Where each user's items start, and the total: `(users + 1)`.
    pub offsets: Vec<u32>,
    /// Items, user after user.
    pub items: Vec<u32>,
}

impl History {
    /// The history that the rows of `data` tell.
    pub fn new(data: &Interactions) -> Self {
        let grouped = data.by_user();
        let items = grouped.all().iter().map(|&row| data.columns().items[row as usize]).collect();
        Self { offsets: grouped.offsets().to_vec(), items }
    }

    /// The items of `user`.
    pub fn of(&self, user: u32) -> &[u32] {
        &self.items[self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize]
    }

    /// Whether this is a history of `users` users over `items` items.
    pub fn fits(&self, users: usize, items: usize) -> bool {
        self.offsets.len() == users + 1
            && self.offsets[0] == 0
            && self.offsets.is_sorted()
            && self.offsets[users] as usize == self.items.len()
            && self.items.iter().all(|&item| (item as usize) < items)
    }
}
