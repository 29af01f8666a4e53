//! Features of items, such as tags, by item id: a sparse matrix of zeros and ones.

use super::csr::ByUser;
use super::feature_names::FeatureNames;
use super::vocabulary::Vocabulary;
use std::sync::Arc;

/// The features of items, by item id.
#[derive(Clone, Debug)]
pub struct ItemFeatures {
    /// Name of the file in messages.
    file: String,
    /// The items in the file.
    items: Arc<Vocabulary>,
    /// Ids of the features.
    features: Arc<Vocabulary>,
    names: Option<FeatureNames>,
    /// Start of each item's features in `all`, and the total: `(items + 1)`.
    offsets: Vec<u32>,
    /// Feature indices, item after item, ascending within an item.
    all: Vec<u32>,
}

impl ItemFeatures {
    /// The features of (item, feature) pairs, `item_of[pair]` and `feature_of[pair]`. A repeated pair counts once.
    pub(crate) fn from_pairs(
        file: String,
        names: Option<FeatureNames>,
        items: Arc<Vocabulary>,
        features: Arc<Vocabulary>,
        [item_of, feature_of]: [&[u32]; 2],
    ) -> Self {
        let by_item = ByUser::in_row_order(item_of, items.len());
        let (mut offsets, mut all) = (vec![0], Vec::with_capacity(feature_of.len()));
        let mut own = Vec::new();
        for item in 0..items.len() as u32 {
            own.clear();
            own.extend(by_item.rows(item).iter().map(|&pair| feature_of[pair as usize]));
            own.sort_unstable();
            own.dedup();
            all.extend_from_slice(&own);
            offsets.push(all.len() as u32);
        }
        Self { file, items, features, names, offsets, all }
    }

    /// The features in `lists`, one for each item of `items`, ascending and without repetition.
    pub(crate) fn of_lists(
        file: &str,
        items: Arc<Vocabulary>,
        features: Arc<Vocabulary>,
        lists: impl Iterator<Item = Vec<u32>>,
    ) -> Self {
        let (mut offsets, mut all) = (vec![0], Vec::new());
        for list in lists {
            all.extend(list);
            offsets.push(all.len() as u32);
        }
        Self { file: file.into(), items, features, names: None, offsets, all }
    }

    /// These features with those of `newer`, which count for the items that both have.
    pub fn updated(&self, newer: &Self) -> Self {
        let (mut items, mut features) = (Vocabulary::clone(&self.items), Vocabulary::clone(&self.features));
        let new_features = features.intern_all(&newer.features);
        items.intern_all(&newer.items);
        let (mut offsets, mut all) = (vec![0], Vec::new());
        for (index, id) in items.iter().enumerate() {
            let start = all.len();
            match newer.items.get(id) {
                Some(item) => {
                    all.extend(newer.of(item).iter().map(|&feature| new_features[feature as usize]))
                }
                None => all.extend_from_slice(self.of(index as u32)),
            }
            all[start..].sort_unstable();
            offsets.push(all.len() as u32);
        }
        let names = match (&self.names, &newer.names) {
            (Some(names), Some(newer)) => Some(names.updated(newer)),
            (names, newer) => names.clone().or_else(|| newer.clone()),
        };
        let (items, features) = (Arc::new(items), Arc::new(features));
        Self { file: newer.file.clone(), items, features, names, offsets, all }
    }

    /// Number of features.
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// Name of the file in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The items in the file.
    pub fn items(&self) -> &Vocabulary {
        &self.items
    }

    /// Number of items in the file.
    pub fn known(&self) -> usize {
        self.items.len()
    }

    /// The name of `feature`, below [`width`](Self::width): the name numbered by its id, or else its id.
    pub fn name(&self, feature: u32) -> &str {
        let id = self.features.id(feature);
        let name = self.names.as_ref().and_then(|names| names.get(id.parse().ok()?));
        name.unwrap_or(id)
    }

    /// The features of the items of `catalogue`, by its indices, for a trained model.
    pub fn aligned(&self, catalogue: &Arc<Vocabulary>) -> Self {
        let FeatureMatrix { offsets, features: all, .. } = self.align(catalogue);
        let (file, features, names) = (self.file.clone(), self.features.clone(), self.names.clone());
        Self { file, items: catalogue.clone(), features, names, offsets, all }
    }

    /// The features of the item at `index` in [`items`](Self::items), ascending.
    pub fn of(&self, index: u32) -> &[u32] {
        &self.all[self.offsets[index as usize] as usize..self.offsets[index as usize + 1] as usize]
    }

    /// Number of features of all items of `catalogue` together.
    pub fn pairs(&self, catalogue: &Vocabulary) -> usize {
        catalogue.iter().filter_map(|id| self.items.get(id)).map(|item| self.of(item).len()).sum()
    }

    /// The index in `other` of each feature that it has.
    pub fn indices_in(&self, other: &Self) -> Vec<Option<u32>> {
        self.features.iter().map(|id| other.features.get(id)).collect()
    }

    /// The form in a model file, without the items' ids.
    pub fn parts(&self) -> FeatureParts<'_> {
        FeatureParts {
            ids: self.features.parts(),
            names: self.names.as_ref().map(FeatureNames::parts),
            offsets: &self.offsets,
            all: &self.all,
        }
    }

    /// The inverse of [`parts`](Self::parts). `None` if the parts are inconsistent with each other or with `items`.
    pub fn from_parts(file: &str, items: &Arc<Vocabulary>, parts: FeatureParts) -> Option<Self> {
        let features = Vocabulary::from_parts(parts.ids.0, parts.ids.1)?;
        let names = match parts.names {
            Some((text, ends)) => Some(FeatureNames::from_parts(text, ends)?),
            None => None,
        };
        let (offsets, all) = (parts.offsets.to_vec(), parts.all.to_vec());
        let whole = offsets.len() == items.len() + 1 && offsets[0] == 0 && offsets.is_sorted();
        let fits = whole && offsets[items.len()] as usize == all.len();
        (fits && all.iter().all(|&feature| (feature as usize) < features.len())).then(|| Self {
            file: file.into(),
            items: items.clone(),
            features: Arc::new(features),
            names,
            offsets,
            all,
        })
    }

    /// The features of each item of `catalogue`, by its indices. An item that is not in the file has none.
    pub fn align(&self, catalogue: &Vocabulary) -> FeatureMatrix {
        let mut matrix = FeatureMatrix { offsets: vec![0], features: Vec::new(), width: self.width() };
        for id in catalogue.iter() {
            if let Some(item) = self.items.get(id) {
                matrix.features.extend_from_slice(self.of(item));
            }
            matrix.offsets.push(matrix.features.len() as u32);
        }
        matrix
    }
}

/// [`ItemFeatures`] in the form of a model file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureParts<'a> {
    /// Ids of the features, joined, and the end of each.
    pub ids: (&'a str, &'a [u32]),
    /// Names by number, joined, and the end of each.
    pub names: Option<(&'a str, &'a [u32])>,
    /// Start of each item's features, and the total: `(items + 1)`.
    pub offsets: &'a [u32],
    /// Feature indices, item after item.
    pub all: &'a [u32],
}

/// Features of each item of a catalogue: a sparse binary matrix `(items, width)`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    /// Start of each item's features, and the total: `(items + 1)`.
    pub offsets: Vec<u32>,
    /// Feature indices below `width`, item after item, ascending within an item.
    pub features: Vec<u32>,
    /// Number of features.
    pub width: usize,
}

impl FeatureMatrix {
    /// Number of items.
    pub fn items(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The features of the item at `index`, ascending.
    pub fn of(&self, index: u32) -> &[u32] {
        &self.features[self.offsets[index as usize] as usize..self.offsets[index as usize + 1] as usize]
    }
}
