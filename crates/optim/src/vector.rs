//! Operations on long vectors in parallel: chunks of a fixed length, with sums in `f64` added in the order of the chunks, so
//! that the result does not depend on the number of threads.

use crate::parallel;

/// Elements of a task.
const CHUNK: usize = 1 << 14;

/// Partial sums of a chunk.
const LANES: usize = 8;

/// Inner product of `x` and `y`, of one length, in `f64`.
pub fn dot(x: &[f32], y: &[f32]) -> f64 {
    assert_eq!(x.len(), y.len());
    let chunks = parallel::map(x.chunks(CHUNK).zip(y.chunks(CHUNK)), |(x, y)| {
        let mut sums = [0.0f64; LANES];
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
        for (x, y) in x.iter().zip(y) {
            for lane in 0..LANES {
                sums[lane] += f64::from(x[lane]) * f64::from(y[lane]);
            }
        }
        for (lane, (&x, &y)) in x_rest.iter().zip(y_rest).enumerate() {
            sums[lane] += f64::from(x) * f64::from(y);
        }
        sums.iter().sum()
    });
    chunks.iter().sum::<f64>()
}

/// `out[k] = formula(out[k], x[k])` for `out` and `x` of one length.
pub(crate) fn update(out: &mut [f32], x: &[f32], formula: impl Fn(f32, f32) -> f32 + Sync) {
    assert_eq!(out.len(), x.len());
    parallel::for_each(out.chunks_mut(CHUNK).zip(x.chunks(CHUNK)), |(out, x)| {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = formula(*out, x);
        }
    });
}

/// `out[k] = x[k] + weight · y[k]`, all of one length.
pub(crate) fn sum_scaled(out: &mut [f32], x: &[f32], weight: f32, y: &[f32]) {
    assert!(out.len() == x.len() && out.len() == y.len());
    let chunks = out.chunks_mut(CHUNK).zip(x.chunks(CHUNK).zip(y.chunks(CHUNK)));
    parallel::for_each(chunks, |(out, (x, y))| {
        for (out, (&x, &y)) in out.iter_mut().zip(x.iter().zip(y)) {
            *out = x + weight * y;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_product_is_its_formula_on_any_number_of_threads() {
        let values = |step: f32| (0..40_003).map(|k| (k as f32 * step).fract() - 0.4).collect::<Vec<f32>>();
        let (x, y) = (values(0.37), values(0.71));
        let expected: f64 = x.iter().zip(&y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| dot(&x, &y))
        };
        assert!((on(1) - expected).abs() < 1e-9);
        assert_eq!(on(1).to_bits(), on(3).to_bits());
    }
}
