//! Draws numbers from a seed, alike on every machine: whole numbers only. Not for secrets.

/// A stream of draws: splitmix64.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The stream `index` of `seed`.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut rng = Self(seed ^ index.wrapping_mul(0xA24B_AED4_963E_E407));
        rng.draw();
        rng
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product is spread evenly enough for samples.
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `first` up to, not including, `end`.
    pub fn between(&mut self, first: i32, end: i32) -> i32 {
        first + self.below(i64::from(end - first).unsigned_abs()) as i32
    }

    /// True `parts` times in a thousand.
    pub fn permille(&mut self, parts: u64) -> bool {
        self.below(1000) < parts
    }

    /// One of `items`.
    pub fn one<'a>(&mut self, items: &'a [impl AsRef<str>]) -> &'a str {
        items[self.below(items.len() as u64) as usize].as_ref()
    }

    /// One of `items`, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, items: &[(T, u64)]) -> T {
        let mut left = self.below(items.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        items[items.len() - 1].0
    }
}

/// Draws places by Zipf's law: the first far more often than the last.
#[derive(Debug, Clone)]
pub struct Zipf(Vec<u64>);

impl Zipf {
    /// Over `places` places.
    pub fn new(places: u32) -> Self {
        let mut sum = 0;
        let weights = (0..u64::from(places)).map(|place| {
            sum += 1_000_000_000 / (place + 3);
            sum
        });
        Self(weights.collect())
    }

    /// How many places there are.
    pub fn places(&self) -> u32 {
        self.0.len() as u32
    }

    /// A place, from 0.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let drawn = rng.below(self.0.last().copied().unwrap_or(0));
        self.0.partition_point(|sum| *sum <= drawn) as u32
    }
}
