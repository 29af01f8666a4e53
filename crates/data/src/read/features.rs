//! Reads features of items: a list of features per item, or a list of items per feature.

use super::delimited::decode::{HostDecoders, no_decoders};
use super::delimited::format::Format;
use super::delimited::lists::Lists;
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use crate::core::builder::RowBuilder;
use crate::core::feature_names::FeatureNames;
use crate::core::item_features::ItemFeatures;
use crate::error::DataError;
use tastespace_options::{OptionSet, choices, options};

options! {
    /// Options of a features file.
    pub struct FeaturesOptions {
        /// Name of the file in messages.
        file: String = "features".into(), "text";
        /// Encoding of the file: a label of the Encoding Standard, such as `shift_jis`.
        encoding: Option<String> = None, ("a label such as utf-8, windows-1252 or shift_jis", "UTF-8, Windows-1252 or UTF-16, recognised by content");
        /// Content of a line.
        layout: Layout = Layout::ItemRows;
    }
}

choices! {
    /// Content of a line of a features file.
    pub enum Layout {
        /// An item and its features.
        ItemRows = "item-rows",
        /// A feature and its items.
        FeatureRows = "feature-rows",
    }
}

impl FeaturesOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        Ok(Self::parse("features reader", json)?)
    }
}

/// Reads lists in chunks. If on every line the first token is the number of the other tokens, it is a count, and the id of
/// the line's item or feature is the line number from 0; otherwise the first token is that id.
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
    /// A reader at the start of a file, with the decoders of this crate. `config/out-of-range` for another encoding.
    pub fn new(options: FeaturesOptions) -> Result<Self, DataError> {
        Self::with_decoders(options, no_decoders)
    }

    /// A reader at the start of a file that may have any encoding that the host decodes.
    pub fn with_decoders(options: FeaturesOptions, decoders: HostDecoders) -> Result<Self, DataError> {
        let format = Expected::Format(Format::Lists);
        let table = Table::new(options.file.clone(), format, options.encoding.as_deref(), decoders)?;
        Ok(Self { options, table, pairs: Pairs { lists: Lists::default(), builder: RowBuilder::new(None) } })
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.pairs)
    }

    /// The features; the file ends here. `names` are names of features by number, for ids that are numbers.
    pub fn finish(mut self, names: Option<FeatureNames>) -> Result<ItemFeatures, DataError> {
        self.table.finish(&mut self.pairs)?;
        let FeaturesOptions { file, layout, .. } = self.options;
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
