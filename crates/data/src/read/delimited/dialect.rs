//! How the text of a file is cut: the parts of a format that differ between files.

use super::format::Format;

/// How lines are cut into fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dialect {
    /// How fields are separated: one of [`Format::DELIMITED`], lists, blocks or JSON.
    pub(crate) format: Format,
    /// The delimiter after which a quote opens a field, where fields may be quoted.
    pub(crate) quoting: Option<u8>,
    /// Whether a backslash takes the next byte of a quoted field as it is. Otherwise quotes in quoted fields are doubled.
    pub(crate) backslash: bool,
    /// The last byte of a line: a line feed or, in files of old Macs, a carriage return.
    pub(crate) line_end: u8,
}

impl Dialect {
    /// The usual dialect of `format`.
    pub(crate) fn of(format: Format) -> Self {
        let quoting = if format == Format::Blocks { None } else { format.delimiter() };
        Self { format, quoting, backslash: false, line_end: b'\n' }
    }

    /// The dialect of `format` for a file that starts with `sample`.
    pub(crate) fn in_file(format: Format, sample: &[u8]) -> Self {
        let old_mac = memchr::memchr(b'\n', sample).is_none() && memchr::memchr(b'\r', sample).is_some();
        // R writes tables with spaces and quoted texts.
        let quoted_spaces = format == Format::Spaces && sample.starts_with(b"\"");
        Self {
            quoting: if quoted_spaces { Some(b' ') } else { Self::of(format).quoting },
            backslash: escapes_quotes(sample),
            line_end: if old_mac { b'\r' } else { b'\n' },
            format,
        }
    }
}

/// Whether a text has a quote after a backslash that neither ends a field nor is doubled.
fn escapes_quotes(sample: &[u8]) -> bool {
    memchr::memmem::find_iter(sample, b"\\\"").any(|at| {
        let after = sample.get(at + 2);
        after.is_some_and(|after| !matches!(after, b',' | b';' | b'\t' | b'|' | b' ' | b'\r' | b'\n' | b'"'))
    })
}
