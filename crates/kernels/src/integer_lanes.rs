//! Vectors of integers: eight of 16 bits, or four sums of 32 bits. Integer arithmetic has the same result on every machine.

pub use eight::{Eight, Sums};

/// Values of 16 bits in an [`Eight`].
pub const SHORTS: usize = 8;

impl Eight {
    /// The pair in all four places.
    #[inline(always)]
    pub fn splat(pair: [i16; 2]) -> Self {
        eight::splat(pair)
    }

    /// The values as a vector.
    #[inline(always)]
    pub fn load(values: &[i16; SHORTS]) -> Self {
        eight::load(*values)
    }
}

impl Sums {
    /// All sums 0.
    #[inline(always)]
    pub fn zero() -> Self {
        eight::splat_sum(0)
    }

    /// The same value in all sums.
    #[inline(always)]
    pub fn splat(value: i32) -> Self {
        eight::splat_sum(value)
    }

    /// Adds to sum `n` the products of `x` and `y` at `2n` and `2n + 1`. The values are above −32768, and the sums do not overflow.
    #[inline(always)]
    pub fn plus_products(self, x: Eight, y: Eight) -> Self {
        eight::add(self, eight::pair_products(x, y))
    }

    /// The sums.
    #[inline(always)]
    pub fn store(self) -> [i32; 4] {
        eight::store(self)
    }

    /// Whether a sum of any of the vectors is greater than that of `threshold`.
    #[inline(always)]
    pub fn any_above(vectors: [Self; 4], threshold: Self) -> bool {
        eight::any_above(vectors, threshold)
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vectors are made of arrays, and the instructions exist on every x86-64")]
mod eight {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_cmpgt_epi32, _mm_madd_epi16, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi32,
    };
    use std::mem::transmute;

    /// Eight values of 16 bits.
    #[derive(Clone, Copy)]
    pub struct Eight(__m128i);

    /// Four sums of 32 bits.
    #[derive(Clone, Copy)]
    pub struct Sums(__m128i);

    #[inline(always)]
    pub(super) fn load(values: [i16; 8]) -> Eight {
        // SAFETY: both are eight integers in this order, and any integers are valid.
        Eight(unsafe { transmute::<[i16; 8], __m128i>(values) })
    }

    #[inline(always)]
    pub(super) fn splat([low, high]: [i16; 2]) -> Eight {
        let pair = i32::from(low as u16) | (i32::from(high) << 16);
        // SAFETY: SSE2 is a part of x86-64.
        Eight(unsafe { _mm_set1_epi32(pair) })
    }

    #[inline(always)]
    pub(super) fn splat_sum(value: i32) -> Sums {
        // SAFETY: SSE2 is a part of x86-64.
        Sums(unsafe { _mm_set1_epi32(value) })
    }

    #[inline(always)]
    pub(super) fn pair_products(x: Eight, y: Eight) -> Sums {
        // SAFETY: SSE2 is a part of x86-64.
        Sums(unsafe { _mm_madd_epi16(x.0, y.0) })
    }

    #[inline(always)]
    pub(super) fn add(x: Sums, y: Sums) -> Sums {
        // SAFETY: SSE2 is a part of x86-64.
        Sums(unsafe { _mm_add_epi32(x.0, y.0) })
    }

    #[inline(always)]
    pub(super) fn store(sums: Sums) -> [i32; 4] {
        // SAFETY: both are four integers in this order, and any integers are valid.
        unsafe { transmute(sums.0) }
    }

    #[inline(always)]
    pub(super) fn any_above([a, b, c, d]: [Sums; 4], threshold: Sums) -> bool {
        // SAFETY: SSE2 is a part of x86-64.
        unsafe {
            let above = |sums: Sums| _mm_cmpgt_epi32(sums.0, threshold.0);
            let any = _mm_or_si128(_mm_or_si128(above(a), above(b)), _mm_or_si128(above(c), above(d)));
            _mm_movemask_epi8(any) != 0
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[expect(unsafe_code, reason = "vectors are made of arrays")]
mod eight {
    use std::arch::wasm32::{
        i32x4_add, i32x4_dot_i16x8, i32x4_gt, i32x4_splat, v128, v128_any_true, v128_or,
    };
    use std::mem::transmute;

    /// Eight values of 16 bits.
    #[derive(Clone, Copy)]
    pub struct Eight(v128);

    /// Four sums of 32 bits.
    #[derive(Clone, Copy)]
    pub struct Sums(v128);

    #[inline(always)]
    pub(super) fn load(values: [i16; 8]) -> Eight {
        // SAFETY: both are eight integers in this order, and any integers are valid.
        Eight(unsafe { transmute::<[i16; 8], v128>(values) })
    }

    #[inline(always)]
    pub(super) fn splat(pair: [i16; 2]) -> Eight {
        // SAFETY: both are 32 bits, and WebAssembly is little-endian.
        Eight(i32x4_splat(unsafe { transmute::<[i16; 2], i32>(pair) }))
    }

    #[inline(always)]
    pub(super) fn splat_sum(value: i32) -> Sums {
        Sums(i32x4_splat(value))
    }

    #[inline(always)]
    pub(super) fn pair_products(x: Eight, y: Eight) -> Sums {
        Sums(i32x4_dot_i16x8(x.0, y.0))
    }

    #[inline(always)]
    pub(super) fn add(x: Sums, y: Sums) -> Sums {
        Sums(i32x4_add(x.0, y.0))
    }

    #[inline(always)]
    pub(super) fn store(sums: Sums) -> [i32; 4] {
        // SAFETY: both are four integers in this order, and any integers are valid.
        unsafe { transmute(sums.0) }
    }

    #[inline(always)]
    pub(super) fn any_above([a, b, c, d]: [Sums; 4], threshold: Sums) -> bool {
        let above = |sums: Sums| i32x4_gt(sums.0, threshold.0);
        v128_any_true(v128_or(v128_or(above(a), above(b)), v128_or(above(c), above(d))))
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
mod eight {
    use std::array::from_fn;

    /// Eight values of 16 bits.
    #[derive(Clone, Copy)]
    pub struct Eight([i16; 8]);

    /// Four sums of 32 bits.
    #[derive(Clone, Copy)]
    pub struct Sums([i32; 4]);

    pub(super) fn load(values: [i16; 8]) -> Eight {
        Eight(values)
    }

    pub(super) fn splat([low, high]: [i16; 2]) -> Eight {
        Eight([low, high, low, high, low, high, low, high])
    }

    pub(super) fn splat_sum(value: i32) -> Sums {
        Sums([value; 4])
    }

    pub(super) fn pair_products(x: Eight, y: Eight) -> Sums {
        let product = |at: usize| i32::from(x.0[at]) * i32::from(y.0[at]);
        Sums(from_fn(|sum| product(2 * sum) + product(2 * sum + 1)))
    }

    pub(super) fn add(x: Sums, y: Sums) -> Sums {
        Sums(from_fn(|sum| x.0[sum] + y.0[sum]))
    }

    pub(super) fn store(sums: Sums) -> [i32; 4] {
        sums.0
    }

    pub(super) fn any_above(vectors: [Sums; 4], threshold: Sums) -> bool {
        vectors.iter().any(|sums| sums.0.iter().zip(&threshold.0).any(|(sum, threshold)| sum > threshold))
    }
}
