//! Random numbers by seed: PCG-XSH-RR 64/32 (O'Neill 2014), one independent stream for each (seed, purpose, epoch, shard).
//!
//! Streams share no state, so the numbers of a shard do not depend on threads or on other shards.

use tastespace_kernels::math::ln;

/// Seeds that options accept: the integers that a JSON number holds exactly.
pub const SEEDS: std::ops::RangeInclusive<i64> = 0..=(1 << 53) - 1;

/// The purpose of a stream. Streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights; the shard is the parameter table, the epoch the part of its rows.
    Initial = 1,
    /// Partition of users and items into blocks; the shard is 0 for users, 1 for items.
    Blocks = 2,
    /// The order in which an epoch visits the rows; the shard is the block.
    Order = 3,
    /// Splits of a data set.
    Split = 4,
    /// The generator; the shard is the quantity.
    Synthetic = 5,
    /// Negative items; the shard is one of an epoch's examples.
    Negatives = 6,
    /// Dropout; the shard is one of an epoch's examples.
    Dropout = 7,
    /// Candidates of sampled metrics; the epoch is their number, the shard the user.
    Candidates = 20,
    /// Users of a bootstrap; the shard is the resample.
    Bootstrap = 21,
    /// Signs of a paired test; the shard is the permutation.
    Signs = 22,
    /// Users to validate on.
    Validation = 23,
}

/// A generator of 32-bit numbers with a period of 2⁶⁴.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
    increment: u64,
}

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of `(seed, purpose, epoch, shard)`.
    ///
    /// Each key in turn is added, with SplitMix64's odd constant, to the mixed hash of those before it; the stream
    /// starts as pcg32 does from `state = hash` and `sequence = mix(hash + 1)`.
    pub fn stream(seed: u64, purpose: Purpose, epoch: u64, shard: u64) -> Self {
        let mut hash = 0u64;
        for key in [seed, purpose as u64, epoch, shard] {
            hash = mix(hash.wrapping_add(key).wrapping_add(0x9e37_79b9_7f4a_7c15));
        }
        let mut rng = Self { state: 0, increment: (mix(hash.wrapping_add(1)) << 1) | 1 };
        rng.next_u32();
        rng.state = rng.state.wrapping_add(hash);
        rng.next_u32();
        rng
    }

    /// Uniform over all 32-bit numbers.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
        let xorshifted = (((old >> 18) ^ old) >> 27) as u32;
        xorshifted.rotate_right((old >> 59) as u32)
    }

    /// Uniform over `0..bound`, without bias (Lemire 2019). `bound` is at least 1.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0);
        let mut product = u64::from(self.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// Uniform over `[0, 1)` in steps of 2⁻³².
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.next_u32()) / 4_294_967_296.0
    }

    /// Standard normal by Marsaglia's polar method. The second number of each pair is discarded, so there is no state.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher–Yates, from the back).
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last as u32 + 1) as usize);
        }
    }

    /// Fills `shuffled` with a random order of `values` (Fisher–Yates, inside out). Both have the same length.
    pub fn shuffle_into<T: Copy>(&mut self, values: impl ExactSizeIterator<Item = T>, shuffled: &mut [T]) {
        assert_eq!(values.len(), shuffled.len());
        for (index, value) in values.enumerate() {
            let other = self.below(index as u32 + 1) as usize;
            shuffled[index] = shuffled[other];
            shuffled[other] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(shard: u64) -> Rng {
        Rng::stream(7, Purpose::Order, 3, shard)
    }

    #[test]
    fn streams_differ_and_repeat() {
        let first: Vec<u32> = (0..4).map(|_| stream(1).next_u32()).collect();
        assert!(first.iter().all(|&x| x == first[0]));
        assert_ne!(stream(1).next_u32(), stream(2).next_u32());
    }

    #[test]
    fn numbers_have_their_moments() {
        let (mut rng, n) = (stream(0), 200_000);
        let (mut mean, mut square) = (0.0, 0.0);
        let mut counts = [0u32; 7];
        for _ in 0..n {
            let x = rng.normal();
            mean += x / f64::from(n);
            square += x * x / f64::from(n);
            counts[rng.below(7) as usize] += 1;
        }
        // Standard errors: 0.0022 for the mean, 0.0032 for the square, 157 for a count.
        assert!(mean.abs() < 0.01 && (square - 1.0).abs() < 0.015, "{mean} {square}");
        assert!(counts.iter().all(|&count| count.abs_diff(n / 7) < 800), "{counts:?}");
    }

    #[test]
    fn shuffles_are_permutations() {
        let values: Vec<u32> = (0..100).collect();
        let mut in_place = values.clone();
        stream(0).shuffle(&mut in_place);
        let mut copied = vec![0; 100];
        stream(0).shuffle_into(values.iter().copied(), &mut copied);
        for mut shuffled in [in_place, copied] {
            assert_ne!(shuffled, values);
            shuffled.sort_unstable();
            assert_eq!(shuffled, values);
        }
    }
}
