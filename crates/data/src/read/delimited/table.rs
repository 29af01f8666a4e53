//! Reads a file of rows: samples it, recognises its format, checks each record and passes rows to a reader.

use super::fields::Fields;
use super::format::Format;
use super::recognise::Reading;
use super::records::{Fault, LINE_LIMIT, Record, Records};
use super::row::{Head, Row, Rows};
use super::signature;
use super::unpack::Unpack;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use crate::read::json::Objects;
use memchr::{memchr, memchr_iter};

/// Bytes at the start of a file from which its format is recognised: 64 KiB.
const SAMPLE: usize = 1 << 16;

/// A file of rows, read in chunks.
pub(crate) struct Table {
    unpack: Unpack,
    text: Text,
}

/// The text of a file, as far as it was read.
struct Text {
    file: String,
    expected: Expected,
    stage: Stage,
}

/// The formats that are accepted.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// One format.
    Format(Format),
    /// Any format with columns, recognised by content.
    Columns,
    /// Any format, recognised by content.
    Any,
}

impl Expected {
    /// The requested format, or any.
    pub(crate) fn or_any(format: Option<Format>) -> Self {
        format.map_or(Self::Any, Self::Format)
    }

    fn names(self) -> Vec<&'static str> {
        let all = Format::ALL.into_iter().filter(|&format| match self {
            Self::Format(expected) => format == expected,
            Self::Columns => format != Format::Lists,
            Self::Any => true,
        });
        all.map(Format::name).collect()
    }
}

/// Progress of a table.
enum Stage {
    Sampling(Sample),
    Reading(Box<Body>),
}

/// The start of a file, until its format is known.
#[derive(Default)]
struct Sample {
    bytes: Vec<u8>,
    /// Whether `bytes` holds a line feed.
    has_line: bool,
    /// Bytes and lines before it: blank lines at the start are skipped.
    skipped: u64,
    blank_lines: u64,
}

impl Sample {
    /// Takes from `bytes` up to 64 KiB or, if the first line is longer, up to its end. Returns the rest.
    fn take<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        if self.bytes.is_empty() {
            let text = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
            self.skipped += text as u64;
            self.blank_lines += memchr_iter(b'\n', &bytes[..text]).count() as u64;
            bytes = &bytes[text..];
        }
        let bytes = self.extend(bytes, SAMPLE.saturating_sub(self.bytes.len()));
        if self.bytes.len() < SAMPLE || self.has_line {
            return bytes;
        }
        let line = memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
        self.extend(bytes, line.min(LINE_LIMIT + 1 - self.bytes.len()))
    }

    fn extend<'a>(&mut self, bytes: &'a [u8], most: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(most.min(bytes.len()));
        self.has_line |= memchr(b'\n', taken).is_some();
        self.bytes.extend_from_slice(taken);
        rest
    }

    fn is_complete(&self) -> bool {
        self.bytes.len() >= SAMPLE && self.has_line
    }

    /// Refuses binary files and UTF-16.
    fn check_text(&self, file: &str) -> Result<(), DataError> {
        let not_text = |looks_like, at: usize| {
            Err(DataError::NotText { file: file.into(), looks_like, offset: self.skipped + at as u64 })
        };
        match signature::recognise(&self.bytes) {
            Some(name) => not_text(Some(name), 0),
            None if self.bytes.starts_with(b"\xff\xfe") || self.bytes.starts_with(b"\xfe\xff") => {
                Err(DataError::Utf16 { file: file.into() })
            }
            None => memchr(0, &self.bytes).map_or(Ok(()), |at| not_text(None, at)),
        }
    }
}

impl Table {
    pub(crate) fn new(file: String, expected: Expected) -> Self {
        let unpack = Unpack::new(file.clone());
        Self { unpack, text: Text { file, expected, stage: Stage::Sampling(Sample::default()) } }
    }

    /// Reads the next bytes of the file, cut anywhere.
    pub(crate) fn append(&mut self, bytes: &[u8], rows: &mut impl Rows) -> Result<(), DataError> {
        self.unpack.append(bytes, |bytes| self.text.append(bytes, rows))
    }

    /// Reads the rest; the file ends here.
    pub(crate) fn finish(mut self, rows: &mut impl Rows) -> Result<(), DataError> {
        self.unpack.finish(|bytes| self.text.append(bytes, rows))?;
        self.text.finish(rows)
    }
}

impl Text {
    fn append(&mut self, bytes: &[u8], rows: &mut impl Rows) -> Result<(), DataError> {
        match &mut self.stage {
            Stage::Reading(body) => body.read(bytes, rows),
            Stage::Sampling(sample) => {
                let rest = sample.take(bytes);
                if sample.is_complete() {
                    let sample = std::mem::take(sample);
                    self.begin(sample, false, rows)?.read(rest, rows)
                } else if sample.bytes.len() > LINE_LIMIT {
                    sample.check_text(&self.file)?;
                    Err(error_of(Fault::TooLong { line: sample.blank_lines + 1 }, &self.file))
                } else {
                    Ok(())
                }
            }
        }
    }

    fn finish(mut self, rows: &mut impl Rows) -> Result<(), DataError> {
        if let Stage::Sampling(sample) = &mut self.stage {
            let sample = std::mem::take(sample);
            self.begin(sample, true, rows)?;
        }
        match self.stage {
            Stage::Reading(body) => body.finish(rows),
            Stage::Sampling(_) => Err(DataError::Empty { file: self.file }),
        }
    }

    /// Recognises the format from `sample` and reads it. `complete`: the file ends with the sample.
    fn begin(
        &mut self,
        sample: Sample,
        complete: bool,
        rows: &mut impl Rows,
    ) -> Result<&mut Body, DataError> {
        sample.check_text(&self.file)?;
        let text = sample.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&sample.bytes);
        if complete && text.trim_ascii().is_empty() {
            return Err(DataError::Empty { file: self.file.clone() });
        }
        let line = sample.blank_lines + 1;
        let records = |format| {
            let marked = (sample.bytes.len() - text.len()) as u64;
            Records::starting_at(format, line, sample.skipped + marked)
        };
        let reading = match self.expected {
            Expected::Format(format) => Reading::new(format, text, complete),
            Expected::Columns => Reading::recognise(text, complete, false),
            Expected::Any => Reading::recognise(text, complete, true),
        };
        let Some(reading) = reading else {
            // If the file starts with an unclosed quote, there is no record to recognise a format from.
            let mut records = records(match self.expected {
                Expected::Format(format) => format,
                Expected::Columns | Expected::Any => Format::Csv,
            });
            let mut rest = text;
            while let Some(_record) = records.next(&mut rest).map_err(|fault| error_of(fault, &self.file))? {}
            if complete {
                records.last().map_err(|fault| error_of(fault, &self.file))?;
            }
            return Err(self.unrecognised(text, line));
        };
        let body = Body {
            records: records(reading.format),
            layout: Layout {
                file: self.file.clone(),
                fields: Fields::new(reading.format),
                objects: (reading.format == Format::JsonLines)
                    .then(|| Objects::new(reading.records[0].clone())),
                columns: (reading.format != Format::Lists).then_some(reading.columns),
                first: Some(reading),
                has_header: false,
                rows: 0,
            },
        };
        self.stage = Stage::Reading(Box::new(body));
        let Stage::Reading(body) = &mut self.stage else { unreachable!("it was set above") };
        body.read(text, rows)?;
        Ok(body)
    }

    fn unrecognised(&self, text: &[u8], first_line: u64) -> DataError {
        let mut lines = (first_line..).zip(text.split(|&byte| byte == b'\n'));
        let (line, value) =
            lines.find(|(_, text)| !text.trim_ascii().is_empty()).unwrap_or((first_line, &[]));
        DataError::Unrecognised {
            location: Location::line(&self.file, line),
            value: excerpt(&String::from_utf8_lossy(value.trim_ascii())),
            accepted: self.expected.names(),
        }
    }
}

/// A file with a known format.
struct Body {
    records: Records,
    layout: Layout,
}

impl Body {
    fn read(&mut self, mut bytes: &[u8], rows: &mut impl Rows) -> Result<(), DataError> {
        loop {
            match self.records.next(&mut bytes) {
                Ok(Some(record)) => self.layout.record(&record, rows)?,
                Ok(None) => return Ok(()),
                Err(fault) => return Err(error_of(fault, &self.layout.file)),
            }
        }
    }

    fn finish(mut self, rows: &mut impl Rows) -> Result<(), DataError> {
        match self.records.last() {
            Ok(Some(record)) => self.layout.record(&record, rows)?,
            Ok(None) => {}
            Err(fault) => return Err(error_of(fault, &self.layout.file)),
        }
        let Layout { file, rows, .. } = self.layout;
        if rows == 0 { Err(DataError::NoRows { file }) } else { Ok(()) }
    }
}

/// Requirements of every record.
struct Layout {
    file: String,
    fields: Fields,
    /// Cuts JSON lines, in place of `fields`.
    objects: Option<Objects>,
    /// Number of fields of each row; `None` for lists.
    columns: Option<usize>,
    /// The first records, until the first is read.
    first: Option<Reading>,
    has_header: bool,
    rows: u64,
}

impl Layout {
    #[inline]
    fn record(&mut self, record: &Record, rows: &mut impl Rows) -> Result<(), DataError> {
        if record.is_blank() {
            return Ok(());
        }
        let text = match std::str::from_utf8(record.bytes) {
            Ok(text) if memchr(0, record.bytes).is_none() => text,
            checked => return Err(self.not_text(record, checked.err())),
        };
        if let Some(Reading { format, records, columns, .. }) = self.first.take() {
            let header_columns = records[0].len();
            let head = Head { file: &self.file, line: record.line, format, records, columns };
            self.has_header = rows.begin(&head)?;
            if self.has_header && self.objects.is_none() {
                self.columns = Some(header_columns);
                return Ok(());
            }
        }
        self.rows += 1;
        if let Some(objects) = &mut self.objects {
            let (values, ranges) = objects.read(text).map_err(|error| DataError::BadJson {
                location: Location::line(&self.file, record.line),
                problem: error.to_string(),
                value: excerpt(text),
            })?;
            return rows.row(&Row { file: &self.file, line: record.line, text: values, ranges });
        }
        let (bytes, ranges) = self.fields.split(record);
        if let Some(columns) = self.columns.filter(|&columns| columns != ranges.len()) {
            return Err(DataError::FieldCount {
                location: Location::line(&self.file, record.line),
                found: ranges.len(),
                expected: columns,
                header: self.has_header,
                value: excerpt(text),
            });
        }
        let text = match record.quoted {
            true => std::str::from_utf8(bytes).expect("a valid record without its quotes is valid"),
            false => text,
        };
        rows.row(&Row { file: &self.file, line: record.line, text, ranges })
    }

    #[cold]
    fn not_text(&self, record: &Record, error: Option<std::str::Utf8Error>) -> DataError {
        let zero = memchr(0, record.bytes).unwrap_or(record.bytes.len());
        match error.map(|error| error.valid_up_to()).filter(|&at| at < zero) {
            Some(at) => {
                let lines = memchr_iter(b'\n', &record.bytes[..at]).count() as u64;
                DataError::BadEncoding {
                    location: Location::line(&self.file, record.line + lines),
                    byte: record.bytes[at],
                    offset: record.offset + at as u64,
                }
            }
            None => DataError::NotText {
                file: self.file.clone(),
                looks_like: None,
                offset: record.offset + zero as u64,
            },
        }
    }
}

/// The error for a `fault` in `file`.
#[cold]
pub(crate) fn error_of(fault: Fault, file: &str) -> DataError {
    match fault {
        Fault::TooLong { line } => {
            DataError::LineTooLong { location: Location::line(file, line), limit: LINE_LIMIT }
        }
        Fault::UnclosedQuote { line, start } => DataError::UnclosedQuote {
            location: Location::line(file, line),
            value: excerpt(&String::from_utf8_lossy(&start)),
        },
    }
}
