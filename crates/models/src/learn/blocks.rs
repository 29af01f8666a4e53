//! Ratings cut into 8 × 8 blocks, so that per-rating SGD runs in parallel and still has one result.
//!
//! Users and items are each cut into [`BLOCKS`] groups by seed and data alone. A *stratum* is eight blocks that share
//! no user group and no item group: they touch disjoint rows and may run in any order, on any number of threads.
//! An epoch goes through eight strata that have all 64 blocks between them.

use crate::contract::error::ModelError;
use crate::contract::model::{Control, row};
use crate::learn::embedding::values_mut;
use ndarray::Array2;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use tastespace_data::Rng;
use tastespace_data::interactions::Columns;
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::padded;

/// Groups a side is cut into, and strata of an epoch. Part of the result: it never depends on the machine.
pub const BLOCKS: usize = 8;

/// One side (users or items) cut into groups of about equal numbers of ratings. A row without ratings is in no group.
pub struct Groups {
    /// The members of each group; a row's place is its position here.
    pub members: [Vec<u32>; BLOCKS],
    /// `(group, place)` of each row; only meaningful for members.
    places: Vec<(u8, u32)>,
}

impl Groups {
    /// Cuts the rows that `column` names, of `rows` rows in all, in an order drawn from `rng`.
    pub fn new(column: &[u32], rows: usize, rng: &mut Rng) -> Self {
        let mut counts = vec![0u32; rows];
        for &row in column {
            counts[row as usize] += 1;
        }
        let mut order: Vec<u32> = (0..rows as u32).filter(|&row| counts[row as usize] > 0).collect();
        rng.shuffle(&mut order);
        let mut members: [Vec<u32>; BLOCKS] = Default::default();
        let mut places = vec![(0, 0); rows];
        let mut before = 0u64;
        for row in order {
            let group = before as usize * BLOCKS / column.len();
            places[row as usize] = (group as u8, members[group].len() as u32);
            members[group].push(row);
            before += u64::from(counts[row as usize]);
        }
        Self { members, places }
    }

    /// The group of `row`, and its place there.
    pub fn place(&self, row: u32) -> (usize, u32) {
        let (group, place) = self.places[row as usize];
        (usize::from(group), place)
    }
}

/// One group's rows while they are trained: vectors padded to whole lanes, so that a step has no tail, and biases.
pub struct GroupRows {
    stride: usize,
    vectors: Vec<f32>,
    /// None at all where the side has none.
    biases: Vec<f32>,
}

impl GroupRows {
    /// The rows of `members` in a table and, where there are some, in its biases.
    pub fn new(vectors: &Array2<f32>, biases: &[f32], members: &[u32]) -> Self {
        let stride = padded(vectors.ncols());
        let mut padded = vec![0.0; members.len() * stride];
        for (to, &member) in padded.chunks_exact_mut(stride).zip(members) {
            to[..vectors.ncols()].copy_from_slice(row(vectors, member));
        }
        let biases = members.iter().filter_map(|&member| biases.get(member as usize).copied()).collect();
        Self { stride, vectors: padded, biases }
    }

    fn range(&self, place: u32) -> Range<usize> {
        let start = place as usize * self.stride;
        start..start + self.stride
    }

    /// The vector at a place.
    pub fn vector(&mut self, place: u32) -> &mut [f32] {
        let range = self.range(place);
        &mut self.vectors[range]
    }

    /// The vector and the bias at a place.
    pub fn row(&mut self, place: u32) -> (&mut [f32], &mut f32) {
        let range = self.range(place);
        (&mut self.vectors[range], &mut self.biases[place as usize])
    }

    /// The vectors and the biases at two places, which differ.
    pub fn two(&mut self, places: [u32; 2]) -> ([&mut [f32]; 2], [&mut f32; 2]) {
        let ranges = places.map(|place| self.range(place));
        let vectors = self.vectors.get_disjoint_mut(ranges).expect("the places differ");
        let biases = self.biases.get_disjoint_mut(places.map(|place| place as usize));
        (vectors, biases.expect("the places differ"))
    }

    /// Copies the rows to their members' places.
    pub fn copy_out(&self, members: &[u32], vectors: &mut Array2<f32>, biases: &mut [f32]) {
        let d = vectors.ncols();
        let to = values_mut(vectors);
        for (from, &member) in self.vectors.chunks_exact(self.stride).zip(members) {
            to[member as usize * d..][..d].copy_from_slice(&from[..d]);
        }
        for (&bias, &member) in self.biases.iter().zip(members) {
            biases[member as usize] = bias;
        }
    }
}

/// A rating inside a block: places in the user's and the item's group, and the value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    /// Place in the user group.
    pub user: u32,
    /// Place in the item group.
    pub item: u32,
    /// The rating, or whatever the model makes of it.
    pub value: f32,
}

/// The cells of one user group, item group after item group.
pub struct Strip {
    cells: Vec<Cell>,
    /// Where each item group's cells start, and the total.
    offsets: [usize; BLOCKS + 1],
}

impl Strip {
    /// The cells of this user group with an item group, in the order of the file.
    pub fn block(&self, item_group: usize) -> &[Cell] {
        &self.cells[self.offsets[item_group]..self.offsets[item_group + 1]]
    }

    /// Cells of the largest block.
    pub fn largest(&self) -> usize {
        self.offsets.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }
}

/// All ratings by block.
pub struct Blocks {
    /// The users' groups.
    pub users: Groups,
    /// The items' groups.
    pub items: Groups,
    /// One strip a user group.
    pub strips: [Strip; BLOCKS],
}

impl Blocks {
    /// Cuts the rows of `columns` over `users` and `items` rows; `value(row)` is what a cell holds.
    pub fn new(
        columns: &Columns,
        users: usize,
        items: usize,
        seed: u64,
        value: impl Fn(usize) -> f32,
    ) -> Self {
        let groups =
            |column, rows, side| Groups::new(column, rows, &mut Rng::stream(seed, Purpose::Blocks, 0, side));
        let (users, items) = (groups(&columns.users, users, 0), groups(&columns.items, items, 1));
        Self::of(columns, users, items, value)
    }

    /// Cuts the rows of `columns`, all of whose users and items are in the groups.
    pub fn of(columns: &Columns, users: Groups, items: Groups, value: impl Fn(usize) -> f32) -> Self {
        let mut sizes = [[0usize; BLOCKS]; BLOCKS];
        let rows = || columns.users.iter().zip(&columns.items);
        for (&user, &item) in rows() {
            sizes[users.place(user).0][items.place(item).0] += 1;
        }
        let mut strips = sizes.map(|sizes| {
            let mut offsets = [0; BLOCKS + 1];
            for group in 0..BLOCKS {
                offsets[group + 1] = offsets[group] + sizes[group];
            }
            Strip { cells: vec![Cell::default(); offsets[BLOCKS]], offsets }
        });
        let mut next = [0, 1, 2, 3, 4, 5, 6, 7].map(|group: usize| strips[group].offsets);
        for (row, (&user, &item)) in rows().enumerate() {
            let ((user_group, user), (item_group, item)) = (users.place(user), items.place(item));
            let place = &mut next[user_group][item_group];
            strips[user_group].cells[*place] = Cell { user, item, value: value(row) };
            *place += 1;
        }
        Self { users, items, strips }
    }

    /// The order in which an epoch visits the strata: stratum `s` pairs user group `g` with item group `(g + s) mod 8`.
    pub fn strata(seed: u64, epoch: u64) -> [usize; BLOCKS] {
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        Rng::stream(seed, Purpose::Order, epoch, (BLOCKS * BLOCKS) as u64).shuffle(&mut order);
        order
    }

    /// Visits all blocks once, in parallel: `visit` gets what is kept of the user group and of the item group, and their
    /// numbers.
    ///
    /// Either group meets its partners in the `order` of the strata, which is all that the result depends on. So a block
    /// need not wait for the whole stratum before, only for the two blocks there that share its rows; and the threads come
    /// together once an epoch, not once a stratum.
    pub fn visit<U: Send, I: Send>(
        order: [usize; BLOCKS],
        (users, items): (&mut [U], &mut [I]),
        control: Control,
        visit: impl Fn(&mut U, &mut I, usize, usize) + Sync,
    ) -> Result<(), ModelError> {
        // Never waited for: whoever has its turn has been told that the others are done with these rows.
        let users: Vec<Mutex<&mut U>> = users.iter_mut().map(Mutex::new).collect();
        let items: Vec<Mutex<&mut I>> = items.iter_mut().map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        let turns = Turns::default();
        rayon::broadcast(|_| {
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let (step, group) = (turn / BLOCKS, turn % BLOCKS);
                if step >= BLOCKS || control.check(turn, BLOCKS * BLOCKS).is_err() {
                    break;
                }
                let item_group = (group + order[step]) % BLOCKS;
                // The user group that had these items before. Its block was taken before this one: somebody is at it.
                let before = match step {
                    0 => group,
                    _ => (item_group + BLOCKS - order[step - 1]) % BLOCKS,
                };
                let Some(done) = turns.wait([group, before], step) else { break };
                let mut users = users[group].lock().unwrap_or_else(PoisonError::into_inner);
                let mut items = items[item_group].lock().unwrap_or_else(PoisonError::into_inner);
                visit(&mut users, &mut items, group, item_group);
                drop((users, items));
                done.with(group);
            }
        });
        control.check(BLOCKS, BLOCKS)
    }

    /// The stream that shuffles a block in an epoch.
    pub fn order(seed: u64, epoch: u64, user_group: usize, item_group: usize) -> Rng {
        Rng::stream(seed, Purpose::Order, epoch, (user_group * BLOCKS + item_group) as u64)
    }
}

/// Looks at what others have done before a thread goes to sleep over it: some ten microseconds, less than waking up takes.
const LOOKS: usize = 2000;

/// How many strata each user group is through.
#[derive(Default)]
struct Turns {
    done: [AtomicUsize; BLOCKS],
    /// Somebody panicked: there is nothing to wait for any more.
    over: AtomicBool,
    lock: Mutex<()>,
    change: Condvar,
}

impl Turns {
    /// Waits until both user groups are through `steps` strata. None where that will never be.
    fn wait(&self, groups: [usize; 2], steps: usize) -> Option<Turn<'_>> {
        let over = || self.over.load(Ordering::Relaxed);
        let ready =
            || over() || groups.iter().all(|&group| self.done[group].load(Ordering::Acquire) >= steps);
        for _ in 0..LOOKS {
            if ready() {
                break;
            }
            std::hint::spin_loop();
        }
        if !ready() {
            let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            drop(self.change.wait_while(guard, |()| !ready()));
        }
        (!over()).then_some(Turn { turns: self, whole: false })
    }

    fn tell(&self) {
        // Whoever found nothing new still holds the lock, or sleeps already.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.change.notify_all();
    }
}

/// A block that is being worked on. Dropped before its end, by a panic, it sends everybody home.
struct Turn<'a> {
    turns: &'a Turns,
    whole: bool,
}

impl Turn<'_> {
    /// The user group is through one more stratum.
    fn with(mut self, group: usize) {
        self.whole = true;
        self.turns.done[group].fetch_add(1, Ordering::Release);
        self.turns.tell();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.whole {
            self.turns.over.store(true, Ordering::Relaxed);
            self.turns.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rating_is_in_one_block_and_groups_are_even() {
        let (users, items, rows) = (300, 200, 9000);
        let mut rng = Rng::stream(1, Purpose::Synthetic, 0, 0);
        let mut column = |bound| (0..rows).map(|_| rng.below(bound)).collect::<Vec<u32>>();
        let columns = Columns { users: column(users), items: column(items), ..Columns::default() };
        let blocks = Blocks::new(&columns, users as usize, items as usize, 7, |row| row as f32);
        let mut seen = vec![false; rows];
        for (user_group, strip) in blocks.strips.iter().enumerate() {
            // About an eighth, give or take the ratings of one user.
            assert!(strip.cells.len().abs_diff(rows / BLOCKS) < 100);
            for item_group in 0..BLOCKS {
                for cell in strip.block(item_group) {
                    let row = cell.value as usize;
                    assert_eq!(blocks.users.members[user_group][cell.user as usize], columns.users[row]);
                    assert_eq!(blocks.items.members[item_group][cell.item as usize], columns.items[row]);
                    assert!(!std::mem::replace(&mut seen[row], true));
                }
            }
        }
        assert!(seen.iter().all(|&seen| seen));
        assert_ne!(Blocks::strata(7, 0), Blocks::strata(7, 1));
    }

    #[test]
    fn one_rating_is_enough() {
        let columns = Columns { users: vec![2], items: vec![0], ..Columns::default() };
        let blocks = Blocks::new(&columns, 3, 1, 0, |_| 4.0);
        assert_eq!(blocks.strips.iter().map(|strip| strip.cells.len()).sum::<usize>(), 1);
    }
}
