//! Attention of (user, item) pairs over the slots of a memory, and its gradient (Tay, Luu, Hui 2018, *Latent Relational Metric Learning via
//! Memory-based Attention*).
//!
//! A pair of vectors `p, q: (d)` attends to `n` slots with keys `K: (n, d)` and memories `M: (n, d)`:
//!
//! ```text
//! s = p ⊙ q                   (d), the product
//! a = softmax(K s)            (n), the weights
//! r = Σ_n a_n M_n             (d), the relation of the pair
//! ```
//!
//! **Backward.** Let `g = ∂loss/∂r`. Since `r` is linear in both, `∂loss/∂M_n = a_n g` and `∂loss/∂a_n = M_n·g =: e_n`. Through
//! the softmax, whose Jacobian is `diag(a) − a aᵀ`, the scores `K s` get
//!
//! ```text
//! t_n = a_n (e_n − Σ_j a_j e_j)
//! ∂loss/∂K_n = t_n s,    ∂loss/∂s = Kᵀ t,    ∂loss/∂p = q ⊙ ∂loss/∂s,    ∂loss/∂q = p ⊙ ∂loss/∂s
//! ```
//!
//! A relation may be clipped to a ball of radius ρ, `r' = c r` with `c = min(1, ρ/‖r‖)`. Where it is, `∂c/∂r = −c r/‖r‖²`, so that
//! `∂loss/∂r = c (g' − r' (r'·g')/ρ²)`: the component along `r` vanishes.
//!
//! **Many items for one user.** No vector of length `d` is needed per pair. With `K diag(p)` in place of `K` the scores of all
//! items are one product of matrices, and
//!
//! ```text
//! ‖p + r − q‖² = ‖p − q‖² + 2 a·(M p − M q) + aᵀ (M Mᵀ) a
//! ```
//!
//! where `M q` depends on the item and `M Mᵀ` on the model only. [`UserQuery`] does this for eight items at a time, one per lane.
//!
//! Legend: `b` pairs, `n` slots, `d` factors.

use crate::lanes::{LANES, Lanes};
use crate::matrix::{add_transposed_product, multiply_packed, pack, pack_transposed, packed_length};
use crate::softmax::{exp, softmax};
use crate::vector::{clip_to_ball, dot, norm};

/// Keys and memories, packed for the products of both passes.
#[derive(Clone, Copy)]
pub struct Slots<'a> {
    n: usize,
    d: usize,
    keys: &'a [f32],
    keys_transposed: &'a [f32],
    memory: &'a [f32],
    memory_transposed: &'a [f32],
}

impl<'a> Slots<'a> {
    /// Number of packed values of `n` slots of `d` factors.
    pub const fn length(n: usize, d: usize) -> usize {
        2 * (packed_length(n, d) + packed_length(d, n))
    }

    /// Packs `keys, memory: (n, d)` into `packed`, of [`length`](Self::length) values.
    pub fn pack(keys: &[f32], memory: &[f32], d: usize, packed: &'a mut [f32]) -> Self {
        let n = keys.len() / d;
        assert!(keys.len() == n * d && memory.len() == n * d && packed.len() == Self::length(n, d));
        let (straight, transposed) = packed.split_at_mut(2 * packed_length(n, d));
        let (packed_keys, packed_memory) = straight.split_at_mut(packed_length(n, d));
        let (keys_transposed, memory_transposed) = transposed.split_at_mut(packed_length(d, n));
        pack(keys, d, packed_keys);
        pack(memory, d, packed_memory);
        pack_transposed(keys, d, keys_transposed);
        pack_transposed(memory, d, memory_transposed);
        Self { n, d, keys: packed_keys, keys_transposed, memory: packed_memory, memory_transposed }
    }

    /// Computes the weights and relations of pairs from their `products: (b, d)`. `weights: (b, n)`, `relations: (b, d)`.
    pub fn attend(&self, products: &[f32], weights: &mut [f32], relations: &mut [f32]) {
        let Self { n, d, .. } = *self;
        assert!(products.len() == relations.len() && products.len() / d == weights.len() / n);
        multiply_packed(products, self.keys, d, n, weights, n);
        weights.chunks_exact_mut(n).for_each(softmax);
        multiply_packed(weights, self.memory_transposed, n, d, relations, d);
    }

    /// Backpropagates the gradients of relations: to the products, written to `product_gradients: (b, d)`, and to keys and memory,
    /// added to `key_gradients, memory_gradients: (n, d)`. `score_gradients: (b, n)` is scratch.
    pub fn attend_backward(
        &self,
        ForwardPass { products, weights, relation_gradients }: ForwardPass,
        score_gradients: &mut [f32],
        product_gradients: &mut [f32],
        key_gradients: &mut [f32],
        memory_gradients: &mut [f32],
    ) {
        let Self { n, d, .. } = *self;
        assert!(products.len() == relation_gradients.len() && products.len() == product_gradients.len());
        assert!(products.len() / d == weights.len() / n && weights.len() == score_gradients.len());
        multiply_packed(relation_gradients, self.memory, d, n, score_gradients, n);
        for (score_gradients, weights) in score_gradients.chunks_exact_mut(n).zip(weights.chunks_exact(n)) {
            let mean = dot(score_gradients, weights);
            for (score_gradient, weight) in score_gradients.iter_mut().zip(weights) {
                *score_gradient = weight * (*score_gradient - mean);
            }
        }
        multiply_packed(score_gradients, self.keys_transposed, n, d, product_gradients, d);
        add_transposed_product(key_gradients, score_gradients, products, n, d);
        add_transposed_product(memory_gradients, weights, relation_gradients, n, d);
    }
}

/// Input of the backward pass: the `products: (b, d)` and `weights: (b, n)` of the forward pass, and the gradients of its
/// relations: `(b, d)`.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ForwardPass<'a> {
    pub products: &'a [f32],
    pub weights: &'a [f32],
    pub relation_gradients: &'a [f32],
}

/// Clips a `relation: (d)` to the ball of this `radius`. Returns the factor by which it was scaled.
#[inline]
pub fn clip_relation(relation: &mut [f32], radius: f32) -> f32 {
    let norm = norm(relation);
    clip_to_ball(relation, radius);
    if norm > radius { radius / norm } else { 1.0 }
}

/// Backpropagates through [`clip_relation`], in place: `relation: (d)` is the clipped one, `scale` the returned factor.
#[inline]
pub fn clip_relation_backward(gradient: &mut [f32], relation: &[f32], scale: f32) {
    if scale < 1.0 {
        let along = dot(gradient, relation) / dot(relation, relation);
        for (gradient, value) in gradient.iter_mut().zip(relation) {
            *gradient = scale * (*gradient - along * value);
        }
    }
}

/// A user, to be scored against many items.
pub struct UserQuery<'a> {
    /// `K diag(p)`, and `p` below: `(n + 1, d)`.
    pub keys: &'a [f32],
    /// `M p: (n)`.
    pub memory_products: &'a [f32],
    /// `‖p‖²`.
    pub square: f32,
    /// `M Mᵀ: (n, n)`.
    pub gram: &'a [f32],
    /// Radius to which relations are clipped, if any.
    pub radius: Option<f32>,
}

/// Eight items side by side.
pub struct EightItems<'a> {
    /// Item vectors: `(d, 8)`.
    pub vectors: &'a [f32],
    /// `M q` of each: `(n, 8)`.
    pub memory_products: &'a [f32],
    /// `‖q‖²` of each.
    pub squares: &'a [f32; LANES],
}

impl UserQuery<'_> {
    /// `‖p + r − q‖²` of eight items, never below 0. `weights: (n + 1, 8)` receives the weights of each item, scaled by
    /// the clipping of its relation, and a last row without meaning.
    #[inline]
    pub fn squared_distances(&self, items: &EightItems, weights: &mut [f32]) -> [f32; LANES] {
        let n = self.memory_products.len();
        let d = self.keys.len() / (n + 1);
        assert!(weights.len() == (n + 1) * LANES && items.memory_products.len() == n * LANES);
        assert!(self.gram.len() == n * n);
        multiply_packed(self.keys, items.vectors, d, LANES, weights, LANES);
        let (weights, product) = weights.as_chunks_mut::<LANES>().0.split_at_mut(n);
        let mut most = [f32::NEG_INFINITY; LANES];
        for scores in &*weights {
            for lane in 0..LANES {
                most[lane] = if scores[lane] > most[lane] { scores[lane] } else { most[lane] };
            }
        }
        // Sums over the exponentials, before the division by their total.
        let (mut total, mut line, mut square) = (Lanes::zero(), Lanes::zero(), Lanes::zero());
        for slot in 0..n {
            let mut score = weights[slot];
            for lane in 0..LANES {
                score[lane] -= most[lane];
            }
            weights[slot] = exp(score);
            let weight = Lanes::load(&weights[slot]);
            let product = Lanes::load(&items.memory_products.as_chunks::<LANES>().0[slot]);
            total = total.plus(weight);
            line = line.plus_product(weight, Lanes::splat(self.memory_products[slot]).minus(product));
            // The Gram matrix is symmetric: entries left of the diagonal count twice.
            let gram = &self.gram[slot * n..][..=slot];
            let mut others = Lanes::zero();
            for (&value, other) in gram[..slot].iter().zip(&*weights) {
                others = others.plus_product(Lanes::splat(value), Lanes::load(other));
            }
            let own = Lanes::splat(gram[slot]);
            square = square.plus_product(weight, others.plus(others).plus_product(own, weight));
        }
        let (total, line, square) = (total.store(), line.store(), square.store());
        let mut scales = [0.0; LANES];
        let mut out = [0.0; LANES];
        for lane in 0..LANES {
            let normalizer = 1.0 / total[lane];
            let squared_norm = square[lane] * normalizer * normalizer;
            let clipped = match self.radius {
                Some(radius) if squared_norm > radius * radius => radius / squared_norm.sqrt(),
                _ => 1.0,
            };
            scales[lane] = normalizer * clipped;
            let straight = self.square + items.squares[lane] - 2.0 * product[0][lane];
            let distance =
                straight + 2.0 * clipped * normalizer * line[lane] + clipped * clipped * squared_norm;
            out[lane] = if distance > 0.0 { distance } else { 0.0 };
        }
        for weights in weights {
            for lane in 0..LANES {
                weights[lane] *= scales[lane];
            }
        }
        out
    }

    /// `Σ_k |p_k + r_k − q_k|` of eight items, from the `weights` of [`squared_distances`](Self::squared_distances) and the
    /// transposed memory, `memory_transposed: (d, n)`.
    #[inline]
    pub fn absolute_distances(
        &self,
        items: &EightItems,
        weights: &[f32],
        memory_transposed: &[f32],
    ) -> [f32; LANES] {
        let n = self.memory_products.len();
        let point = &self.keys[n * (self.keys.len() / (n + 1))..];
        let weights = &weights.as_chunks::<LANES>().0[..n];
        let mut sums = [0.0; LANES];
        let vectors = items.vectors.as_chunks::<LANES>().0;
        for ((p, q), memory) in point.iter().zip(vectors).zip(memory_transposed.chunks_exact(n)) {
            let mut difference = Lanes::splat(*p).minus(Lanes::load(q));
            for (&memory, weights) in memory.iter().zip(weights) {
                difference = difference.plus_product(Lanes::splat(memory), Lanes::load(weights));
            }
            for (sum, value) in sums.iter_mut().zip(difference.store()) {
                *sum += value.abs();
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{self, MemoryAttention};
    use proptest::prelude::*;

    /// Reproducible values between −1 and 1.
    fn values(seed: usize, count: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + 13 * seed) * 2_654_435_761) % 1999) as f32 / 999.5 - 1.0).collect()
    }

    fn near(got: &[f32], expected: &[f64], what: &str) {
        assert_eq!(got.len(), expected.len());
        for (got, expected) in got.iter().zip(expected) {
            // Sums of at most 70 products below 8, in f32.
            assert!((f64::from(*got) - expected).abs() < 1e-4, "{what}: {got} for {expected}");
        }
    }

    struct Case {
        d: usize,
        keys: Vec<f32>,
        memory: Vec<f32>,
        users: Vec<f32>,
        items: Vec<f32>,
        gradient: Vec<f32>,
    }

    impl Case {
        fn new(b: usize, n: usize, d: usize, seed: usize) -> Self {
            Self {
                d,
                keys: values(seed, n * d),
                memory: values(seed + 1, n * d),
                users: values(seed + 2, b * d),
                items: values(seed + 3, b * d),
                gradient: values(seed + 4, b * d),
            }
        }

        fn twin(&self, radius: f64) -> Vec<MemoryAttention> {
            let pairs = self.users.chunks(self.d).zip(self.items.chunks(self.d));
            pairs.map(|(p, q)| MemoryAttention::new(&self.keys, &self.memory, p, q, radius)).collect()
        }
    }

    proptest! {
        #[test]
        fn both_passes_are_their_twins(
            b in 0usize..7, n in 1usize..22, d in 1usize..70, seed in 0usize..1000, clips in any::<bool>(),
        ) {
            let case = Case::new(b, n, d, seed);
            let radius = if clips { 0.7 } else { 1e3 };
            let mut packed = vec![f32::NAN; Slots::length(n, d)];
            let slots = Slots::pack(&case.keys, &case.memory, d, &mut packed);
            let products: Vec<f32> = case.users.iter().zip(&case.items).map(|(p, q)| p * q).collect();
            let (mut weights, mut relations) = (vec![f32::NAN; b * n], vec![f32::NAN; b * d]);
            slots.attend(&products, &mut weights, &mut relations);
            let mut relation_gradients = case.gradient.clone();
            for (relation, gradient) in relations.chunks_mut(d).zip(relation_gradients.chunks_mut(d)) {
                let scale = clip_relation(relation, radius);
                clip_relation_backward(gradient, relation, scale);
            }
            let twin = case.twin(radius.into());
            near(&weights, &twin.iter().flat_map(|twin| twin.weights.clone()).collect::<Vec<_>>(), "weights");
            near(&relations, &twin.iter().flat_map(|twin| twin.relation.clone()).collect::<Vec<_>>(), "relations");

            let (mut score_gradients, mut product_gradients) = (vec![f32::NAN; b * n], vec![f32::NAN; b * d]);
            let (mut key_gradients, mut memory_gradients) = (vec![0.5; n * d], vec![0.5; n * d]);
            slots.attend_backward(
                ForwardPass { products: &products, weights: &weights, relation_gradients: &relation_gradients },
                &mut score_gradients, &mut product_gradients, &mut key_gradients, &mut memory_gradients,
            );
            let (mut keys, mut memory) = (vec![0.5; n * d], vec![0.5; n * d]);
            for (pair, twin) in twin.iter().enumerate() {
                let of = twin.backward(&case.gradient[pair * d..][..d]);
                let range = pair * d..(pair + 1) * d;
                let times = |x: &[f32]| -> Vec<f32> {
                    x[range.clone()].iter().zip(&product_gradients[range.clone()]).map(|(x, y)| x * y).collect()
                };
                near(&times(&case.items), &of.user, "gradient of the user");
                near(&times(&case.users), &of.item, "gradient of the item");
                keys.iter_mut().zip(of.keys).for_each(|(sum, x)| *sum += x);
                memory.iter_mut().zip(of.memory).for_each(|(sum, x)| *sum += x);
            }
            near(&key_gradients, &keys, "gradient of the keys");
            near(&memory_gradients, &memory, "gradient of the memory");
        }

        /// All distances of a user, without a vector per pair.
        #[test]
        fn eight_items_at_a_time_are_their_twins(
            n in 1usize..22, d in 1usize..70, seed in 0usize..1000, clips in any::<bool>(),
        ) {
            let case = Case::new(LANES, n, d, seed);
            let radius = clips.then_some(0.7f32);
            let p = &case.users[..d];
            let mut keys: Vec<f32> = case.keys.chunks(d).flat_map(|key| key.iter().zip(p).map(|(k, p)| k * p)).collect();
            keys.extend(p);
            let memory_products = |x: &[f32]| -> Vec<f32> { case.memory.chunks(d).map(|memory| dot(memory, x)).collect() };
            let gram: Vec<f32> = case.memory.chunks(d).flat_map(memory_products).collect();
            let mut vectors = vec![0.0; packed_length(LANES, d)];
            pack(&case.items, d, &mut vectors);
            let mut item_products = vec![0.0; LANES * n];
            let mut squares = [0.0; LANES];
            for (lane, q) in case.items.chunks(d).enumerate() {
                squares[lane] = dot(q, q);
                for (slot, value) in memory_products(q).into_iter().enumerate() {
                    item_products[slot * LANES + lane] = value;
                }
            }
            let user = UserQuery { keys: &keys, memory_products: &memory_products(p), square: dot(p, p), gram: &gram, radius };
            let items = EightItems { vectors: &vectors, memory_products: &item_products, squares: &squares };
            let mut weights = vec![f32::NAN; (n + 1) * LANES];
            let squared = user.squared_distances(&items, &mut weights);
            let transposed: Vec<f32> = (0..d).flat_map(|k| (0..n).map(move |slot| (k, slot)))
                .map(|(k, slot)| case.memory[slot * d + k]).collect();
            let absolute = user.absolute_distances(&items, &weights, &transposed);
            for (lane, q) in case.items.chunks(d).enumerate() {
                let twin = MemoryAttention::new(&case.keys, &case.memory, p, q, radius.map_or(1e3, f64::from));
                let step = |k: usize| f64::from(p[k]) + twin.relation[k] - f64::from(q[k]);
                near(&squared[lane..][..1], &[(0..d).map(|k| step(k).powi(2)).sum()], "squared");
                near(&absolute[lane..][..1], &[(0..d).map(|k| step(k).abs()).sum()], "absolute");
            }
        }
    }

    /// The twin's gradients are those of its forward pass, by finite differences.
    #[test]
    fn the_gradients_are_those_of_finite_differences() {
        for (n, d, radius) in [(1, 3, 1e3), (4, 5, 1e3), (6, 4, 0.4)] {
            let case = Case::new(1, n, d, n + d);
            let point: Vec<f64> = [&case.users, &case.items, &case.keys, &case.memory]
                .into_iter()
                .flatten()
                .map(|&x| f64::from(x))
                .collect();
            let of = |x: &[f64]| {
                let (pair, slots) = x.split_at(2 * d);
                let (keys, memory) = slots.split_at(n * d);
                MemoryAttention::of(keys, memory, &pair[..d], &pair[d..], radius)
            };
            let loss = |x: &[f64]| -> f64 {
                of(x).relation.iter().zip(&case.gradient).map(|(r, &g)| r * f64::from(g)).sum()
            };
            let gradients = of(&point).backward(&case.gradient);
            let all = [gradients.user, gradients.item, gradients.keys, gradients.memory].concat();
            for (k, gradient) in all.into_iter().enumerate() {
                let expected = reference::derivative(&point, k, &loss);
                assert!((expected - gradient).abs() < 1e-6, "{n} slots, {k}: {gradient} for {expected}");
            }
        }
    }

    #[test]
    fn one_slot_is_the_relation_of_all() {
        let mut packed = vec![0.0; Slots::length(1, 2)];
        let slots = Slots::pack(&[3.0, -1.0], &[0.5, 0.25], 2, &mut packed);
        let (mut weights, mut relations) = ([0.0; 2], [0.0; 4]);
        slots.attend(&[1.0, 2.0, -9.0, 4.0], &mut weights, &mut relations);
        assert_eq!((weights, relations), ([1.0; 2], [0.5, 0.25, 0.5, 0.25]));
        assert_eq!(clip_relation(&mut relations[..2], 2.0), 1.0);
        assert_eq!(clip_relation(&mut [3.0, 4.0], 2.5), 0.5);
    }
}
