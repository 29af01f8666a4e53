//! One step of Bayesian personalised ranking (Rendle, Freudenthaler, Gantner, Schmidt-Thieme 2009), the hot loop of `bpr`.

use crate::lanes::{LANES, Lanes};
use crate::math::exp;

/// Learning rate and regularization of a step.
#[derive(Clone, Copy, Debug)]
pub struct PairRate {
    /// Learning rate γ, per update.
    pub learning: f32,
    /// L2 regularization λ of the vectors, per update.
    pub penalty: f32,
    /// L2 regularization λ_b of the item biases, per update.
    pub bias_penalty: f32,
}

/// Takes one step on a user's row `p: (d)` and on the rows `q_i, q_j: (d)` and biases `b_i, b_j` of a positive and a
/// negative item.
///
/// With `x = b_i − b_j + p·(q_i − q_j)` and `g = σ(−x)`: `p += γ(g (q_i − q_j) − λ p)`, `q_i += γ(g p − λ q_i)`,
/// `q_j += γ(−g p − λ q_j)`, `b_i += γ(g − λ_b b_i)`, `b_j += γ(−g − λ_b b_j)`, all from the old rows. Returns `x`.
/// Padding of zeros stays zero.
#[inline]
pub fn pairwise_step(
    p: &mut [f32],
    [q_i, q_j]: [&mut [f32]; 2],
    [b_i, b_j]: [&mut f32; 2],
    rate: PairRate,
) -> f32 {
    assert!(p.len() == q_i.len() && p.len() == q_j.len());
    let x = *b_i - *b_j + dot_difference(p, q_i, q_j);
    let step = rate.learning * misorder_probability(x);
    let keep = 1.0 - rate.learning * rate.penalty;
    // Value by value, not over chunks, which LLVM turns into gathers.
    for (p, (q_i, q_j)) in p.iter_mut().zip(q_i.iter_mut().zip(q_j)) {
        let (old_p, old_i, old_j) = (*p, *q_i, *q_j);
        *p = keep * old_p + step * (old_i - old_j);
        *q_i = keep * old_i + step * old_p;
        *q_j = keep * old_j - step * old_p;
    }
    let keep_bias = 1.0 - rate.learning * rate.bias_penalty;
    *b_i = keep_bias * *b_i + step;
    *b_j = keep_bias * *b_j - step;
    x
}

/// The step of the user's row alone, with fixed items. `difference` is `b_i − b_j`.
#[inline]
pub fn pairwise_user_step(p: &mut [f32], q_i: &[f32], q_j: &[f32], difference: f32, rate: PairRate) -> f32 {
    let x = difference + dot_difference(p, q_i, q_j);
    let step = rate.learning * misorder_probability(x);
    let keep = 1.0 - rate.learning * rate.penalty;
    for (p, (q_i, q_j)) in p.iter_mut().zip(q_i.iter().zip(q_j)) {
        *p = keep * *p + step * (q_i - q_j);
    }
    x
}

/// `σ(−x)`, the probability that a pair with score difference `x` is in the wrong order.
#[inline]
pub fn misorder_probability(x: f32) -> f32 {
    (1.0 / (1.0 + exp(f64::from(x)))) as f32
}

/// `p·(q_i − q_j)`, all `(d)`.
#[inline]
fn dot_difference(p: &[f32], q_i: &[f32], q_j: &[f32]) -> f32 {
    assert!(p.len() == q_i.len() && p.len() == q_j.len());
    let (p, p_rest) = p.as_chunks::<LANES>();
    let (q_i, i_rest) = q_i.as_chunks::<LANES>();
    let (q_j, j_rest) = q_j.as_chunks::<LANES>();
    let mut sums = Lanes::zero();
    for (p, (q_i, q_j)) in p.iter().zip(q_i.iter().zip(q_j)) {
        sums = sums.plus_product(Lanes::load(p), Lanes::load(q_i).minus(Lanes::load(q_j)));
    }
    if !p_rest.is_empty() {
        let difference = Lanes::load_padded(i_rest).minus(Lanes::load_padded(j_rest));
        sums = sums.plus_product(Lanes::load_padded(p_rest), difference);
    }
    sums.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const RATE: PairRate = PairRate { learning: 0.05, penalty: 0.1, bias_penalty: 0.03 };

    fn rows(d: usize) -> [Vec<f32>; 3] {
        let value = |seed: usize| move |k: usize| (((k * 7 + seed) * 40_503) % 1000) as f32 / 1000.0 - 0.5;
        [3, 11, 29].map(|seed| (0..d).map(value(seed)).collect())
    }

    #[test]
    fn step_is_its_twin() {
        for d in [8, 64, 104] {
            let [mut p, mut q_i, mut q_j] = rows(d);
            let (mut b_i, mut b_j) = (0.2f32, -0.3f32);
            let mut twin = reference::PairwiseStep::new(&p, &q_i, &q_j, [b_i, b_j]);
            for _ in 0..5 {
                let x = pairwise_step(&mut p, [&mut q_i, &mut q_j], [&mut b_i, &mut b_j], RATE);
                // Five steps on rows of order 1: a few units in the last place of f32.
                assert!((f64::from(x) - twin.step(RATE)).abs() < 2e-5);
            }
            let (got, expected) = ([p, q_i, q_j].concat(), [twin.p, twin.q_i, twin.q_j].concat());
            for (got, expected) in got.iter().zip(expected) {
                assert!((f64::from(*got) - expected).abs() < 1e-6);
            }
            assert!((f64::from(b_i) - twin.biases[0]).abs() < 1e-6);
            assert!((f64::from(b_j) - twin.biases[1]).abs() < 1e-6);
        }
    }

    /// The step is `−γ` times the gradient of [`reference::pairwise_loss`], every coordinate.
    #[test]
    fn step_follows_the_gradient() {
        let [mut p, mut q_i, mut q_j] = rows(8);
        let (mut b_i, mut b_j) = (0.2f32, -0.3f32);
        let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let point = wide(&[&p[..], &q_i, &q_j, &[b_i, b_j]].concat());
        pairwise_step(&mut p, [&mut q_i, &mut q_j], [&mut b_i, &mut b_j], RATE);
        let moved = [&p[..], &q_i, &q_j, &[b_i, b_j]].concat();
        let loss =
            |x: &[f64]| reference::pairwise_loss(&x[..8], [&x[8..16], &x[16..24]], [x[24], x[25]], RATE);
        reference::check_step(&point, &moved, RATE.learning, &loss);
    }

    #[test]
    fn the_user_step_is_the_same_with_fixed_items() {
        let [mut p, mut q_i, mut q_j] = rows(16);
        let mut alone = p.clone();
        let (mut b_i, mut b_j) = (0.2f32, -0.3f32);
        let x = pairwise_user_step(&mut alone, &q_i, &q_j, b_i - b_j, RATE);
        assert_eq!(x, pairwise_step(&mut p, [&mut q_i, &mut q_j], [&mut b_i, &mut b_j], RATE));
        assert_eq!(alone, p);
    }

    #[test]
    fn the_misorder_probability_is_between_0_and_1() {
        assert_eq!(
            (misorder_probability(0.0), misorder_probability(1e4), misorder_probability(-1e4)),
            (0.5, 0.0, 1.0)
        );
        assert!((misorder_probability(1.0) + misorder_probability(-1.0) - 1.0).abs() < 1e-7);
    }
}
