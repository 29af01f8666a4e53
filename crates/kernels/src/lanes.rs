//! The fixed lanes that every reduction runs over. rustc does not reorder float sums, so the order written here *is*
//! the result: eight running sums, added as a tree at the end.

/// Lanes of a reduction: two 128-bit vectors of `f32`. Rows that are padded are padded to a multiple of it.
pub const LANES: usize = 8;

/// Adds eight lanes as a tree: `((0+4)+(2+6)) + ((1+5)+(3+7))`.
#[inline(always)]
pub fn sum(lanes: [f32; LANES]) -> f32 {
    let half = [lanes[0] + lanes[4], lanes[1] + lanes[5], lanes[2] + lanes[6], lanes[3] + lanes[7]];
    (half[0] + half[2]) + (half[1] + half[3])
}

/// The smallest multiple of [`LANES`] that holds `length` values.
pub const fn padded(length: usize) -> usize {
    length.div_ceil(LANES) * LANES
}
