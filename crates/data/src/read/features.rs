//! The reader of feature files: lists of features or of items.

use super::delimited::format::Format;
use super::delimited::lists::Lists;
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use crate::core::builder::RowBuilder;
use crate::core::feature_names::FeatureNames;
use crate::core::item_features::ItemFeatures;
use crate::error::{DataError, Scope};
use crate::options;
use serde::Deserialize;

/// How to read a file of features.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct FeaturesOptions {
    /// Name of the file in messages. Default `features`.
    pub file: String,
    /// What a line is of. Default `item-rows`.
    pub layout: Layout,
}

/// What a line of a file of features is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// An item: its features follow.
    #[default]
    ItemRows,
    /// A feature: the items that have it follow.
    FeatureRows,
}

impl Default for FeaturesOptions {
    fn default() -> Self {
        Self { file: "features".into(), layout: Layout::default() }
    }
}

impl FeaturesOptions {
    /// Options from a JSON object; `data/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        options::from_json(Scope::Data, json)
    }
}

/// Reads one-line lists in chunks. If on every line the first number equals the count of the rest, it is a count and what the
/// line is of has the line's number from 0 as its id; otherwise the first token is that id.
pub struct FeaturesReader {
    options: FeaturesOptions,
    table: Table,
    pairs: Pairs,
}

struct Pairs {
    lists: Lists,
    builder: RowBuilder,
}

impl FeaturesReader {
    /// A reader of a file of which nothing was read.
    pub fn new(options: FeaturesOptions) -> Self {
        let table = Table::new(options.file.clone(), Expected::Format(Format::Lists));
        Self { options, table, pairs: Pairs { lists: Lists::default(), builder: RowBuilder::new(None) } }
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader is of no more use.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.pairs)
    }

    /// All that was read; the file ends here. `names` say what features are called whose ids are their numbers.
    pub fn finish(mut self, names: Option<FeatureNames>) -> Result<ItemFeatures, DataError> {
        self.table.finish(&mut self.pairs)?;
        let FeaturesOptions { file, layout } = self.options;
        let (owners, members, columns) = self.pairs.builder.into_columns();
        let (owner_of, member_of) = (&columns.users[..], &columns.items[..]);
        Ok(match layout {
            Layout::ItemRows => ItemFeatures::from_pairs(file, names, owners, members, [owner_of, member_of]),
            Layout::FeatureRows => {
                ItemFeatures::from_pairs(file, names, members, owners, [member_of, owner_of])
            }
        })
    }
}

impl Rows for Pairs {
    fn begin(&mut self, _: &Head) -> Result<bool, DataError> {
        Ok(false)
    }

    fn row(&mut self, row: &Row) -> Result<(), DataError> {
        self.lists.row(row, &mut self.builder)
    }
}
