//! The start of a file, until its format is known.

use super::records::LINE_LIMIT;
use super::signature;
use crate::error::DataError;
use memchr::{memchr, memchr_iter, memchr2};

/// Bytes at the start of a file from which its format is recognised: 64 KiB.
const SAMPLE: usize = 1 << 16;

/// The start of a file.
#[derive(Default)]
pub(super) struct Sample {
    pub(super) bytes: Vec<u8>,
    /// Whether `bytes` holds the end of a line.
    has_line: bool,
    /// Bytes and lines before it: blank lines at the start are skipped.
    pub(super) skipped: u64,
    pub(super) blank_lines: u64,
}

impl Sample {
    /// Takes from `bytes` up to 64 KiB or, if the first line is longer, up to its end. Returns the rest.
    pub(super) fn take<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
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
        self.has_line |= memchr2(b'\n', b'\r', taken).is_some();
        self.bytes.extend_from_slice(taken);
        rest
    }

    /// Whether it is long enough. JSON may be one long line.
    pub(super) fn is_complete(&self) -> bool {
        self.bytes.len() >= SAMPLE && self.has_line || self.bytes.len() > LINE_LIMIT && self.is_json()
    }

    /// Whether it starts like JSON.
    pub(super) fn is_json(&self) -> bool {
        self.bytes.trim_ascii_start().starts_with(b"{") || self.bytes.trim_ascii_start().starts_with(b"[")
    }

    /// Refuses files that are not text, and text without rows.
    pub(super) fn check_text(&self, file: &str) -> Result<(), DataError> {
        if self.bytes.get(257..262) == Some(b"ustar") {
            return Err(DataError::NotRead {
                file: file.into(),
                looks_like: "a tar archive",
                instead: "unpack it and give one of its files",
            });
        }
        if let Some(at) = zero_outside_quotes(&self.bytes) {
            return Err(DataError::NotText { file: file.into(), offset: self.skipped + at as u64 });
        }
        let head = String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(256)]);
        match signature::recognise_text(&head) {
            Some((looks_like, instead)) => Err(DataError::NotRead { file: file.into(), looks_like, instead }),
            None => Ok(()),
        }
    }
}

/// The first zero byte that no quotes enclose: a sign of UTF-16, or of no text at all. An id in quotes may have one.
pub(super) fn zero_outside_quotes(bytes: &[u8]) -> Option<usize> {
    let first = memchr(0, bytes)?;
    let mut quoted = memchr_iter(b'"', &bytes[..first]).count() % 2 == 1;
    let at = bytes[first..].iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == 0 && !quoted
    });
    at.map(|at| first + at)
}
