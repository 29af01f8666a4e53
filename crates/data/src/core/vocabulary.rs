//! Ids of users or items ↔ dense indices.

use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

/// A two-way map between ids (any text) and indices `0..len`. All ids are stored in one buffer.
#[derive(Clone, Default)]
pub struct Vocabulary {
    /// All ids, UTF-8, joined.
    text: String,
    /// End of each id in `text`.
    ends: Vec<u32>,
    /// Index by the id's hash.
    table: HashTable<u32>,
}

/// Hash of an id. The seed is a constant: a run must be repeatable.
fn hash(id: &str) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(0x7a57e).build_hasher();
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// The id that ends at `ends[index]`.
fn slice<'a>(text: &'a str, ends: &[u32], index: usize) -> &'a str {
    let start = if index == 0 { 0 } else { ends[index - 1] as usize };
    &text[start..ends[index] as usize]
}

impl Vocabulary {
    /// Number of ids.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The index of `id`, which is appended if it is new.
    pub fn intern(&mut self, id: &str) -> u32 {
        let (text, ends) = (&self.text, &self.ends);
        let hashed = hash(id);
        if let Some(&index) = self.table.find(hashed, |&index| slice(text, ends, index as usize) == id) {
            return index;
        }
        let index = self.ends.len() as u32;
        self.text.push_str(id);
        self.ends.push(self.text.len() as u32);
        let (text, ends) = (&self.text, &self.ends);
        self.table.insert_unique(hashed, index, |&index| hash(slice(text, ends, index as usize)));
        index
    }

    /// The index of each id of `other`; those that are new are appended.
    pub fn intern_all(&mut self, other: &Self) -> Vec<u32> {
        other.iter().map(|id| self.intern(id)).collect()
    }

    /// Appends a column of indices of `other` to `all`, renumbered for these ids. Those of `other` that are new are appended.
    pub(crate) fn append(&mut self, other: &Self, column: &[u32], all: &mut Vec<u32>) {
        let indices = self.intern_all(other);
        all.extend(column.iter().map(|&index| indices[index as usize]));
    }

    /// The index of `id`, if it is present.
    pub fn get(&self, id: &str) -> Option<u32> {
        self.table.find(hash(id), |&index| self.id(index) == id).copied()
    }

    /// The id at `index`, below [`len`](Self::len).
    pub fn id(&self, index: u32) -> &str {
        slice(&self.text, &self.ends, index as usize)
    }

    /// All ids in index order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|index| slice(&self.text, &self.ends, index))
    }

    /// All ids joined, and the end of each: the form in a model file.
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// The inverse of [`parts`](Self::parts). `None` if an end is not a character boundary or an id occurs twice.
    pub fn from_parts(text: &str, ends: &[u32]) -> Option<Self> {
        let mut vocabulary = Self::default();
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            let id = text.get(start..end as usize)?;
            if vocabulary.intern(id) as usize != index {
                return None;
            }
            start = end as usize;
        }
        (start == text.len()).then_some(vocabulary)
    }

    /// Approximate bytes in memory.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4 + self.table.capacity() * 5
    }

    /// Renumbers the ids: in ascending order if all are integers, otherwise unchanged. Returns the new vocabulary and the new
    /// index of each old index.
    pub fn ordered(self) -> (Self, Vec<u32>) {
        let values: Option<Vec<i64>> = self.iter().map(integer).collect();
        let Some(values) = values else {
            let identity = (0..self.len() as u32).collect();
            return (self, identity);
        };
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_unstable_by_key(|&index| values[index as usize]);
        let mut renumbered = vec![0; order.len()];
        let mut ordered = Self::default();
        for (new, &old) in order.iter().enumerate() {
            renumbered[old as usize] = new as u32;
            ordered.intern(self.id(old));
        }
        (ordered, renumbered)
    }

    /// The [`ordered`](Self::ordered) vocabulary; the indices in `column` are renumbered to match.
    pub(crate) fn renumber(self, column: &mut [u32]) -> Arc<Self> {
        let (ordered, renumbered) = self.ordered();
        for index in column {
            *index = renumbered[*index as usize];
        }
        Arc::new(ordered)
    }
}

/// The value of an id that is an integer in canonical form: `7`, `-3`, but not `007` or `+7`.
fn integer(id: &str) -> Option<i64> {
    let digits = id.strip_prefix('-').unwrap_or(id);
    let written = digits == "0" && digits.len() == id.len() || !digits.starts_with(['0', '+']);
    if written { id.parse().ok() } else { None }
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_list().entries(self.iter().take(8)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&str]) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for id in ids {
            vocabulary.intern(id);
        }
        vocabulary
    }

    #[test]
    fn ids_are_found_both_ways() {
        let vocabulary = of(&["bob", "", "ålice", "bob"]);
        assert_eq!(vocabulary.len(), 3);
        assert_eq!(vocabulary.get("ålice"), Some(2));
        assert_eq!(vocabulary.get("carol"), None);
        assert_eq!(vocabulary.iter().collect::<Vec<_>>(), ["bob", "", "ålice"]);
        let (text, ends) = vocabulary.parts();
        assert_eq!(Vocabulary::from_parts(text, ends).unwrap().get("bob"), Some(0));
    }

    #[test]
    fn integers_ascend_and_others_keep_their_order() {
        let (ordered, renumbered) = of(&["10", "9", "-2"]).ordered();
        assert_eq!(ordered.iter().collect::<Vec<_>>(), ["-2", "9", "10"]);
        assert_eq!(renumbered, [2, 1, 0]);
        for ids in [["10", "9", "x"], ["10", "09", "1"], ["10", "-0", "1"], ["10", "", "1"]] {
            let (ordered, renumbered) = of(&ids).ordered();
            assert_eq!(ordered.iter().collect::<Vec<_>>(), ids);
            assert_eq!(renumbered, [0, 1, 2]);
        }
    }

    #[test]
    fn broken_parts_are_refused() {
        for (text, ends) in
            [("ab", &[1][..]), ("ab", &[1, 3]), ("ab", &[2, 1]), ("aa", &[1, 2]), ("å", &[1, 2])]
        {
            assert!(Vocabulary::from_parts(text, ends).is_none(), "{text} {ends:?}");
        }
    }
}
