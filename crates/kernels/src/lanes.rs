//! The fixed lanes that every reduction runs over. rustc does not reorder float sums, so the order written here *is*
//! the result: eight running sums, added as a tree at the end.

use four::Four;

/// Lanes of a reduction: two 128-bit vectors of `f32`. Padded rows have a multiple of this length.
pub const LANES: usize = 8;

/// Eight running values in two 128-bit vectors.
///
/// Written out, since LLVM follows the final sum of the lanes: from an array it made four vectors of two in the hottest loops.
/// The arithmetic is that of single lanes, on every machine.
#[derive(Clone, Copy)]
pub struct Lanes(Four, Four);

impl Lanes {
    /// All lanes 0.
    #[inline(always)]
    pub fn zero() -> Self {
        Self(four::splat(0.0), four::splat(0.0))
    }

    /// The same value in all lanes.
    #[inline(always)]
    pub fn splat(value: f32) -> Self {
        Self(four::splat(value), four::splat(value))
    }

    /// The values of the lanes.
    #[inline(always)]
    pub fn store(self) -> [f32; LANES] {
        let ([a, b, c, d], [e, f, g, h]) = (four::store(self.0), four::store(self.1));
        [a, b, c, d, e, f, g, h]
    }

    /// The values as lanes.
    #[inline(always)]
    pub fn load(values: &[f32; LANES]) -> Self {
        let [a, b, c, d, e, f, g, h] = *values;
        Self(four::load([a, b, c, d]), four::load([e, f, g, h]))
    }

    /// Fewer values than lanes, and zeros after them.
    #[inline(always)]
    pub fn load_padded(values: &[f32]) -> Self {
        let mut padded = [0.0; LANES];
        padded[..values.len()].copy_from_slice(values);
        Self::load(&padded)
    }

    /// `self + x · y`, the product rounded before it is added.
    #[inline(always)]
    pub fn plus_product(self, x: Self, y: Self) -> Self {
        Self(four::add(self.0, four::multiply(x.0, y.0)), four::add(self.1, four::multiply(x.1, y.1)))
    }

    /// `self + x²`, the square rounded before it is added.
    #[inline(always)]
    pub fn plus_square(self, x: Self) -> Self {
        self.plus_product(x, x)
    }

    /// `self + other`.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        Self(four::add(self.0, other.0), four::add(self.1, other.1))
    }

    /// `self − other`.
    #[inline(always)]
    pub fn minus(self, other: Self) -> Self {
        Self(four::subtract(self.0, other.0), four::subtract(self.1, other.1))
    }

    /// The sum of the lanes as a tree: `((0+4)+(2+6)) + ((1+5)+(3+7))`.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = four::store(four::add(self.0, self.1));
        (a + c) + (b + d)
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vectors are made of arrays, and the instructions exist on every x86-64")]
mod four {
    use std::arch::x86_64::{__m128, _mm_add_ps, _mm_mul_ps, _mm_set1_ps, _mm_sub_ps};
    use std::mem::transmute;

    pub(super) type Four = __m128;

    #[inline(always)]
    pub(super) fn load(values: [f32; 4]) -> Four {
        // SAFETY: both are four floats in this order, and any floats are valid.
        unsafe { transmute(values) }
    }

    #[inline(always)]
    pub(super) fn store(four: Four) -> [f32; 4] {
        // SAFETY: both are four floats in this order, and any floats are valid.
        unsafe { transmute(four) }
    }

    #[inline(always)]
    pub(super) fn splat(value: f32) -> Four {
        // SAFETY: SSE is a part of x86-64.
        unsafe { _mm_set1_ps(value) }
    }

    #[inline(always)]
    pub(super) fn add(x: Four, y: Four) -> Four {
        // SAFETY: SSE is a part of x86-64.
        unsafe { _mm_add_ps(x, y) }
    }

    #[inline(always)]
    pub(super) fn subtract(x: Four, y: Four) -> Four {
        // SAFETY: SSE is a part of x86-64.
        unsafe { _mm_sub_ps(x, y) }
    }

    #[inline(always)]
    pub(super) fn multiply(x: Four, y: Four) -> Four {
        // SAFETY: SSE is a part of x86-64.
        unsafe { _mm_mul_ps(x, y) }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[expect(unsafe_code, reason = "vectors are made of arrays")]
mod four {
    use std::arch::wasm32::v128;
    pub(super) use std::arch::wasm32::{
        f32x4_add as add, f32x4_mul as multiply, f32x4_splat as splat, f32x4_sub as subtract,
    };
    use std::mem::transmute;

    pub(super) type Four = v128;

    #[inline(always)]
    pub(super) fn load(values: [f32; 4]) -> Four {
        // SAFETY: both are four floats in this order, and any floats are valid.
        unsafe { transmute(values) }
    }

    #[inline(always)]
    pub(super) fn store(four: Four) -> [f32; 4] {
        // SAFETY: both are four floats in this order, and any floats are valid.
        unsafe { transmute(four) }
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
mod four {
    use std::array::from_fn;

    pub(super) type Four = [f32; 4];

    pub(super) fn load(values: [f32; 4]) -> Four {
        values
    }

    pub(super) fn store(four: Four) -> [f32; 4] {
        four
    }

    pub(super) fn splat(value: f32) -> Four {
        [value; 4]
    }

    pub(super) fn add(x: Four, y: Four) -> Four {
        from_fn(|lane| x[lane] + y[lane])
    }

    pub(super) fn subtract(x: Four, y: Four) -> Four {
        from_fn(|lane| x[lane] - y[lane])
    }

    pub(super) fn multiply(x: Four, y: Four) -> Four {
        from_fn(|lane| x[lane] * y[lane])
    }
}

/// The smallest multiple of [`LANES`] that holds `length` values.
pub const fn padded(length: usize) -> usize {
    length.div_ceil(LANES) * LANES
}
