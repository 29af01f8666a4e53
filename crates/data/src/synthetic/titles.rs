//! Titles of films that nobody made.

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
/// What stands before the adjective.
const OPENINGS: [&str; 6] = ["The ", "", "Beyond the ", "Return to the ", "Under the ", "One More "];

/// The names of genres, of which the first so many are used.
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

/// Gives titles of which no two are alike.
pub(super) struct Titles {
    rng: Rng,
    /// Where in the combinations of words the first title is.
    offset: usize,
    given: usize,
}

const COMBINATIONS: usize = ADJECTIVES.len() * NOUNS.len() * OPENINGS.len();
/// Shares no factor with [`COMBINATIONS`], so that steps of it visit all of them, and leaps over most words.
const STEP: usize = 2477;

impl Titles {
    pub(super) fn new(mut rng: Rng) -> Self {
        Self { offset: rng.below(COMBINATIONS as u32) as usize, rng, given: 0 }
    }

    /// The next title, such as "The Velvet Harbour (1987)"; once words run out, "The Velvet Harbour 2 (1987)".
    pub(super) fn next(&mut self) -> String {
        let (round, step) = (self.given / COMBINATIONS, self.given % COMBINATIONS);
        self.given += 1;
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
    fn no_two_titles_are_alike() {
        let mut titles = Titles::new(Rng::stream(0, Purpose::Synthetic, 0, 0));
        let mut names: Vec<String> = (0..3 * COMBINATIONS)
            .map(|_| titles.next().rsplit_once(" (").expect("a year").0.to_owned())
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 3 * COMBINATIONS);
    }
}
