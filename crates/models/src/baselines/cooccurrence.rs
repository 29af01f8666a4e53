//! Co-occurrence counts: the number of users that two items have in common.

use tastespace_data::{ByUser, Columns};

/// The interactions by user and by item.
pub(super) struct Cooccurrence {
    /// Each user's items, ascending.
    items: Lists,
    /// Each item's users, ascending.
    users: Lists,
}

/// Lists stored one after the other.
pub(super) struct Lists {
    offsets: Vec<u32>,
    members: Vec<u32>,
}

impl Lists {
    /// Each user's items, ascending.
    pub(super) fn items_of_users(columns: &Columns, users: usize, items: usize) -> Self {
        let by_item = ByUser::in_row_order(&columns.items, items);
        let pairs = (0..items as u32)
            .flat_map(|item| by_item.rows(item).iter().map(move |&row| (columns.users[row as usize], item)));
        Self::new(users, &columns.users, pairs)
    }

    /// Each item's users, ascending.
    fn users_of_items(&self, columns: &Columns, items: usize) -> Self {
        let users = 0..self.offsets.len() as u32 - 1;
        Self::new(
            items,
            &columns.items,
            users.flat_map(|user| self.of(user).iter().map(move |&item| (item, user))),
        )
    }

    /// The members of each of `owners` owners, in the order of the `(owner, member)` pairs.
    fn new(owners: usize, column: &[u32], pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut offsets = vec![0u32; owners + 1];
        for &owner in column {
            offsets[owner as usize + 1] += 1;
        }
        for owner in 0..owners {
            offsets[owner + 1] += offsets[owner];
        }
        let (mut next, mut members) = (offsets.clone(), vec![0; column.len()]);
        for (owner, member) in pairs {
            let place = &mut next[owner as usize];
            members[*place as usize] = member;
            *place += 1;
        }
        Self { offsets, members }
    }

    /// The list of `owner`.
    pub(super) fn of(&self, owner: u32) -> &[u32] {
        &self.members[self.offsets[owner as usize] as usize..self.offsets[owner as usize + 1] as usize]
    }
}

/// Bytes of the lists.
pub(super) fn bytes(users: usize, items: usize, rows: usize) -> u64 {
    4 * (users + items + 2 * rows) as u64
}

impl Cooccurrence {
    pub(super) fn new(columns: &Columns, users: usize, items: usize) -> Self {
        let items_of_users = Lists::items_of_users(columns, users, items);
        Self { users: items_of_users.users_of_items(columns, items), items: items_of_users }
    }

    /// Number of users of `item`.
    pub(super) fn users(&self, item: u32) -> usize {
        self.users.of(item).len()
    }

    /// Calls `count` with each item up to `last`, inclusive, of each user of `item`.
    #[inline]
    pub(super) fn each(&self, item: u32, last: u32, mut count: impl FnMut(u32)) {
        for &user in self.users.of(item) {
            for &other in self.items.of(user) {
                if other > last {
                    break;
                }
                count(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_all_pairs_of_rows() {
        let (users, items) = (17, 13);
        let cells = (0..users * items).filter(|cell| cell * cell % 7 < 3);
        let mut columns = Columns::default();
        for cell in cells {
            columns.users.push(cell % users);
            columns.items.push(cell * 5 % items);
        }
        let together = Cooccurrence::new(&columns, users as usize, items as usize);
        let had = |user, item| {
            let rows = columns.users.iter().zip(&columns.items);
            rows.filter(|&(&u, &i)| (u, i) == (user, item)).count()
        };
        for item in 0..items {
            let mut counts = vec![0; items as usize];
            together.each(item, item, |other| counts[other as usize] += 1);
            for other in 0..items {
                let both: usize = (0..users).map(|user| had(user, item) * had(user, other)).sum();
                assert_eq!(counts[other as usize], if other <= item { both } else { 0 });
            }
            assert_eq!(together.users(item), (0..users).map(|user| had(user, item)).sum::<usize>());
        }
    }
}
