//! Names of features: a line each, numbered from 0.

use crate::delimited::{Fault, Format, Records, Unpack, told};
use crate::error::DataError;
use crate::place::Place;

/// Names by number, stored compactly.
#[derive(Clone, Debug, Default)]
pub struct FeatureNames {
    /// All names, joined.
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl FeatureNames {
    /// The name numbered `number`, if there is one and it is not empty.
    pub fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        Some(&self.text[start..end]).filter(|name| !name.is_empty())
    }

    /// All names joined, and where each ends.
    pub(super) fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// The inverse of [`parts`](Self::parts). `None` if the ends do not cut the text at characters.
    pub(super) fn from_parts(text: &str, ends: &[u32]) -> Option<Self> {
        let mut start = 0;
        for &end in ends {
            text.get(start..end as usize)?;
            start = end as usize;
        }
        Some(Self { text: text.into(), ends: ends.into() })
    }
}

/// Reads names in chunks. Every line counts, one without a name too.
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
    /// A reader of a file, called `file` in messages, of which nothing was read.
    pub fn new(file: String) -> Self {
        let lines = Lines {
            file: file.clone(),
            records: Records::new(Format::Lists),
            names: FeatureNames::default(),
        };
        Self { unpack: Unpack::new(file), lines }
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader is of no more use.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.unpack.append(bytes, |bytes| self.lines.append(bytes))
    }

    /// All that was read; the file ends here.
    pub fn finish(mut self) -> Result<FeatureNames, DataError> {
        self.unpack.finish(|bytes| self.lines.append(bytes))?;
        self.lines.finish()
    }
}

impl Lines {
    fn append(&mut self, mut bytes: &[u8]) -> Result<(), DataError> {
        let Self { file, records, names } = self;
        let fault = |fault: Fault| told(fault, file);
        while let Some(record) = records.next(&mut bytes).map_err(fault)? {
            names.push(file, record.line, record.offset, record.bytes)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<FeatureNames, DataError> {
        let Self { file, mut records, mut names } = self;
        if let Some(record) = records.last().map_err(|fault| told(fault, &file))? {
            names.push(&file, record.line, record.offset, record.bytes)?;
        }
        Ok(names)
    }
}

impl FeatureNames {
    fn push(&mut self, file: &str, line: u64, offset: u64, bytes: &[u8]) -> Result<(), DataError> {
        let name = std::str::from_utf8(bytes).map_err(|error| DataError::BadEncoding {
            place: Place::line(file, line),
            byte: bytes[error.valid_up_to()],
            offset: offset + error.valid_up_to() as u64,
        })?;
        if name.len() > u32::MAX as usize - self.text.len() {
            return Err(DataError::TooLarge { what: "bytes of names", limit: u32::MAX.into() });
        }
        self.text.push_str(name.trim());
        self.ends.push(self.text.len() as u32);
        Ok(())
    }
}
