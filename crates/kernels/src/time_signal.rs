//! Sinusoidal encoding of positions in a sequence (Vaswani et al. 2017, §3.5).

use crate::math::{cos, pow, sin};

/// The encoding of `position`, from 0: `out_2k = sin(position / 10000^(2k/d))`, `out_2k+1 = cos(position / 10000^(2k/d))`, for
/// `out: (d)`.
pub fn time_signal(position: usize, out: &mut [f32]) {
    let d = out.len() as f64;
    for (k, out) in out.iter_mut().enumerate() {
        let angle = position as f64 / pow(10_000.0, (k / 2 * 2) as f64 / d);
        *out = if k % 2 == 0 { sin(angle) } else { cos(angle) } as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn it_is_its_twin() {
        for d in [1, 6, 7, 64] {
            for position in [0, 1, 4, 99] {
                let mut out = vec![0.0; d];
                time_signal(position, &mut out);
                for (got, expected) in out.iter().zip(reference::time_signal(position, d)) {
                    assert!((f64::from(*got) - expected).abs() < 1e-7, "{position} of {d}: {got} {expected}");
                }
            }
        }
    }
}
