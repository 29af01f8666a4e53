//! One rating's step of biased matrix factorisation (Koren, Bell, Volinsky 2009), the hot loop of `biased-mf`.

use crate::lanes::LANES;
use crate::vector::dot;

/// What a step is scaled by.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Learning rate γ, per update.
    pub learning: f32,
    /// L2 penalty λ of the factors, per update.
    pub penalty: f32,
    /// L2 penalty λ_b of the biases, per update.
    pub bias_penalty: f32,
}

/// Takes one step on a user's row `p: (d)` and an item's row `q: (d)` with their biases, for the rating `target = r − μ`.
///
/// `e = target − b_u − b_i − p·q`; `p += γ(e q − λ p)` and `q += γ(e p − λ q)`, both from the old rows;
/// `b += γ(e − λ_b b)`. Returns `e`. `d` is a multiple of [`LANES`]; padding of zeros stays zero.
#[inline]
pub fn rating_step(
    p: &mut [f32],
    q: &mut [f32],
    user_bias: &mut f32,
    item_bias: &mut f32,
    target: f32,
    rate: Rate,
) -> f32 {
    assert!(p.len() == q.len() && p.len().is_multiple_of(LANES));
    let error = target - *user_bias - *item_bias - dot(p, q);
    let step = rate.learning * error;
    let keep = 1.0 - rate.learning * rate.penalty;
    let (p_lanes, _) = p.as_chunks_mut::<LANES>();
    let (q_lanes, _) = q.as_chunks_mut::<LANES>();
    for (p, q) in p_lanes.iter_mut().zip(q_lanes) {
        for lane in 0..LANES {
            let (old_p, old_q) = (p[lane], q[lane]);
            p[lane] = keep * old_p + step * old_q;
            q[lane] = keep * old_q + step * old_p;
        }
    }
    let keep_bias = 1.0 - rate.learning * rate.bias_penalty;
    *user_bias = keep_bias * *user_bias + step;
    *item_bias = keep_bias * *item_bias + step;
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const RATE: Rate = Rate { learning: 0.01, penalty: 0.1, bias_penalty: 0.05 };

    fn rows(d: usize) -> (Vec<f32>, Vec<f32>) {
        let value = |seed: usize| move |k: usize| (((k * 7 + seed) * 40_503) % 1000) as f32 / 1000.0 - 0.5;
        ((0..d).map(value(3)).collect(), (0..d).map(value(11)).collect())
    }

    #[test]
    fn step_is_its_twin() {
        for d in [8, 16, 64, 104] {
            let (mut p, mut q) = rows(d);
            let (mut user_bias, mut item_bias) = (0.2f32, -0.3f32);
            let mut twin = reference::RatingStep::new(&p, &q, user_bias, item_bias);
            for target in [1.5, -0.7, 0.0, 2.0] {
                let error = rating_step(&mut p, &mut q, &mut user_bias, &mut item_bias, target, RATE);
                let expected = twin.step(f64::from(target), RATE);
                // Four steps on rows of order 1: a few units in the last place of f32.
                assert!((f64::from(error) - expected).abs() < 1e-5);
            }
            for (got, expected) in p.iter().chain(&q).zip(twin.p.iter().chain(&twin.q)) {
                assert!((f64::from(*got) - expected).abs() < 1e-6);
            }
            assert!((f64::from(user_bias) - twin.user_bias).abs() < 1e-6);
            assert!((f64::from(item_bias) - twin.item_bias).abs() < 1e-6);
        }
    }

    /// The step is `−γ` times the gradient of `½e² + ½λ(‖p‖² + ‖q‖²) + ½λ_b(b_u² + b_i²)`, every coordinate.
    #[test]
    fn step_follows_the_gradient() {
        let (p, q) = rows(8);
        let (user_bias, item_bias, target) = (0.2f32, -0.3f32, 1.5f32);
        let point: Vec<f64> =
            p.iter().chain(&q).chain(&[user_bias, item_bias]).map(|&x| f64::from(x)).collect();
        let loss =
            |x: &[f64]| reference::rating_loss(&x[..8], &x[8..16], x[16], x[17], f64::from(target), RATE);
        let (mut new_p, mut new_q, mut new_user, mut new_item) = (p.clone(), q.clone(), user_bias, item_bias);
        rating_step(&mut new_p, &mut new_q, &mut new_user, &mut new_item, target, RATE);
        let moved: Vec<f32> = new_p.iter().chain(&new_q).chain(&[new_user, new_item]).copied().collect();
        for k in 0..point.len() {
            let shifted = |by: f64| {
                let mut at = point.clone();
                at[k] += by;
                loss(&at)
            };
            let gradient = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            let step = f64::from(moved[k]) - point[k];
            assert!(
                (step + f64::from(RATE.learning) * gradient).abs() < 1e-7,
                "coordinate {k}: {step} {gradient}"
            );
        }
    }
}
