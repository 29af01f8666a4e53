//! Reads a file of rows: samples it, recognises its format, checks each record and passes rows to a reader.

use super::decode::{Decode, HostDecoders};
use super::dialect::Dialect;
use super::elements::Elements;
use super::fields::Fields;
use super::format::Format;
use super::json_shape::{self, Shape};
use super::preamble::Preamble;
use super::recognise::{Reading, block_item};
use super::records::{Fault, LINE_LIMIT, Record, Records};
use super::row::{Head, Row, Rows};
use super::sample::{Sample, zero_outside_quotes};
use super::unpack::Unpack;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use crate::read::json::Objects;
use crate::read::roles;
use memchr::{memchr, memchr_iter};

/// A file of rows, read in chunks.
pub(crate) struct Table {
    unpack: Unpack,
    decode: Decode,
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
        let all = Format::ALL.iter().copied().filter(|&format| match self {
            Self::Format(expected) => format == expected,
            Self::Columns => !matches!(format, Format::Lists | Format::Wide | Format::Blocks),
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

impl Table {
    /// The start of a file, called `file` in messages. `encoding` is a label; `None` to recognise it.
    pub(crate) fn new(
        file: String,
        expected: Expected,
        encoding: Option<&str>,
        decoders: HostDecoders,
    ) -> Result<Self, DataError> {
        Ok(Self {
            unpack: Unpack::new(file.clone()),
            decode: Decode::new(file.clone(), encoding, decoders)?,
            text: Text { file, expected, stage: Stage::Sampling(Sample::default()) },
        })
    }

    /// Reads the next bytes of the file, cut anywhere.
    pub(crate) fn append(&mut self, bytes: &[u8], rows: &mut impl Rows) -> Result<(), DataError> {
        let Self { unpack, decode, text } = self;
        unpack.append(bytes, |bytes| decode.append(bytes, |bytes| text.append(bytes, rows)))
    }

    /// Reads the rest; the file ends here. Returns the encoding, if it is another than UTF-8.
    pub(crate) fn finish(self, rows: &mut impl Rows) -> Result<Option<&'static str>, DataError> {
        let Self { unpack, mut decode, mut text } = self;
        unpack.finish(|bytes| decode.append(bytes, |bytes| text.append(bytes, rows)))?;
        decode.finish(|bytes| text.append(bytes, rows))?;
        text.finish(rows)?;
        Ok(decode.unusual())
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
        if complete && sample.bytes.trim_ascii().is_empty() {
            return Err(DataError::Empty { file: self.file.clone() });
        }
        let preamble = Preamble::new(&sample.bytes, &self.file, sample.blank_lines + 1)?;
        let text = &sample.bytes[preamble.bytes..];
        let line = sample.blank_lines + preamble.lines + 1;
        let mut start = sample.skipped + preamble.bytes as u64;
        let expected = match (self.expected, preamble.format) {
            (Expected::Format(format), _) => Expected::Format(format),
            (_, Some(format)) => Expected::Format(format),
            (expected, None) => expected,
        };
        let mut body = text;
        let shape = json_shape::recognise(text);
        let reading = match expected {
            Expected::Format(Format::Json) | Expected::Columns | Expected::Any if shape.is_some() => {
                let shape = shape.expect("it was checked");
                match shape {
                    Shape::NotRows(looks_like) => {
                        let instead =
                            "write it as an array of objects (pandas: orient=\"records\") or as JSON lines";
                        return Err(DataError::NotRead { file: self.file.clone(), looks_like, instead });
                    }
                    Shape::Array(at) => {
                        body = &text[at..];
                        start += at as u64;
                    }
                    Shape::Lines | Shape::Objects => {}
                }
                Reading::of_json(shape, body)
            }
            Expected::Format(format) => Reading::new(format, text, complete),
            Expected::Columns => Reading::recognise(text, complete, false),
            Expected::Any => Reading::recognise(text, complete, true),
        };
        let Some(reading) = reading else { return Err(self.unrecognised(text, complete, line, start)) };
        let reading = match &preamble.header {
            Some(header) => reading.with_header(header, roles::is_known),
            None => reading,
        };
        let lines = memchr_iter(b'\n', &text[..text.len() - body.len()]).count() as u64;
        let cut = match reading.format {
            Format::Json => Cut::Elements(Elements::starting_at(reading.array, line + lines, start)),
            _ => Cut::Lines(Records::starting_at(reading.dialect, line, start)),
        };
        let layout = Layout {
            file: self.file.clone(),
            fields: Fields::new(reading.dialect),
            objects: reading.format.is_json().then(|| Objects::new(&reading.paths)),
            block: (reading.format == Format::Blocks).then(Block::default),
            columns: (reading.format != Format::Lists).then_some(reading.columns),
            comment: preamble.comment,
            may_be_no_row: preamble.comment.is_some() || reading.format == Format::Blocks,
            first: Some(Box::new(reading)),
            has_header: false,
            has_zero: false,
            rows: 0,
            declared: preamble.rows,
        };
        self.stage = Stage::Reading(Box::new(Body { cut, layout }));
        let Stage::Reading(stage) = &mut self.stage else { unreachable!("it was set above") };
        stage.read(body, rows)?;
        Ok(stage)
    }

    /// The error for `text`, in which no format finds columns.
    fn unrecognised(&self, text: &[u8], complete: bool, first_line: u64, start: u64) -> DataError {
        // If the file starts with an unclosed quote, there is no record to recognise a format from.
        let format = match self.expected {
            Expected::Format(format) => format,
            Expected::Columns | Expected::Any => Format::Csv,
        };
        let mut records = Records::starting_at(Dialect::in_file(format, text), first_line, start);
        let mut rest = text;
        let fault = loop {
            match records.next(&mut rest) {
                Ok(Some(_)) => {}
                Ok(None) if complete => break records.last().err(),
                Ok(None) => break None,
                Err(fault) => break Some(fault),
            }
        };
        if let Some(fault) = fault {
            return error_of(fault, &self.file);
        }
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
    cut: Cut,
    layout: Layout,
}

/// What cuts a file into records.
enum Cut {
    Lines(Records),
    Elements(Elements),
}

impl Body {
    fn read(&mut self, mut bytes: &[u8], rows: &mut impl Rows) -> Result<(), DataError> {
        let Self { cut, layout } = self;
        // Looked for in a whole chunk, which costs less than in each record.
        layout.has_zero |= memchr(0, bytes).is_some();
        let text = valid_start(bytes);
        let (whole, mut first) = (bytes.len(), true);
        loop {
            let start = whole - bytes.len();
            let lines = matches!(cut, Cut::Lines(_));
            let record = match cut {
                Cut::Lines(records) => records.next(&mut bytes),
                Cut::Elements(elements) => elements.next(&mut bytes),
            };
            match record {
                Ok(Some(record)) => {
                    // Only the first line of a chunk may have begun in an earlier one.
                    let known =
                        if first || !lines { None } else { text.get(start..start + record.bytes.len()) };
                    first = false;
                    layout.record(&record, known, rows)?;
                }
                Ok(None) => return Ok(()),
                Err(fault) => return Err(error_of(fault, &layout.file)),
            }
        }
    }

    fn finish(mut self, rows: &mut impl Rows) -> Result<(), DataError> {
        let last = match &mut self.cut {
            Cut::Lines(records) => records.last(),
            Cut::Elements(elements) => elements.finish().map(|()| None),
        };
        match last {
            Ok(Some(record)) => self.layout.record(&record, None, rows)?,
            Ok(None) => {}
            Err(fault) => return Err(error_of(fault, &self.layout.file)),
        }
        let Layout { file, rows, declared, .. } = self.layout;
        match declared {
            Some(declared) if declared != rows => Err(DataError::WrongRowCount { file, declared, rows }),
            _ if rows == 0 => Err(DataError::NoRows { file }),
            _ => Ok(()),
        }
    }
}

/// Requirements of every record.
struct Layout {
    file: String,
    fields: Fields,
    /// Cuts JSON objects, in place of `fields`.
    objects: Option<Objects>,
    /// The block of the next rows, in files of blocks.
    block: Option<Block>,
    /// Number of fields of each row; `None` for lists.
    columns: Option<usize>,
    /// The first byte of comments.
    comment: Option<u8>,
    /// The first records, until the first is read.
    first: Option<Box<Reading>>,
    /// Whether a record may be a comment or the start of a block.
    may_be_no_row: bool,
    has_header: bool,
    /// Whether a zero byte was read, perhaps in a later record.
    has_zero: bool,
    rows: u64,
    /// The number of rows that the file declares.
    declared: Option<u64>,
}

/// The item of a block, and a row of it with the item as its first field.
#[derive(Default)]
struct Block {
    item: String,
    text: String,
    ranges: Vec<(u32, u32)>,
}

impl Layout {
    /// Takes a record. `known` is its text, if it is known to be UTF-8.
    #[inline]
    fn record(
        &mut self,
        record: &Record,
        known: Option<&str>,
        rows: &mut impl Rows,
    ) -> Result<(), DataError> {
        if record.is_blank() || self.may_be_no_row && record.bytes.first().copied() == self.comment {
            return Ok(());
        }
        let text = match known.map_or_else(|| std::str::from_utf8(record.bytes), Ok) {
            Ok(text) if !self.has_zero || self.zero_in(record).is_none() => text,
            checked => return Err(self.not_text(record, checked.err())),
        };
        if let Some(reading) = self.first.take()
            && self.is_header(*reading, record.line, rows)?
        {
            return Ok(());
        }
        if self.may_be_no_row
            && let Some(block) = &mut self.block
            && let Some(item) = block_item(record.bytes)
        {
            block.item = String::from_utf8_lossy(item).into_owned();
            return Ok(());
        }
        self.rows += 1;
        if let Some(objects) = &mut self.objects {
            return match objects.read(text) {
                Ok((values, ranges)) => {
                    rows.row(&Row { file: &self.file, line: record.line, text: values, ranges })
                }
                Err(error) => rows.refuse(DataError::BadJson {
                    location: Location::line(&self.file, record.line),
                    problem: error.to_string(),
                    value: excerpt(text),
                }),
            };
        }
        let (bytes, ranges) = self.fields.split(record);
        let found = ranges.len() + usize::from(self.may_be_no_row && self.block.is_some());
        if let Some(columns) = self.columns.filter(|&columns| columns != found) {
            return rows.refuse(DataError::FieldCount {
                location: Location::line(&self.file, record.line),
                found,
                expected: columns,
                header: self.has_header,
                value: excerpt(text),
            });
        }
        let text = match record.quoted {
            true => std::str::from_utf8(bytes).expect("a valid record without its quotes is valid"),
            false => text,
        };
        let (text, ranges) = match &mut self.block {
            Some(block) => block.row(text, ranges),
            None => (text, ranges),
        };
        rows.row(&Row { file: &self.file, line: record.line, text, ranges })
    }

    /// Shows the first records to the reader. Returns whether the record at `line`, the first of the file, is the header.
    fn is_header(&mut self, reading: Reading, line: u64, rows: &mut impl Rows) -> Result<bool, DataError> {
        let Reading { format, records, columns, named, .. } = reading;
        let header_columns = records[0].len();
        let head = Head { file: &self.file, line, format, records, columns };
        self.has_header = rows.begin(&head)?;
        if self.has_header {
            self.columns = Some(header_columns);
        }
        Ok(self.has_header && !named)
    }

    fn zero_in(&self, record: &Record) -> Option<usize> {
        if record.quoted { zero_outside_quotes(record.bytes) } else { memchr(0, record.bytes) }
    }

    #[cold]
    fn not_text(&self, record: &Record, error: Option<std::str::Utf8Error>) -> DataError {
        let zero = self.zero_in(record).unwrap_or(record.bytes.len());
        match error.map(|error| error.valid_up_to()).filter(|&at| at < zero) {
            Some(at) => {
                let lines = memchr_iter(b'\n', &record.bytes[..at]).count() as u64;
                DataError::BadEncoding {
                    location: Location::line(&self.file, record.line + lines),
                    byte: record.bytes[at],
                    offset: record.offset + at as u64,
                }
            }
            None => DataError::NotText { file: self.file.clone(), offset: record.offset + zero as u64 },
        }
    }
}

impl Block {
    /// The row `text` with the item as its first field.
    fn row(&mut self, text: &str, ranges: &[(u32, u32)]) -> (&str, &[(u32, u32)]) {
        self.text.clear();
        self.text.push_str(&self.item);
        let start = self.text.len() as u32;
        self.text.push_str(text);
        self.ranges.clear();
        self.ranges.push((0, start));
        self.ranges.extend(ranges.iter().map(|&(from, to)| (start + from, start + to)));
        (&self.text, &self.ranges)
    }
}

/// `bytes` as text up to the first that is not UTF-8. Checked for a whole chunk, which costs less than for each record.
fn valid_start(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|error| {
        std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("it is valid up to there")
    })
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
        Fault::UnclosedArray { line } => DataError::UnclosedArray { location: Location::line(file, line) },
    }
}
