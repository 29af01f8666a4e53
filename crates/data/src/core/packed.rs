//! A data set as bytes for another engine, where it has the same indices and trains to the same bits.

use super::columns::Columns;
use super::interactions::Interactions;
use super::item_features::{FeatureParts, ItemFeatures};
use super::vocabulary::Vocabulary;
use std::sync::Arc;

impl Interactions {
    /// Ids, rows, rating range and features as bytes; titles, genres and the report of the file are left out.
    pub fn packed(&self) -> Vec<u8> {
        let Columns { users, items, ratings, times } = &self.columns;
        let mut bytes = Vec::with_capacity(self.packed_bytes());
        put(&mut bytes, &[self.range.0, self.range.1], f32::to_le_bytes);
        put(&mut bytes, &[u8::from(self.range_is_declared)], u8::to_le_bytes);
        put_texts(&mut bytes, self.users.parts());
        put_texts(&mut bytes, self.items.parts());
        put(&mut bytes, users, u32::to_le_bytes);
        put(&mut bytes, items, u32::to_le_bytes);
        if put_some(&mut bytes, ratings) {
            put(&mut bytes, ratings.as_deref().unwrap_or_default(), f32::to_le_bytes);
        }
        if put_some(&mut bytes, times) {
            put(&mut bytes, times.as_deref().unwrap_or_default(), f64::to_le_bytes);
        }
        put_some(&mut bytes, &self.item_features);
        if let Some(features) = &self.item_features {
            let FeatureParts { ids, names, offsets, all } = features.parts();
            put(&mut bytes, features.file().as_bytes(), u8::to_le_bytes);
            put_texts(&mut bytes, features.items().parts());
            put_texts(&mut bytes, ids);
            put_some(&mut bytes, &names);
            if let Some(names) = names {
                put_texts(&mut bytes, names);
            }
            put(&mut bytes, offsets, u32::to_le_bytes);
            put(&mut bytes, all, u32::to_le_bytes);
        }
        bytes
    }

    /// The inverse of [`packed`](Self::packed). `None` if the bytes are damaged.
    pub fn unpacked(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let from = &mut rest;
        let (&[low, high], &[declared]) =
            (&take(from, f32::from_le_bytes)?[..], &take(from, u8::from_le_bytes)?[..])
        else {
            return None;
        };
        let (users, items) = (take_vocabulary(from)?, take_vocabulary(from)?);
        let columns = Columns {
            users: take(from, u32::from_le_bytes)?,
            items: take(from, u32::from_le_bytes)?,
            ratings: if take_some(from)? { Some(take(from, f32::from_le_bytes)?) } else { None },
            times: if take_some(from)? { Some(take(from, f64::from_le_bytes)?) } else { None },
        };
        let item_features = if take_some(from)? { Some(Arc::new(take_features(from)?)) } else { None };
        let below =
            |column: &[u32], ids: &Vocabulary| column.iter().all(|&index| (index as usize) < ids.len());
        let rows = columns.len();
        let whole = columns.items.len() == rows
            && columns.ratings.as_ref().is_none_or(|ratings| ratings.len() == rows)
            && columns.times.as_ref().is_none_or(|times| times.len() == rows)
            && below(&columns.users, &users)
            && below(&columns.items, &items)
            && rest.is_empty();
        whole.then(|| Self {
            users: Arc::new(users),
            items: Arc::new(items),
            columns,
            range: (low, high),
            range_is_declared: declared != 0,
            duplicates: 0,
            item_table: None,
            item_features,
            report: None,
        })
    }

    /// Number of bytes of [`packed`](Self::packed), or some more.
    pub fn packed_bytes(&self) -> usize {
        let texts = |(text, ends): (&str, &[u32])| text.len() + 4 * ends.len();
        let features = self.item_features.as_ref().map_or(0, |features| {
            let FeatureParts { ids, names, offsets, all } = features.parts();
            let names = names.map_or(0, texts);
            let items = texts(features.items().parts());
            features.file().len() + items + texts(ids) + names + 4 * (offsets.len() + all.len())
        });
        // And the lengths of its parts.
        self.bytes() + texts(self.users.parts()) + texts(self.items.parts()) + features + 256
    }
}

/// Appends the number of values, and the values.
fn put<T: Copy, const N: usize>(bytes: &mut Vec<u8>, values: &[T], encoded: fn(T) -> [u8; N]) {
    bytes.extend((values.len() as u64).to_le_bytes());
    bytes.extend(values.iter().flat_map(|&value| encoded(value)));
}

fn put_texts(bytes: &mut Vec<u8>, (text, ends): (&str, &[u32])) {
    put(bytes, text.as_bytes(), u8::to_le_bytes);
    put(bytes, ends, u32::to_le_bytes);
}

/// Appends whether there is a value, and returns it.
fn put_some<T>(bytes: &mut Vec<u8>, value: &Option<T>) -> bool {
    bytes.push(u8::from(value.is_some()));
    value.is_some()
}

/// The next values.
fn take<T, const N: usize>(bytes: &mut &[u8], decoded: fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (length, rest) = bytes.split_first_chunk()?;
    let size = usize::try_from(u64::from_le_bytes(*length)).ok()?.checked_mul(N)?;
    let (values, rest) = rest.split_at_checked(size)?;
    *bytes = rest;
    let value = |chunk: &[u8]| decoded(chunk.try_into().expect("chunks have N bytes"));
    Some(values.chunks_exact(N).map(value).collect())
}

fn take_some(bytes: &mut &[u8]) -> Option<bool> {
    let (&some, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(some != 0)
}

fn take_texts(bytes: &mut &[u8]) -> Option<(String, Vec<u32>)> {
    let text = String::from_utf8(take(bytes, u8::from_le_bytes)?).ok()?;
    Some((text, take(bytes, u32::from_le_bytes)?))
}

fn take_vocabulary(bytes: &mut &[u8]) -> Option<Vocabulary> {
    let (text, ends) = take_texts(bytes)?;
    Vocabulary::from_parts(&text, &ends)
}

fn take_features(bytes: &mut &[u8]) -> Option<ItemFeatures> {
    let file = String::from_utf8(take(bytes, u8::from_le_bytes)?).ok()?;
    let items = Arc::new(take_vocabulary(bytes)?);
    let ids = take_texts(bytes)?;
    let names = if take_some(bytes)? { Some(take_texts(bytes)?) } else { None };
    let (offsets, all) = (take(bytes, u32::from_le_bytes)?, take(bytes, u32::from_le_bytes)?);
    let parts = FeatureParts {
        ids: (&ids.0, &ids.1),
        names: names.as_ref().map(|(text, ends)| (text.as_str(), ends.as_slice())),
        offsets: &offsets,
        all: &all,
    };
    ItemFeatures::from_parts(&file, &items, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::feature_names::FeatureNames;

    fn of(ids: &[&str]) -> Arc<Vocabulary> {
        let mut vocabulary = Vocabulary::default();
        for id in ids {
            vocabulary.intern(id);
        }
        Arc::new(vocabulary)
    }

    fn data(ratings: bool, times: bool, features: bool) -> Interactions {
        let columns = Columns {
            users: vec![0, 1, 1],
            items: vec![2, 0, 2],
            ratings: ratings.then(|| vec![3.5, -1.0, 2.0]),
            times: times.then(|| vec![1e9, 5.0, f64::MAX]),
        };
        let data = Interactions::new(of(&["ålice", ""]), of(&["a", "b", "c"]), columns, Some((-1.0, 5.0)));
        if !features {
            return data;
        }
        let mut names = FeatureNames::default();
        names.push("dry").unwrap();
        let pairs = [&[0, 1, 1][..], &[0, 0, 1]];
        let features =
            ItemFeatures::from_pairs("tags.txt".into(), Some(names), of(&["c", "d"]), of(&["0", "1"]), pairs);
        data.with_features(features).unwrap()
    }

    #[test]
    fn every_data_set_comes_back() {
        for bits in 0..8 {
            let data = data(bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
            let bytes = data.packed();
            assert!(bytes.len() <= data.packed_bytes());
            let copy = Interactions::unpacked(&bytes).unwrap();
            assert_eq!(copy.columns(), data.columns());
            assert_eq!((copy.users.parts(), copy.items.parts()), (data.users.parts(), data.items.parts()));
            assert_eq!(copy.range(), data.range());
            assert_eq!(copy.looks_like_counts(), data.looks_like_counts());
            let features = |data: &Interactions| {
                let features = data.item_features.as_ref()?;
                Some((features.name(0).to_owned(), features.align(&data.items)))
            };
            assert_eq!(features(&copy), features(&data));
            assert_eq!(copy.packed(), bytes);
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = data(true, true, true).packed();
        for length in 0..bytes.len() {
            assert!(Interactions::unpacked(&bytes[..length]).is_none(), "{length} bytes");
        }
        assert!(Interactions::unpacked(&[&bytes[..], &[0]].concat()).is_none());
        // Whatever a byte becomes, indices stay within their tables.
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x80;
            if let Some(data) = Interactions::unpacked(&damaged) {
                assert!(data.columns().users.iter().all(|&user| (user as usize) < data.users.len()));
                assert!(data.columns().items.iter().all(|&item| (item as usize) < data.items.len()));
            }
        }
    }
}
