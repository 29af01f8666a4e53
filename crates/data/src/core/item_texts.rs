//! Titles and genres of items, stored compactly.

use super::vocabulary::Vocabulary;

/// Title and genres of each item of a catalogue, by item index.
#[derive(Clone, Debug, Default)]
pub struct ItemTexts {
    /// All titles, joined; an empty title means none.
    titles: String,
    /// End of each title: `(items)`.
    title_ends: Vec<u32>,
    /// The genres' names.
    genre_names: Vocabulary,
    /// Genres of all items, item after item.
    genres: Vec<u32>,
    /// End of each item's genres: `(items)`.
    genre_ends: Vec<u32>,
}

/// [`ItemTexts`] in the form of a model file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemTextParts<'a> {
    /// All titles, joined, and the end of each: `(items)`.
    pub titles: (&'a str, &'a [u32]),
    /// All genre names, joined, and the end of each: `(genres)`.
    pub genre_names: (&'a str, &'a [u32]),
    /// Genre indices of all items, item after item.
    pub genres: &'a [u32],
    /// End of each item's genres: `(items)`.
    pub genre_ends: &'a [u32],
}

impl ItemTexts {
    /// Number of items.
    pub fn len(&self) -> usize {
        self.title_ends.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.title_ends.is_empty()
    }

    /// Adds an item. An empty `title` means none.
    pub fn push<'a>(&mut self, title: &str, genres: impl Iterator<Item = &'a str>) {
        self.titles.push_str(title);
        self.title_ends.push(self.titles.len() as u32);
        for genre in genres {
            self.genres.push(self.genre_names.intern(genre));
        }
        self.genre_ends.push(self.genres.len() as u32);
    }

    /// These texts for `items` items, of which the first are those here. A title, or genres, of `newer` take the place of
    /// those here.
    pub fn updated(&self, newer: Option<&Self>, items: usize) -> Self {
        let mut texts = Self::default();
        for item in 0..items as u32 {
            let has = |of: &&Self| (item as usize) < of.len();
            let (own, newer) = (Some(self).filter(has), newer.filter(has));
            let title = newer.and_then(|of| of.title(item)).or_else(|| own?.title(item));
            let genres = newer.filter(|of| of.genres(item).len() > 0).or(own);
            texts.push(title.unwrap_or(""), genres.into_iter().flat_map(|of| of.genres(item)));
        }
        texts
    }

    /// The title of the item at `index`, below [`len`](Self::len), if it has one.
    pub fn title(&self, index: u32) -> Option<&str> {
        let title = &self.titles[bounds(&self.title_ends, index as usize)];
        (!title.is_empty()).then_some(title)
    }

    /// The genres of the item at `index`, below [`len`](Self::len).
    pub fn genres(&self, index: u32) -> impl ExactSizeIterator<Item = &str> {
        let genres = &self.genres[bounds(&self.genre_ends, index as usize)];
        genres.iter().map(|&genre| self.genre_names.id(genre))
    }

    /// The names of all genres, in the order of first appearance.
    pub fn genre_names(&self) -> &Vocabulary {
        &self.genre_names
    }

    /// Number of items with a title.
    pub fn titled(&self) -> usize {
        (0..self.len()).filter(|&index| !bounds(&self.title_ends, index).is_empty()).count()
    }

    /// The form in a model file.
    pub fn parts(&self) -> ItemTextParts<'_> {
        ItemTextParts {
            titles: (&self.titles, &self.title_ends),
            genre_names: self.genre_names.parts(),
            genres: &self.genres,
            genre_ends: &self.genre_ends,
        }
    }

    /// The inverse of [`parts`](Self::parts). `None` if the parts are inconsistent: lengths differ, ends do not ascend, or an
    /// end is not a character boundary.
    pub fn from_parts(parts: ItemTextParts) -> Option<Self> {
        let (titles, title_ends) = parts.titles;
        let genre_names = Vocabulary::from_parts(parts.genre_names.0, parts.genre_names.1)?;
        let fits = title_ends.len() == parts.genre_ends.len()
            && ascend_to(title_ends, titles.len())
            && title_ends.iter().all(|&end| titles.is_char_boundary(end as usize))
            && ascend_to(parts.genre_ends, parts.genres.len())
            && parts.genres.iter().all(|&genre| (genre as usize) < genre_names.len());
        fits.then(|| Self {
            titles: titles.into(),
            title_ends: title_ends.into(),
            genre_names,
            genres: parts.genres.into(),
            genre_ends: parts.genre_ends.into(),
        })
    }
}

/// The range of entry `index`.
fn bounds(ends: &[u32], index: usize) -> std::ops::Range<usize> {
    let start = if index == 0 { 0 } else { ends[index - 1] as usize };
    start..ends[index] as usize
}

/// Whether `ends` ascend and end with `total`.
fn ascend_to(ends: &[u32], total: usize) -> bool {
    ends.is_sorted() && ends.last().map_or(0, |&end| end as usize) == total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> ItemTexts {
        let mut texts = ItemTexts::default();
        texts.push("Amélie", ["Comedy", "Romance"].into_iter());
        texts.push("", [].into_iter());
        texts.push("Heat", ["Crime", "Comedy"].into_iter());
        texts
    }

    #[test]
    fn newer_texts_replace_those_of_their_items_only() {
        let mut newer = ItemTexts::default();
        newer.push("", [].into_iter());
        newer.push("Cats", ["Drama"].into_iter());
        newer.push("", ["Noir"].into_iter());
        newer.push("Dune", [].into_iter());
        let both = texts().updated(Some(&newer), 5);
        let titles: Vec<_> = (0..5).map(|item| both.title(item)).collect();
        assert_eq!(titles, [Some("Amélie"), Some("Cats"), Some("Heat"), Some("Dune"), None]);
        let genres: Vec<Vec<_>> = (0..5).map(|item| both.genres(item).collect()).collect();
        assert_eq!(genres, [vec!["Comedy", "Romance"], vec!["Drama"], vec!["Noir"], vec![], vec![]]);
        assert_eq!(texts().updated(None, 4).titled(), 2);
    }

    #[test]
    fn titles_and_genres_are_kept() {
        let texts = texts();
        assert_eq!(
            (0..3).map(|item| texts.title(item)).collect::<Vec<_>>(),
            [Some("Amélie"), None, Some("Heat")]
        );
        assert_eq!(texts.genres(2).collect::<Vec<_>>(), ["Crime", "Comedy"]);
        assert_eq!((texts.genres(1).len(), texts.titled(), texts.len()), (0, 2, 3));
        let again = ItemTexts::from_parts(texts.parts()).unwrap();
        assert_eq!(again.parts(), texts.parts());
    }

    #[test]
    fn broken_parts_are_refused() {
        let texts = texts();
        let parts = texts.parts();
        for broken in [
            ItemTextParts { titles: ("Amélie", &[3, 3, 7]), ..parts },
            ItemTextParts { titles: ("Amélie", &[4, 2, 7]), ..parts },
            ItemTextParts { titles: ("Amélie", &[1, 7]), ..parts },
            ItemTextParts { genre_ends: &[2, 2, 5], ..parts },
            ItemTextParts { genres: &[0, 1, 2, 3], ..parts },
            ItemTextParts { genre_names: ("aa", &[1, 2]), ..parts },
        ] {
            assert!(ItemTexts::from_parts(broken).is_none(), "{broken:?}");
        }
    }
}
