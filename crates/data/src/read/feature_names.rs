//! Reads names of features, one per line, numbered from 0.

use super::delimited::decode::{Decode, HostDecoders, no_decoders};
use super::delimited::dialect::Dialect;
use super::delimited::format::Format;
use super::delimited::records::{Fault, Record, Records};
use super::delimited::table::error_of;
use super::delimited::unpack::Unpack;
use super::features::FeaturesOptions;
use crate::core::feature_names::FeatureNames;
use crate::error::DataError;
use crate::location::Location;

/// Reads names in chunks. An empty line is a feature without a name.
pub struct NamesReader {
    unpack: Unpack,
    decode: Decode,
    lines: Lines,
}

struct Lines {
    file: String,
    records: Records,
    names: FeatureNames,
}

impl NamesReader {
    /// A reader at the start of a file with the name and the encoding in `options`, with the decoders of this crate.
    /// `config/out-of-range` for another encoding.
    pub fn new(options: FeaturesOptions) -> Result<Self, DataError> {
        Self::with_decoders(options, no_decoders)
    }

    /// A reader at the start of a file that may have any encoding that the host decodes.
    pub fn with_decoders(options: FeaturesOptions, decoders: HostDecoders) -> Result<Self, DataError> {
        let FeaturesOptions { file, encoding, .. } = options;
        let lines = Lines {
            file: file.clone(),
            records: Records::new(Dialect::of(Format::Lists)),
            names: FeatureNames::default(),
        };
        let decode = Decode::new(file.clone(), encoding.as_deref(), decoders)?;
        Ok(Self { unpack: Unpack::new(file), decode, lines })
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        let Self { unpack, decode, lines } = self;
        unpack.append(bytes, |bytes| decode.append(bytes, |bytes| lines.append(bytes)))
    }

    /// The names; the file ends here.
    pub fn finish(self) -> Result<FeatureNames, DataError> {
        let Self { unpack, mut decode, mut lines } = self;
        unpack.finish(|bytes| decode.append(bytes, |bytes| lines.append(bytes)))?;
        decode.finish(|bytes| lines.append(bytes))?;
        lines.finish()
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
