//! Randomness without state: a hash of (seed, factor, day, node) becomes a normal, and normals become a Brownian path.
//!
//! `f64` is allowed here and in the model above it, the one exception to exact decimals: nothing here is money. Everything
//! is built from additions, multiplications and square roots, which IEEE 754 rounds alike on every machine.

use std::f64::consts::FRAC_1_SQRT_2;

/// How often a day is halved: 2¹⁸ pieces of 24 hours are a third of a second, finer than the ticks' grid.
const DEPTH: u32 = 18;

/// How many dyadic points of a day the daily bars look at.
pub(crate) const SAMPLES: usize = 32;

/// The node of a day's whole increment; the midpoints are numbered from 1 as in a heap.
const WHOLE_DAY: u64 = 0;

/// The node that says how busy a day is.
const BUSYNESS: u64 = u64::MAX;

/// Returns the next output of splitmix64 after `state`.
fn mix(state: u64) -> u64 {
    let mut word = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Returns the FNV-1a hash of a name, so that a factor does not depend on its index in a list.
fn hash_of(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// One independent source of movement: the market, a sector, or an instrument's own story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor(u64);

impl Factor {
    /// Returns the factor of that name in the market of that seed.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        Self(mix(mix(seed) ^ hash_of(name)))
    }

    /// Returns a number of mean 0 and variance 1, always the same for the same day and node.
    ///
    /// The sum of eight uniforms (Irwin–Hall): close to normal, never beyond ±4.9, and free of platform functions.
    fn normal(self, day: i64, node: u64) -> f64 {
        let first = mix(mix(self.0 ^ day.cast_unsigned()) ^ node);
        let lanes = |word: u64| (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48);
        let sum = (lanes(first) + lanes(mix(first))) as f64;
        ((sum + 4.0) / 65_536.0 - 4.0) * 1.224_744_871_391_589
    }

    /// Returns how far the factor moves over the whole day, in standard deviations of a day.
    pub(crate) fn increment(self, day: i64) -> f64 {
        self.normal(day, WHOLE_DAY)
    }

    /// Returns how busy the day is: around 1, between 0.3 and 2.3.
    pub(crate) fn busyness(self, day: i64) -> f64 {
        (1.0 + 0.25 * self.normal(day, BUSYNESS)).max(0.3)
    }

    /// Returns how far the factor has moved at `fraction` (0 to 1) of the day: a Brownian bridge from 0 to the increment.
    ///
    /// Midpoint displacement, random access: one normal per halving, at most [`DEPTH`].
    pub(crate) fn bridge(self, day: i64, fraction: f64) -> f64 {
        let (mut left, mut right) = (0.0, self.increment(day));
        if fraction >= 1.0 {
            return right;
        }
        let (mut rest, mut node, mut deviation) = (fraction.max(0.0), 1_u64, 0.5);
        for _ in 0..DEPTH {
            if rest == 0.0 {
                return left;
            }
            let middle = 0.5 * (left + right) + deviation * self.normal(day, node);
            rest *= 2.0;
            if rest < 1.0 {
                right = middle;
                node *= 2;
            } else {
                left = middle;
                rest -= 1.0;
                node = 2 * node + 1;
            }
            deviation *= FRAC_1_SQRT_2;
        }
        left + (right - left) * rest
    }

    /// Returns the bridge at every 1/[`SAMPLES`] of the day, both ends included.
    pub(crate) fn samples(self, day: i64) -> [f64; SAMPLES + 1] {
        let mut points = [0.0; SAMPLES + 1];
        points[SAMPLES] = self.increment(day);
        let (mut width, mut node, mut deviation) = (SAMPLES, 1_u64, 0.5);
        while width > 1 {
            for left in (0..SAMPLES).step_by(width) {
                let average = 0.5 * (points[left] + points[left + width]);
                points[left + width / 2] = average + deviation * self.normal(day, node);
                node += 1;
            }
            width /= 2;
            deviation *= FRAC_1_SQRT_2;
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn increments_have_mean_zero_and_variance_one() {
        let factor = Factor::new(42, "market");
        let values: Vec<f64> = (0..20_000).map(|day| factor.increment(day)).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }

    #[test]
    fn the_bridge_ends_where_the_day_does() {
        let factor = Factor::new(7, "AAPL");
        for day in 0..50 {
            assert_eq!(factor.bridge(day, 0.0), 0.0);
            assert_eq!(factor.bridge(day, 1.0), factor.increment(day));
            assert!((factor.bridge(day, 1.0 - 1e-9) - factor.increment(day)).abs() < 0.02);
        }
    }

    #[test]
    fn the_samples_are_points_of_the_bridge() {
        let factor = Factor::new(7, "AAPL");
        for (index, sample) in factor.samples(3).into_iter().enumerate() {
            let point = factor.bridge(3, index as f64 / SAMPLES as f64);
            assert!((sample - point).abs() < 1e-12, "{index}");
        }
    }

    #[test]
    fn factors_of_other_names_or_seeds_are_unrelated() {
        let (one, other, reseeded) = (Factor::new(42, "A"), Factor::new(42, "B"), Factor::new(43, "A"));
        let product =
            |left: Factor, right: Factor| (0..5_000).map(|day| left.increment(day) * right.increment(day)).sum::<f64>() / 5_000.0;
        assert!(product(one, other).abs() < 0.05 && product(one, reseeded).abs() < 0.05);
    }
}
