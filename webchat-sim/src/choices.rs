//! Where the generator's choices come from: one seed, or the bytes of a fuzzer.

/// A source of choices. The same seed or bytes give the same choices on any machine and with any
/// version of any library, so that a seed stays worth quoting.
#[derive(Clone, Debug)]
pub struct Choices(Source);

#[derive(Clone, Debug)]
enum Source {
    Seed(u64),
    Bytes { bytes: Vec<u8>, at: usize },
}

impl Choices {
    /// Endless choices from a seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(Source::Seed(seed))
    }

    /// Choices read from bytes, each small choice from one byte; zeros once they are used up.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Source::Bytes {
            bytes: bytes.to_vec(),
            at: 0,
        })
    }

    /// Whether the bytes are used up; a seed never is.
    pub fn is_exhausted(&self) -> bool {
        match &self.0 {
            Source::Seed(_) => false,
            Source::Bytes { bytes, at } => *at >= bytes.len(),
        }
    }

    /// Any number.
    pub fn word(&mut self) -> u64 {
        match &mut self.0 {
            Source::Seed(state) => split_mix(state),
            Source::Bytes { .. } => self.bytes(8),
        }
    }

    /// A number from 0 to `count - 1`; 0 if there is nothing to choose from.
    pub fn below(&mut self, count: usize) -> usize {
        let count = count.max(1) as u64;
        let number = match &mut self.0 {
            Source::Seed(state) => split_mix(state),
            Source::Bytes { .. } => {
                let needed = (64 - (count - 1).leading_zeros()).div_ceil(8);
                self.bytes(needed)
            }
        };
        (number % count) as usize
    }

    /// True in about `percent` of a hundred cases; never for bytes that are used up, unless always.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) as u32 + percent >= 100
    }

    /// One of `options`.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, options: &'a [T]) -> &'a T {
        &options[self.below(options.len())]
    }

    /// One of `options`, if there is one.
    pub fn pick_any<T>(&mut self, options: impl IntoIterator<Item = T>) -> Option<T> {
        let mut options: Vec<T> = options.into_iter().collect();
        if options.is_empty() {
            return None;
        }
        let at = self.below(options.len());
        Some(options.swap_remove(at))
    }

    /// The place of one of `weights`, chosen in proportion; 0 if all are zero.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.below(total as usize) as u32;
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    fn bytes(&mut self, count: u32) -> u64 {
        let Source::Bytes { bytes, at } = &mut self.0 else {
            return 0;
        };
        let mut number = 0;
        for _ in 0..count {
            number = number << 8 | u64::from(bytes.get(*at).copied().unwrap_or(0));
            *at += 1;
        }
        number
    }
}

/// SplitMix64 by Guy Steele, Doug Lea and Christine Flood.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_choices() {
        // The reference outputs of SplitMix64 for the seed 1234567.
        let mut choices = Choices::from_seed(1_234_567);
        assert_eq!(choices.word(), 6_457_827_717_110_365_317);
        assert_eq!(choices.word(), 3_203_168_211_198_807_973);
        assert_eq!(choices.word(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn bytes_give_small_choices_one_by_one_and_then_zeros() {
        let mut choices = Choices::from_bytes(&[7, 250, 1, 0]);
        assert_eq!(choices.below(10), 7);
        assert!(choices.chance(51));
        assert_eq!(choices.below(1000), 256);
        assert!(choices.is_exhausted());
        assert_eq!(choices.below(1000), 0);
        assert!(!choices.chance(99));
        assert!(choices.chance(100));
        assert_eq!(choices.pick_any(Vec::<u8>::new()), None);
    }

    #[test]
    fn weights_are_followed() {
        let mut choices = Choices::from_seed(1);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[choices.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
    }
}
