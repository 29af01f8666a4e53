//! Titles and genres of items by outside id.

use super::item_texts::ItemTexts;
use super::report::Note;
use super::vocabulary::Vocabulary;

/// Titles and genres by item id.
#[derive(Clone, Debug, Default)]
pub struct ItemTable {
    ids: Vocabulary,
    /// Row of each id; the last one if an id was added twice.
    row_of: Vec<u32>,
    rows: ItemTexts,
    /// Sentences about the file that it was read from.
    pub notes: Vec<Note>,
}

impl ItemTable {
    /// A table of `rows`, the texts of each item of `catalogue`.
    pub fn new(catalogue: &Vocabulary, rows: ItemTexts) -> Self {
        assert_eq!(catalogue.len(), rows.len());
        Self {
            ids: catalogue.clone(),
            row_of: (0..catalogue.len() as u32).collect(),
            rows,
            notes: Vec::new(),
        }
    }

    /// Ids of the items.
    pub fn ids(&self) -> &Vocabulary {
        &self.ids
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The texts of each item of `catalogue`. An item that is not in the table has none.
    pub fn align(&self, catalogue: &Vocabulary) -> ItemTexts {
        let mut texts = ItemTexts::default();
        for id in catalogue.iter() {
            match self.ids.get(id).map(|index| self.row_of[index as usize]) {
                Some(row) => texts.push(self.rows.title(row).unwrap_or(""), self.rows.genres(row)),
                None => texts.push("", [].into_iter()),
            }
        }
        texts
    }

    /// The most bytes or values that one of its buffers holds; their ends are `u32`.
    pub(crate) fn longest(&self) -> usize {
        let texts = self.rows.parts();
        texts.titles.0.len().max(texts.genres.len()).max(self.ids.parts().0.len())
    }

    /// Adds an item; of two with one id the last counts.
    pub(crate) fn push<'a>(&mut self, id: &str, title: &str, genres: impl Iterator<Item = &'a str>) {
        let index = self.ids.intern(id) as usize;
        let row = self.rows.len() as u32;
        match self.row_of.get_mut(index) {
            Some(earlier) => *earlier = row,
            None => self.row_of.push(row),
        }
        self.rows.push(title, genres);
    }
}
