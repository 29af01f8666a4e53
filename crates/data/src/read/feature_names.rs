//! Reads names of features, one per line, numbered from 0.

use super::delimited::format::Format;
use super::delimited::records::{Fault, Record, Records};
use super::delimited::table::error_of;
use super::delimited::unpack::Unpack;
use crate::core::feature_names::FeatureNames;
use crate::error::DataError;
use crate::location::Location;

/// Reads names in chunks. An empty line is a feature without a name.
pub struct NamesReader {
    unpack: Unpack,
    lines: Lines,
}

struct Lines {
    file: String,
    records: Records,
    names: FeatureNames,
}

impl NamesReader {
    /// A reader at the start of a file, called `file` in messages.
    pub fn new(file: String) -> Self {
        let lines = Lines {
            file: file.clone(),
            records: Records::new(Format::Lists),
            names: FeatureNames::default(),
        };
        Self { unpack: Unpack::new(file), lines }
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.unpack.append(bytes, |bytes| self.lines.append(bytes))
    }

    /// The names; the file ends here.
    pub fn finish(mut self) -> Result<FeatureNames, DataError> {
        self.unpack.finish(|bytes| self.lines.append(bytes))?;
        self.lines.finish()
    }
}

impl Lines {
    fn append(&mut self, mut bytes: &[u8]) -> Result<(), DataError> {
        let Self { file, records, names } = self;
        let fault = |fault: Fault| error_of(fault, file);
        while let Some(record) = records.next(&mut bytes).map_err(fault)? {
            push(names, file, &record)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<FeatureNames, DataError> {
        let Self { file, mut records, mut names } = self;
        if let Some(record) = records.last().map_err(|fault| error_of(fault, &file))? {
            push(&mut names, &file, &record)?;
        }
        Ok(names)
    }
}

fn push(names: &mut FeatureNames, file: &str, record: &Record) -> Result<(), DataError> {
    let name = std::str::from_utf8(record.bytes).map_err(|error| DataError::BadEncoding {
        location: Location::line(file, record.line),
        byte: record.bytes[error.valid_up_to()],
        offset: record.offset + error.valid_up_to() as u64,
    })?;
    names.push(name.trim())
}
