//! Users' item sequences, which sequential models train on.

use super::recent_items::{self, RecentItems};
use crate::contract::error::ModelError;
use crate::contract::trainer::Problem;
use tastespace_data::{ByUser, Columns, DataError};
use tastespace_options::choices;

choices! {
    /// Order of a user's interactions.
    pub enum Order { Time = "time", Rows = "rows" }
}

impl Order {
    /// Fails where the training interactions of `problem` cannot be put in this order.
    pub fn check(self, kind: &'static str, problem: &Problem) -> Result<(), ModelError> {
        if self == Self::Rows || problem.train.columns().times.is_some() {
            return Ok(());
        }
        Err(ModelError::Data(DataError::NeedsTimestamps {
            purpose: kind,
            instead: "if the file is in the order of time, give --set order=rows, which is the option order = \"rows\"",
            unread: problem.train.unread(),
        }))
    }
}

/// Every user's items in order of time.
pub struct Sequences {
    /// Where each user's items start, and the total: `(users + 1)`.
    pub(crate) offsets: Vec<u32>,
    pub(crate) items: Vec<u32>,
    /// Number of each user's items from an earlier run: `(users)`, or empty.
    pub(crate) before: Vec<u32>,
}

impl Sequences {
    /// The sequences of the interactions in `columns` of `users` users. A user's `remembered` items come first, except those
    /// that occur again.
    pub fn new(
        columns: &Columns,
        users: usize,
        order: Order,
        remembered: Option<&dyn Fn(u32) -> Vec<u32>>,
    ) -> Self {
        let grouped = match order {
            Order::Time => ByUser::new(columns, users),
            Order::Rows => ByUser::in_row_order(&columns.users, users),
        };
        let of_rows = grouped.all().iter().map(|&row| columns.items[row as usize]);
        let Some(remembered) = remembered else {
            return Self {
                items: of_rows.collect(),
                offsets: grouped.offsets().to_vec(),
                before: Vec::new(),
            };
        };
        let of_rows: Vec<u32> = of_rows.collect();
        let (mut offsets, mut items, mut before) = (vec![0], Vec::with_capacity(of_rows.len()), Vec::new());
        for user in 0..users {
            let own = &of_rows[grouped.offsets()[user] as usize..grouped.offsets()[user + 1] as usize];
            let start = items.len();
            items.extend(remembered(user as u32).into_iter().filter(|item| !own.contains(item)));
            before.push((items.len() - start) as u32);
            items.extend(own);
            offsets.push(items.len() as u32);
        }
        Self { offsets, items, before }
    }

    /// The items of `user`.
    pub fn of(&self, user: u32) -> &[u32] {
        &self.items[self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize]
    }

    /// Number of users.
    pub fn users(&self) -> usize {
        self.offsets.len() - 1
    }
    /// The sequences of a problem. Where training resumes, a user's sequence begins with their last items of the earlier run,
    /// up to `length` of them.
    pub fn of_problem(problem: &Problem, order: Order, length: usize) -> Self {
        let start = problem.start.as_ref().map(|start| (start, start.values(recent_items::NAME)));
        let remembered = start.map(|(start, items)| {
            move |user: u32| {
                if start.users[user as usize] { RecentItems::read(items, length, user) } else { Vec::new() }
            }
        });
        let remembered = remembered.as_ref().map(|of| of as &dyn Fn(u32) -> Vec<u32>);
        Self::new(problem.train.columns(), problem.shape().users, order, remembered)
    }
}
