//! Integer ids → dense indices, beside the vocabulary that holds their decimal text.

use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Ids from 0 up to this number are looked up by position.
const DIRECT: i64 = 1 << 21;
/// No index yet.
const NONE: u32 = u32::MAX;

/// The indices of the integer ids seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntegerIndex {
    /// Index by id, for ids below [`DIRECT`].
    direct: Vec<u32>,
    /// All other ids.
    hashed: HashTable<(i64, u32)>,
}

/// Hash of an id. The seed is a constant: a run must be repeatable.
fn hash(id: i64) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(0x7a57e).build_hasher();
    hasher.write_i64(id);
    hasher.finish()
}

impl IntegerIndex {
    /// The index of `id`, if it was added.
    #[inline]
    pub(crate) fn get(&self, id: i64) -> Option<u32> {
        if (0..DIRECT).contains(&id) {
            return self.direct.get(id as usize).copied().filter(|&index| index != NONE);
        }
        self.hashed.find(hash(id), |&(other, _)| other == id).map(|&(_, index)| index)
    }

    /// Adds an id that is not there.
    pub(crate) fn insert(&mut self, id: i64, index: u32) {
        if (0..DIRECT).contains(&id) {
            let id = id as usize;
            if self.direct.len() <= id {
                self.direct.resize((id + 1).next_power_of_two(), NONE);
            }
            self.direct[id] = index;
        } else {
            self.hashed.insert_unique(hash(id), (id, index), |&(id, _)| hash(id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_size_are_found() {
        let ids = [0, 7, DIRECT - 1, DIRECT, -1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1];
        let mut index = IntegerIndex::default();
        assert!(ids.iter().all(|&id| index.get(id).is_none()));
        for (position, &id) in ids.iter().enumerate() {
            index.insert(id, position as u32);
        }
        for (position, &id) in ids.iter().enumerate() {
            assert_eq!(index.get(id), Some(position as u32), "{id}");
        }
        assert_eq!(index.get(8), None);
    }
}
