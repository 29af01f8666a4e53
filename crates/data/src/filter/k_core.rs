//! The k-core: what is left when users and items of few rows are removed until none is.

use crate::core::columns::Columns;
use crate::core::csr::ByUser;

/// Keeps the rows whose user and item have `least` kept rows or more, these counted. `sizes` are the numbers of users and
/// items. Takes time in proportion to the rows, however long the chain of removals.
pub(super) fn keep_core(columns: &Columns, sizes: [usize; 2], least: u32, kept: &mut [bool]) {
    if least < 2 {
        return;
    }
    // Of users and of items: whose each row is, all rows of each, and how many of them are kept.
    let sides = [&columns.users, &columns.items];
    let rows_of = [0, 1].map(|side| ByUser::in_place_order(sides[side], sizes[side]));
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
            // Removed once: when it falls below, and not again as it falls on.
            if *count == least - 1 {
                removed.push((other, partner));
            }
        }
    }
}
