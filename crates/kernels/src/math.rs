//! Elementary functions from one place, so that native and WebAssembly builds agree to the bit: the platform's own
//! `exp` and `ln` differ between hosts. Only `+ − × ÷`, `sqrt` and bit moves are used, which IEEE 754 fixes.

use std::f64::consts::LN_2;

/// High and low parts of ln 2: `k · LN_2_HIGH` is exact for every exponent `k`.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `e^x` in `f32`, within 2e-7 relatively between −87 and 88, which values beyond count as. No branches, so that the lanes of a
/// loop go together: for layers and attention, which want many values and no more digits.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    /// `1.5 · 2²³`: added to a number below 2²², it leaves the nearest whole number in the last bits.
    const ROUNDER: f32 = 12_582_912.0;
    /// ln 2 in two parts: `k` times the first is exact for every exponent `k`.
    const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 88.0 { x } else { 88.0 };
    // x = k ln 2 + r with |r| ≤ ½ ln 2; exp(r) by its series, the ninth term is below 6e-9.
    let rounded = x * std::f32::consts::LOG2_E + ROUNDER;
    let k = rounded - ROUNDER;
    let r = (x - k * LN_2[0]) - k * LN_2[1];
    let mut series = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * r + coefficient;
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}

/// Natural logarithm, within 1e-15 of the true value relatively (absolutely near 1). `ln(0) = −∞`, NaN below 0.
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x.is_infinite() {
        return x;
    }
    // Subnormal numbers are scaled into the normal range first.
    let (x, bias) = if x < f64::MIN_POSITIVE { (x * (1u64 << 54) as f64, 54) } else { (x, 0) };
    // x = 2^k · f with f in [√½, √2): ln x = k ln 2 + 2 artanh(s), s = (f − 1)/(f + 1), |s| < 0.172.
    let bits = x.to_bits();
    let mut k = ((bits >> 52) & 0x7ff) as i64 - 1023 - bias;
    let mut f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if f >= std::f64::consts::SQRT_2 {
        f *= 0.5;
        k += 1;
    }
    let s = (f - 1.0) / (f + 1.0);
    let s2 = s * s;
    // artanh(s) = s + s³/3 + s⁵/5 + …: eleven terms leave less than 1e-18.
    let mut series = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = (series + 1.0 / odd) * s2;
    }
    let k = k as f64;
    k * LN_2_HIGH + (2.0 * s + (2.0 * s * series + k * LN_2_LOW))
}

/// Exponential function, within 1e-15 relatively; overflows to ∞ above 709.78, 0 below −745.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.782_712_893_384 {
        return f64::INFINITY;
    }
    if x < -745.2 {
        return 0.0;
    }
    // x = k ln 2 + r with |r| ≤ ½ ln 2; exp(r) by its series, 14 terms leave less than 1e-17.
    let k = (x / LN_2 + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let r = (x - k as f64 * LN_2_HIGH) - k as f64 * LN_2_LOW;
    let mut series = 1.0;
    for n in (1..=14).rev() {
        series = 1.0 + series * r / f64::from(n);
    }
    // 2^k in two factors, so that results near both ends of the range are reached.
    let half = k / 2;
    series * power_of_two(half) * power_of_two(k - half)
}

/// `2^k` for `|k| ≤ 1022`.
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// `x^y` for `x > 0`, as `exp(y ln x)`: within 1e-13 relatively while `|y ln x| < 100`.
pub fn pow(x: f64, y: f64) -> f64 {
    exp(y * ln(x))
}

/// `x^n` by repeated squaring: the order of the products is fixed.
pub fn powi(x: f64, mut n: u32) -> f64 {
    let (mut base, mut product) = (x, 1.0);
    while n > 0 {
        if n & 1 == 1 {
            product *= base;
        }
        base *= base;
        n >>= 1;
    }
    product
}

/// π/2 in three parts: `k` times the first two is exact for `|k| < 2²⁰`.
const HALF_PI: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// Sine of `x` in radians, within 1e-15 for `|x| < 10⁶`; NaN where `x` is not finite.
pub fn sin(x: f64) -> f64 {
    let (quarter, r) = quarters(x);
    match quarter {
        0 => sine(r),
        1 => cosine(r),
        2 => -sine(r),
        _ => -cosine(r),
    }
}

/// Cosine of `x` in radians, with the same accuracy.
pub fn cos(x: f64) -> f64 {
    let (quarter, r) = quarters(x);
    match quarter {
        0 => cosine(r),
        1 => -sine(r),
        2 => -cosine(r),
        _ => sine(r),
    }
}

/// `x = k π/2 + r` with `|r| ≤ π/4`: `k mod 4`, and `r`.
fn quarters(x: f64) -> (i64, f64) {
    if !x.is_finite() {
        return (0, f64::NAN);
    }
    let k = (x / std::f64::consts::FRAC_PI_2 + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let r = HALF_PI.iter().fold(x, |r, part| r - k as f64 * part);
    (k.rem_euclid(4), r)
}

/// Sine of `|r| ≤ π/4` by its series: ten terms leave less than 1e-19.
fn sine(r: f64) -> f64 {
    let square = r * r;
    r * (1..=9).rev().fold(1.0, |series, n| 1.0 - series * square / f64::from(2 * n * (2 * n + 1)))
}

/// Cosine of `|r| ≤ π/4` by its series, with the same accuracy.
fn cosine(r: f64) -> f64 {
    let square = r * r;
    (1..=9).rev().fold(1.0, |series, n| 1.0 - series * square / f64::from((2 * n - 1) * 2 * n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ln_and_exp_agree_with_the_platform(x in -700.0f64..700.0) {
            let y = exp(x);
            prop_assert!((y / x.exp() - 1.0).abs() < 2e-15, "exp({x}) = {y}");
            prop_assert!((ln(y) - y.ln()).abs() <= 2e-15 * y.ln().abs().max(1.0), "ln({y})");
        }

        #[test]
        fn powers_agree_with_the_platform(x in 1e-3f64..1e3, y in -10.0f64..10.0, n in 0u32..200) {
            prop_assert!((pow(x, y) / x.powf(y) - 1.0).abs() < 1e-13);
            let base = 0.9 + x / 1e4;
            prop_assert!((powi(base, n) / base.powi(n as i32) - 1.0).abs() < 1e-13);
        }

        #[test]
        fn exp_f32_agrees_with_the_platform(x in -87.0f32..87.0) {
            let expected = f64::from(x).exp();
            prop_assert!((f64::from(exp_f32(x)) / expected - 1.0).abs() < 2e-7, "exp({x}) = {} for {expected}", exp_f32(x));
        }

        #[test]
        fn sine_and_cosine_agree_with_the_platform(x in -1e6f64..1e6, small in -7.0f64..7.0) {
            for x in [x, small] {
                prop_assert!((sin(x) - x.sin()).abs() < 1e-15, "sin({x}) = {}", sin(x));
                prop_assert!((cos(x) - x.cos()).abs() < 1e-15, "cos({x}) = {}", cos(x));
            }
        }
    }

    #[test]
    fn edges() {
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!(ln(-1.0).is_nan());
        assert!((ln(5e-324) - 5e-324f64.ln()).abs() < 1e-12);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!((sin(0.0), cos(0.0)), (0.0, 1.0));
        assert!(sin(f64::INFINITY).is_nan() && cos(f64::NAN).is_nan());
        assert_eq!(exp(710.0), f64::INFINITY);
        assert_eq!(exp(-746.0), 0.0);
        assert!((exp(-740.0) - (-740.0f64).exp()).abs() <= 5e-324);
    }

    #[test]
    fn the_ends_of_the_range_are_reached() {
        for x in [-1e4, -1e300, f64::NEG_INFINITY] {
            assert_eq!((exp(x), exp(-x)), (0.0, f64::INFINITY));
        }
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan());
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!((ln(f64::MAX) - f64::MAX.ln()).abs() < 1e-12);
        assert!((ln(f64::MIN_POSITIVE) - f64::MIN_POSITIVE.ln()).abs() < 1e-12);
    }
}
