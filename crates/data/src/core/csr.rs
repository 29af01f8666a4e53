//! Rows grouped by user, in the order that they happened.

use super::columns::Columns;

/// Compressed rows by user: each user's rows of [`Columns`] in the order (time, place in the file).
#[derive(Clone, Debug)]
pub struct ByUser {
    /// Where each user's rows start, and the total: `(users + 1)`.
    offsets: Vec<u32>,
    /// Row numbers, user after user.
    rows: Vec<u32>,
}

impl ByUser {
    /// Groups the rows of `columns` over `users` users.
    pub fn new(columns: &Columns, users: usize) -> Self {
        let mut grouped = Self::in_place_order(&columns.users, users);
        if let Some(times) = &columns.times {
            for user in 0..users {
                let rows = grouped.offsets[user] as usize..grouped.offsets[user + 1] as usize;
                // Stable, so rows of one time stay in the order of the file.
                grouped.rows[rows].sort_by(|&a, &b| times[a as usize].total_cmp(&times[b as usize]));
            }
        }
        grouped
    }

    /// Groups rows by the user of each, over `users` users: each user's stay in the order of the file.
    pub fn in_place_order(user_of_row: &[u32], users: usize) -> Self {
        let mut offsets = vec![0u32; users + 1];
        for &user in user_of_row {
            offsets[user as usize + 1] += 1;
        }
        for user in 0..users {
            offsets[user + 1] += offsets[user];
        }
        let mut next = offsets.clone();
        let mut rows = vec![0u32; user_of_row.len()];
        for (row, &user) in user_of_row.iter().enumerate() {
            let place = &mut next[user as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Self { offsets, rows }
    }

    /// The rows of `user`.
    pub fn rows(&self, user: u32) -> &[u32] {
        &self.rows[self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize]
    }

    /// Where each user's rows start, and the total.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// All rows, user after user.
    pub fn all(&self) -> &[u32] {
        &self.rows
    }
}
