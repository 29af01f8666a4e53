//! The k-core: removes users and items with fewer than k rows until none is left.

use crate::core::columns::Columns;
use crate::core::csr::ByUser;

/// Keeps the rows in the largest subset in which every user and item has `least` rows. `sizes` are the numbers of users and
/// items. The time is linear in the rows, however long the chain of removals.
pub(super) fn keep_core(columns: &Columns, sizes: [usize; 2], least: u32, kept: &mut [bool]) {
    if least < 2 {
        return;
    }
    // For users and for items: the index of each row, the rows of each index, and how many of them are kept.
    let sides = [&columns.users, &columns.items];
    let rows_of = [0, 1].map(|side| ByUser::in_row_order(sides[side], sizes[side]));
    let mut counts = sizes.map(|size| vec![0u32; size]);
    for row in (0..columns.len()).filter(|&row| kept[row]) {
        for side in [0, 1] {
            counts[side][sides[side][row] as usize] += 1;
        }
    }
    let mut removed: Vec<(usize, u32)> = Vec::new();
    for side in [0, 1] {
        let few = (0..sizes[side] as u32).filter(|&index| counts[side][index as usize] < least);
        removed.extend(few.map(|index| (side, index)));
    }
    while let Some((side, index)) = removed.pop() {
        let other = 1 - side;
        for &row in rows_of[side].rows(index) {
            if !std::mem::take(&mut kept[row as usize]) {
                continue;
            }
            let partner = sides[other][row as usize];
            let count = &mut counts[other][partner as usize];
            *count -= 1;
            // Removed once, when the count falls below `least`.
            if *count == least - 1 {
                removed.push((other, partner));
            }
        }
    }
}
