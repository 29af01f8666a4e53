//! Invented film titles.

use crate::rng::Rng;

pub(super) const ADJECTIVES: [&str; 32] = [
    "Amber",
    "Borrowed",
    "Crimson",
    "Distant",
    "Electric",
    "Forgotten",
    "Gentle",
    "Hidden",
    "Hollow",
    "Impossible",
    "Jade",
    "Last",
    "Little",
    "Lonely",
    "Midnight",
    "Northern",
    "Painted",
    "Paper",
    "Quiet",
    "Restless",
    "Scarlet",
    "Second",
    "Secret",
    "Silent",
    "Silver",
    "Stolen",
    "Sunken",
    "Velvet",
    "Wandering",
    "Wild",
    "Winter",
    "Yellow",
];
pub(super) const NOUNS: [&str; 32] = [
    "Archive",
    "Balcony",
    "Bridge",
    "Carnival",
    "Cartographer",
    "Clockmaker",
    "Compass",
    "Detective",
    "Empire",
    "Ferry",
    "Garden",
    "Harbour",
    "Horizon",
    "Inheritance",
    "Island",
    "Kitchen",
    "Lantern",
    "Letter",
    "Lighthouse",
    "Mirror",
    "Orchard",
    "Orchestra",
    "Passenger",
    "Photograph",
    "Promise",
    "River",
    "Season",
    "Stranger",
    "Summer",
    "Tower",
    "Umbrella",
    "Violin",
];
/// Openings before the adjective.
const OPENINGS: [&str; 6] = ["The ", "", "Beyond the ", "Return to the ", "Under the ", "One More "];

/// The names of genres; the first `genres` are used.
pub(super) const GENRES: [&str; 18] = [
    "Drama",
    "Comedy",
    "Thriller",
    "Romance",
    "Adventure",
    "Crime",
    "Science Fiction",
    "Documentary",
    "Fantasy",
    "Animation",
    "Mystery",
    "Musical",
    "Horror",
    "Western",
    "War",
    "History",
    "Family",
    "Noir",
];

/// Generates distinct titles.
pub(super) struct Titles {
    rng: Rng,
    /// Index of the first title among the combinations of words.
    offset: usize,
    count: usize,
}

const COMBINATIONS: usize = ADJECTIVES.len() * NOUNS.len() * OPENINGS.len();
/// Coprime to [`COMBINATIONS`], so that its multiples visit all of them, and large, so that neighbours differ.
const STEP: usize = 2477;

impl Titles {
    pub(super) fn new(mut rng: Rng) -> Self {
        Self { offset: rng.below(COMBINATIONS as u32) as usize, rng, count: 0 }
    }

    /// The next title, such as "The Velvet Harbour (1987)"; once all combinations are used, "The Velvet Harbour 2 (1987)".
    pub(super) fn next(&mut self) -> String {
        let (round, step) = (self.count / COMBINATIONS, self.count % COMBINATIONS);
        self.count += 1;
        let combination = (self.offset + step * STEP) % COMBINATIONS;
        let opening = OPENINGS[combination % OPENINGS.len()];
        let adjective = ADJECTIVES[combination / OPENINGS.len() % ADJECTIVES.len()];
        let noun = NOUNS[combination / OPENINGS.len() / ADJECTIVES.len()];
        let year = 1950 + self.rng.below(75);
        match round {
            0 => format!("{opening}{adjective} {noun} ({year})"),
            _ => format!("{opening}{adjective} {noun} {} ({year})", round + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    #[test]
    fn titles_are_distinct() {
        let mut titles = Titles::new(Rng::stream(0, Purpose::Synthetic, 0, 0));
        let mut names: Vec<String> = (0..3 * COMBINATIONS)
            .map(|_| titles.next().rsplit_once(" (").expect("a year").0.to_owned())
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 3 * COMBINATIONS);
    }
}
