//! Interactions in blocks, so that SGD per interaction runs in parallel with a deterministic result.
//!
//! Users and items are each split into `n` groups by seed and data alone, which makes `n × n` blocks. A *stratum* is `n` blocks
//! that share no user group and no item group: they touch disjoint rows and may run in any order, on any number of threads.
//! An epoch visits `n` strata, which together have all blocks.
//!
//! The users of a block are visited in tiles of [`USERS_PER_TILE`], each with its cells in random order. So the rows of a tile
//! stay in the first level of the cache and those of the item group in the second, and consecutive cells are rarely of one user,
//! whose updates would wait for each other.

use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::tensor::{row, values_mut};
use crate::contract::trainer::Control;
use ndarray::Array2;
use std::hint::black_box;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use tastespace_data::rng::Purpose;
use tastespace_data::{Columns, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_optim::parallel;

/// Positions of a user group in a tile.
pub const USERS_PER_TILE: usize = 64;

/// One side (users or items) in groups with about equal numbers of interactions. A row without interactions is in no group.
pub struct Groups {
    /// The members of each group; a row's position in the group is its index here.
    pub members: Vec<Vec<u32>>,
    /// `(group, position)` of each row; only meaningful for members.
    positions: Vec<(u8, u32)>,
}

impl Groups {
    /// Splits the rows that occur in `column`, of `rows` rows in total, into `count` groups (1 to 256) in an order sampled
    /// from `rng`.
    pub fn new(column: &[u32], rows: usize, count: usize, rng: &mut Rng) -> Self {
        let mut counts = vec![0u32; rows];
        for &row in column {
            counts[row as usize] += 1;
        }
        Self::of_counts(&counts, count, rng)
    }

    /// The same, from the number of interactions of each row.
    pub fn of_counts(counts: &[u32], count: usize, rng: &mut Rng) -> Self {
        let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        let mut order: Vec<u32> = (0..counts.len() as u32).filter(|&row| counts[row as usize] > 0).collect();
        rng.shuffle(&mut order);
        let mut members = vec![Vec::new(); count];
        let mut positions = vec![(0, 0); counts.len()];
        let mut before = 0u64;
        for row in order {
            let group = (before * count as u64 / total) as usize;
            positions[row as usize] = (group as u8, members[group].len() as u32);
            members[group].push(row);
            before += u64::from(counts[row as usize]);
        }
        Self { members, positions }
    }

    /// Number of rows, in a group or not.
    pub fn rows(&self) -> usize {
        self.positions.len()
    }

    /// The group of `row`, and its position there.
    pub fn position(&self, row: u32) -> (usize, u32) {
        let (group, position) = self.positions[row as usize];
        (usize::from(group), position)
    }
}

/// Values in a line of the cache.
const VALUES_PER_LINE: usize = 16;

/// The rows of a group in training: embeddings padded to whole lanes, and biases.
pub struct GroupRows {
    stride: usize,
    vectors: Vec<f32>,
    /// Empty if the side has no biases.
    biases: Vec<f32>,
}

impl GroupRows {
    /// The rows of `members` in a table and, unless they are empty, in its biases.
    pub fn new(vectors: &Array2<f32>, biases: &[f32], members: &[u32]) -> Self {
        let stride = padded(vectors.ncols());
        let mut padded = vec![0.0; members.len() * stride];
        for (to, &member) in padded.chunks_exact_mut(stride).zip(members) {
            to[..vectors.ncols()].copy_from_slice(row(vectors, member));
        }
        let biases = members.iter().filter_map(|&member| biases.get(member as usize).copied()).collect();
        Self { stride, vectors: padded, biases }
    }

    /// Rows from another machine: `vectors: (rows, stride)`, and `biases: (rows)` or empty.
    pub fn from_parts(stride: usize, vectors: Vec<f32>, biases: Vec<f32>) -> Self {
        Self { stride, vectors, biases }
    }

    /// The embeddings, padded, and the biases.
    pub fn parts(&self) -> [&[f32]; 2] {
        [&self.vectors, &self.biases]
    }

    /// Loads the rows of a range of positions, at most to the last, into the cache.
    pub fn prefetch(&self, positions: Range<u32>) {
        let end = self.vectors.len().min(positions.end as usize * self.stride);
        let lines = self.vectors[positions.start as usize * self.stride..end].iter().step_by(VALUES_PER_LINE);
        // WebAssembly has no instruction for it.
        black_box(lines.sum::<f32>());
    }

    fn range(&self, position: u32) -> Range<usize> {
        let start = position as usize * self.stride;
        start..start + self.stride
    }

    /// The first `factors` values of the embedding at a position, which are not padding, and its bias.
    pub fn get(&self, position: u32, factors: usize) -> (&[f32], f32) {
        (&self.vectors[self.range(position)][..factors], self.biases[position as usize])
    }

    /// The embedding at a position.
    pub fn vector(&mut self, position: u32) -> &mut [f32] {
        let range = self.range(position);
        &mut self.vectors[range]
    }

    /// The embedding and the bias at a position.
    pub fn row(&mut self, position: u32) -> (&mut [f32], &mut f32) {
        let range = self.range(position);
        (&mut self.vectors[range], &mut self.biases[position as usize])
    }

    /// The embeddings and the biases at two different positions.
    pub fn two(&mut self, positions: [u32; 2]) -> ([&mut [f32]; 2], [&mut f32; 2]) {
        let ranges = positions.map(|position| self.range(position));
        let vectors = self.vectors.get_disjoint_mut(ranges).expect("the positions differ");
        let biases = self.biases.get_disjoint_mut(positions.map(|position| position as usize));
        (vectors, biases.expect("the positions differ"))
    }

    /// Copies the rows to those of the members.
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

/// An interaction in a block: the positions of user and item in their groups, and a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    /// Position in the user group.
    pub user: u32,
    /// Position in the item group.
    pub item: u32,
    /// The value that the model trains on, such as the rating.
    pub value: f32,
}

/// The cells of one user group: item group after item group, and for each the tiles of users one after another.
pub struct Strip {
    cells: Vec<Cell>,
    /// Start of the cells of each tile with each item group, and the total: `(item groups · tiles + 1)`.
    offsets: Vec<usize>,
    /// Tiles of the user group.
    tiles: usize,
}

impl Strip {
    /// A strip whose offsets, except the first, are to become the numbers of cells.
    fn empty(users: usize, item_groups: usize) -> Self {
        let tiles = users.div_ceil(USERS_PER_TILE);
        Self { cells: Vec::new(), offsets: vec![0; item_groups * tiles + 1], tiles }
    }

    /// The strip of a group of `users` users, from the item group and the cell of each interaction in the order of the data.
    pub fn new(users: usize, item_groups: usize, cells: impl Iterator<Item = (usize, Cell)> + Clone) -> Self {
        let mut strip = Self::empty(users, item_groups);
        for (item_group, cell) in cells.clone() {
            let tile = strip.tile(cell.user, item_group);
            strip.offsets[tile + 1] += 1;
        }
        strip.make_room();
        let mut next = strip.offsets.clone();
        for (item_group, cell) in cells {
            let next = &mut next[strip.tile(cell.user, item_group)];
            strip.cells[*next] = cell;
            *next += 1;
        }
        strip
    }

    /// Turns the numbers of cells into offsets, and makes room for the cells.
    fn make_room(&mut self) {
        let mut total = 0;
        for offset in &mut self.offsets {
            total += *offset;
            *offset = total;
        }
        self.cells.resize(total, Cell::default());
    }

    /// The number of the tile with an item group to which a user belongs.
    fn tile(&self, user: u32, item_group: usize) -> usize {
        item_group * self.tiles + user as usize / USERS_PER_TILE
    }

    /// The tiles of the block with an item group: the positions of the users, and their cells in the order of the data.
    pub fn block(&self, item_group: usize) -> impl Iterator<Item = (Range<u32>, &[Cell])> {
        let offsets = &self.offsets[item_group * self.tiles..][..=self.tiles];
        (0..).step_by(USERS_PER_TILE).zip(offsets.windows(2)).map(|(first, offsets)| {
            (first..first + USERS_PER_TILE as u32, &self.cells[offsets[0]..offsets[1]])
        })
    }

    /// Number of cells of the largest tile in a block.
    pub fn largest(&self) -> usize {
        self.offsets.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }
}

/// All interactions by block.
pub struct Blocks {
    /// The users' groups.
    pub users: Groups,
    /// The items' groups.
    pub items: Groups,
    /// One strip per user group.
    pub strips: Vec<Strip>,
}

impl Blocks {
    /// Bytes of blocks with `count` groups on each side, and of shuffling a tile of each user group: as many as its users have
    /// on average.
    pub fn bytes(shape: Shape, count: u32) -> u64 {
        let (count, users) = (count as usize, shape.users.max(1));
        let offsets = (users / USERS_PER_TILE + count) * count;
        let shuffled = (shape.rows / count).min(shape.rows * USERS_PER_TILE / users);
        let groups = (shape.users + shape.items) * size_of::<(u32, (u8, u32))>();
        ((shape.rows + shuffled) * size_of::<Cell>() + offsets * 2 * size_of::<usize>() + groups) as u64
    }

    /// Splits `users` users and `items` items into `count` groups each, and arranges the interactions of `columns`;
    /// `value(row)` is the value of a cell.
    pub fn new(
        columns: &Columns,
        [users, items]: [usize; 2],
        count: usize,
        seed: u64,
        value: impl Fn(usize) -> f32,
    ) -> Self {
        let groups = |column, rows, side| {
            Groups::new(column, rows, count, &mut Rng::stream(seed, Purpose::Blocks, 0, side))
        };
        let (users, items) = (groups(&columns.users, users, 0), groups(&columns.items, items, 1));
        Self::of(columns, users, items, value)
    }

    /// Arranges the interactions of `columns`, whose users and items are all in the groups.
    pub fn of(columns: &Columns, users: Groups, items: Groups, value: impl Fn(usize) -> f32) -> Self {
        let rows = || columns.users.iter().zip(&columns.items);
        let strips = users.members.iter().map(|members| Strip::empty(members.len(), items.members.len()));
        let mut strips: Vec<Strip> = strips.collect();
        let place = |strips: &[Strip], user, item| {
            let ((group, user), (item_group, item)) = (users.position(user), items.position(item));
            (group, strips[group].tile(user, item_group), Cell { user, item, value: 0.0 })
        };
        for (&user, &item) in rows() {
            let (group, tile, _) = place(&strips, user, item);
            strips[group].offsets[tile + 1] += 1;
        }
        strips.iter_mut().for_each(Strip::make_room);
        let mut next: Vec<Vec<usize>> = strips.iter().map(|strip| strip.offsets.clone()).collect();
        for (row, (&user, &item)) in rows().enumerate() {
            let (group, tile, cell) = place(&strips, user, item);
            let next = &mut next[group][tile];
            strips[group].cells[*next] = Cell { value: value(row), ..cell };
            *next += 1;
        }
        Self { users, items, strips }
    }

    /// The order in which an epoch visits the strata of `count` groups: stratum `s` pairs user group `g` with item group
    /// `(g + s) mod count`.
    pub fn strata(seed: u64, epoch: u64, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        Rng::stream(seed, Purpose::Order, epoch, (count * count) as u64).shuffle(&mut order);
        order
    }

    /// Visits all blocks once, in parallel: `visit` gets the state of the user group and of the item group, and their numbers.
    ///
    /// Each group meets its partners in the `order` of the strata, which determines the result. A block therefore waits only
    /// for the two blocks of the previous stratum that share its rows, and threads synchronize once per epoch.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`]. The blocks that were started are completed.
    pub fn visit<U: Send, I: Send>(
        order: &[usize],
        (users, items): (&mut [U], &mut [I]),
        control: Control,
        visit: impl Fn(&mut U, &mut I, usize, usize) + Sync,
    ) -> Result<(), ModelError> {
        // Never contended: a turn starts after the other turns with these rows are done.
        let users: Vec<Mutex<&mut U>> = users.iter_mut().map(Mutex::new).collect();
        let items: Vec<Mutex<&mut I>> = items.iter_mut().map(Mutex::new).collect();
        let count = order.len();
        let turns = Turns::new(count);
        parallel::on_all_threads(&|| {
            while let Some(turn) = turns.take(control) {
                let (step, group) = (turn / count, turn % count);
                let item_group = (group + order[step]) % count;
                // The user group that had these items before. Its turn was taken before this one.
                let before = match step {
                    0 => group,
                    _ => (item_group + count - order[step - 1]) % count,
                };
                let Some(done) = turns.wait([group, before], step) else { break };
                let mut users = users[group].lock().unwrap_or_else(PoisonError::into_inner);
                let mut items = items[item_group].lock().unwrap_or_else(PoisonError::into_inner);
                visit(&mut users, &mut items, group, item_group);
                drop((users, items));
                done.complete(group);
            }
        });
        control.check(count, count)
    }

    /// The number of a block, which is the shard of its random streams.
    pub fn number(&self, user_group: usize, item_group: usize) -> u64 {
        Self::number_of(self.strips.len(), user_group, item_group)
    }

    /// The same where each side has `count` groups.
    pub fn number_of(count: usize, user_group: usize, item_group: usize) -> u64 {
        (user_group * count + item_group) as u64
    }
}

/// Checks before a waiting thread goes to sleep: about ten microseconds, less than a wake-up takes.
const CHECKS: usize = 2000;

/// The turns of an epoch, one per block, stratum after stratum.
struct Turns {
    /// The next turn.
    next: AtomicUsize,
    /// Number of strata that each user group has completed.
    done: Vec<AtomicUsize>,
    /// A thread panicked: the others stop.
    over: AtomicBool,
    lock: Mutex<()>,
    change: Condvar,
}

impl Turns {
    /// The turns of `count` groups.
    fn new(count: usize) -> Self {
        Self {
            next: AtomicUsize::new(0),
            done: (0..count).map(|_| AtomicUsize::new(0)).collect(),
            over: AtomicBool::new(false),
            lock: Mutex::new(()),
            change: Condvar::new(),
        }
    }

    /// Takes the next turn, unless all are taken or training is cancelled. Other threads wait for the completion of a turn that
    /// was taken, so cancellation is checked before.
    fn take(&self, control: Control) -> Option<usize> {
        control.check_cancelled().ok()?;
        let (turn, all) = (self.next.fetch_add(1, Ordering::Relaxed), self.done.len() * self.done.len());
        control.report(turn.min(all), all);
        (turn < all).then_some(turn)
    }

    /// Waits until both user groups have completed `steps` strata. `None` after a panic.
    fn wait(&self, groups: [usize; 2], steps: usize) -> Option<Turn<'_>> {
        let over = || self.over.load(Ordering::Relaxed);
        let ready =
            || over() || groups.iter().all(|&group| self.done[group].load(Ordering::Acquire) >= steps);
        for _ in 0..CHECKS {
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

    fn notify(&self) {
        // A thread that is about to sleep holds the lock until it sleeps.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.change.notify_all();
    }
}

/// Guard for a block in progress. If it is dropped by a panic, all waiting threads are woken and stop.
struct Turn<'a> {
    turns: &'a Turns,
    whole: bool,
}

impl Turn<'_> {
    /// The user group has completed one more stratum.
    fn complete(mut self, group: usize) {
        self.whole = true;
        self.turns.done[group].fetch_add(1, Ordering::Release);
        self.turns.notify();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.whole {
            self.turns.over.store(true, Ordering::Relaxed);
            self.turns.notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI32, AtomicU32};

    const BLOCKS: usize = 8;

    #[test]
    fn every_rating_is_in_one_block_and_groups_are_even() {
        let (users, items, rows) = (300, 200, 9000);
        let mut rng = Rng::stream(1, Purpose::Synthetic, 0, 0);
        let mut column = |bound| (0..rows).map(|_| rng.below(bound)).collect::<Vec<u32>>();
        let columns = Columns { users: column(users), items: column(items), ..Columns::default() };
        let blocks = Blocks::new(&columns, [users as usize, items as usize], BLOCKS, 7, |row| row as f32);
        let mut seen = vec![false; rows];
        for (user_group, strip) in blocks.strips.iter().enumerate() {
            // About an eighth, give or take the ratings of one user.
            assert!(strip.cells.len().abs_diff(rows / BLOCKS) < 100);
            for item_group in 0..BLOCKS {
                for (users, cell) in strip
                    .block(item_group)
                    .flat_map(|(users, cells)| cells.iter().map(move |cell| (users.clone(), cell)))
                {
                    assert!(users.contains(&cell.user));
                    let row = cell.value as usize;
                    assert_eq!(blocks.users.members[user_group][cell.user as usize], columns.users[row]);
                    assert_eq!(blocks.items.members[item_group][cell.item as usize], columns.items[row]);
                    assert!(!std::mem::replace(&mut seen[row], true));
                }
            }
        }
        assert!(seen.iter().all(|&seen| seen));
        assert_ne!(Blocks::strata(7, 0, BLOCKS), Blocks::strata(7, 1, BLOCKS));
    }

    /// A turn that is taken and then given up would never be completed, and the threads that wait for it would hang.
    #[test]
    fn no_turn_is_taken_after_the_cancellation() {
        let (cancel, progress) = (AtomicI32::new(0), AtomicU32::new(0));
        let control = Control { cancel: &cancel, progress: &progress };
        let turns = Turns::new(BLOCKS);
        assert_eq!((turns.take(control), turns.take(control)), (Some(0), Some(1)));
        cancel.store(1, Ordering::Relaxed);
        assert_eq!(turns.take(control), None);
        cancel.store(0, Ordering::Relaxed);
        assert_eq!(turns.take(control), Some(2), "the cancelled thread took no turn");
    }

    /// Threads wait for one another while others see the cancellation: no order of these may leave a thread waiting.
    #[test]
    fn cancelling_while_threads_wait_never_hangs() {
        const ROUNDS: usize = 5_000;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
        let (cancel, progress, round) = (AtomicI32::new(0), AtomicU32::new(0), AtomicUsize::new(0));
        let mut cancelled = 0;
        std::thread::scope(|scope| {
            // Cancels each round after another delay, as a caller on another thread does.
            scope.spawn(|| {
                for number in 1..=ROUNDS {
                    while round.load(Ordering::Acquire) < number {
                        std::hint::spin_loop();
                    }
                    (0..number * 37 % 4001).for_each(|_| std::hint::spin_loop());
                    cancel.store(1, Ordering::Relaxed);
                }
            });
            for number in 1..=ROUNDS {
                cancel.store(0, Ordering::Relaxed);
                let (mut users, mut items) = ([0u32; BLOCKS], [0u32; BLOCKS]);
                let result = pool.install(|| {
                    let control = Control { cancel: &cancel, progress: &progress };
                    round.store(number, Ordering::Release);
                    let groups = (&mut users[..], &mut items[..]);
                    Blocks::visit(
                        &Blocks::strata(7, number as u64, BLOCKS),
                        groups,
                        control,
                        |user, item, _, _| {
                            (*user, *item) = (*user + 1, *item + 1);
                        },
                    )
                });
                while cancel.load(Ordering::Relaxed) == 0 {
                    std::hint::spin_loop();
                }
                cancelled += u32::from(result.is_err());
                assert_eq!(users.iter().sum::<u32>(), items.iter().sum::<u32>());
            }
        });
        assert!(cancelled > 0, "no round was cancelled on its way");
    }

    #[test]
    fn one_rating_is_enough() {
        let columns = Columns { users: vec![2], items: vec![0], ..Columns::default() };
        let blocks = Blocks::new(&columns, [3, 1], BLOCKS, 0, |_| 4.0);
        assert_eq!(blocks.strips.iter().map(|strip| strip.cells.len()).sum::<usize>(), 1);
    }
}
