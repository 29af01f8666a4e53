//! Unpacks a zip archive of one file as it is read: headers and data in the order of the archive, without its directory.

use crate::error::DataError;
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// First bytes of a zip archive.
pub(super) const MAGIC: [u8; 4] = *b"PK\x03\x04";
/// First bytes of the directory, which follows the data of all files.
const DIRECTORY: [u8; 4] = *b"PK\x01\x02";
/// First bytes of the sizes and the checksum, where they follow the data of a file.
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Fixed bytes of the header before each file.
const HEADER: usize = 30;
/// Bytes that are unpacked at a time.
const PIECE: usize = 1 << 16;

/// Passes on the bytes of the one file in an archive.
pub(super) struct Zip {
    file: String,
    /// Bytes of a header that is not complete.
    held: Vec<u8>,
    stage: Stage,
    /// The name of the file whose data was passed on.
    passed: Option<String>,
    piece: Vec<u8>,
}

enum Stage {
    Header,
    Data(Box<Data>),
    /// The checksum and sizes behind the data of a file.
    Descriptor {
        crc: u32,
    },
    Directory,
}

/// The data of a file in the archive.
struct Data {
    /// `None` where the data is stored as it is.
    inflate: Option<Decompress>,
    /// Packed bytes that are left; `None` if only the end of the packed data shows it.
    left: Option<u64>,
    /// The checksum in the header; `None` if it follows the data.
    expected: Option<u32>,
    crc: Crc,
    /// Whether it is the file that is read: folders and files of the system are not.
    wanted: bool,
}

impl Zip {
    pub(super) fn new(file: String) -> Self {
        Self { file, held: Vec::new(), stage: Stage::Header, passed: None, piece: Vec::new() }
    }

    fn damaged(&self, problem: &str) -> DataError {
        DataError::BadZip { file: self.file.clone(), problem: problem.into() }
    }

    /// Passes the file's bytes among the next of the archive on to `take`.
    pub(super) fn append(
        &mut self,
        mut bytes: &[u8],
        take: &mut impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        while !bytes.is_empty() {
            match &mut self.stage {
                Stage::Directory => return Ok(()),
                Stage::Data(data) => {
                    let (read, ended) =
                        data.read(bytes, &mut self.piece, take).map_err(|error| match error {
                            Failure::Taking(error) => error,
                            Failure::Damaged => DataError::BadZip {
                                file: self.file.clone(),
                                problem: "its packed data is corrupt".into(),
                            },
                        })?;
                    bytes = &bytes[read..];
                    if ended {
                        let crc = data.crc.sum();
                        match data.expected {
                            Some(expected) if expected != crc => {
                                return Err(self.damaged("a checksum does not match"));
                            }
                            Some(_) => self.stage = Stage::Header,
                            None => self.stage = Stage::Descriptor { crc },
                        }
                    }
                }
                Stage::Header | Stage::Descriptor { .. } => {
                    // Names are short: some hundred bytes are enough for any header.
                    let most = bytes.len().min(256);
                    self.held.extend_from_slice(&bytes[..most]);
                    bytes = &bytes[most..];
                    self.header(take)?;
                }
            }
        }
        Ok(())
    }

    /// Reads the header or descriptor in `held`, if it is complete, and goes on with what follows it.
    fn header(&mut self, take: &mut impl FnMut(&[u8]) -> Result<(), DataError>) -> Result<(), DataError> {
        let length = match self.stage {
            Stage::Descriptor { crc } => self.descriptor(crc)?,
            _ => self.file_header()?,
        };
        let Some(length) = length else { return Ok(()) };
        let held = std::mem::take(&mut self.held);
        self.append(&held[length..], take)
    }

    /// The length of the descriptor in `held`, if it is complete.
    fn descriptor(&mut self, crc: u32) -> Result<Option<usize>, DataError> {
        let start = if self.held.starts_with(&DESCRIPTOR) { 4 } else { 0 };
        // Two sizes of four or eight bytes follow the checksum, and then the next header.
        let ends = [start + 12, start + 20];
        if self.held.len() < ends[1] + 4 {
            return Ok(None);
        }
        if number(&self.held[start..], 4) != u64::from(crc) {
            return Err(self.damaged("a checksum does not match"));
        }
        let end = ends.into_iter().find(|&end| self.held[end..].starts_with(b"PK"));
        self.stage = Stage::Header;
        end.map(Some).ok_or_else(|| self.damaged("a header is missing"))
    }

    /// The length of the header in `held`, if it is complete.
    fn file_header(&mut self) -> Result<Option<usize>, DataError> {
        if self.held.len() < 4 {
            return Ok(None);
        }
        if self.held.starts_with(&DIRECTORY) {
            self.stage = Stage::Directory;
            return Ok(Some(self.held.len()));
        }
        if !self.held.starts_with(&MAGIC) {
            return Err(self.damaged("a header is missing"));
        }
        if self.held.len() < HEADER {
            return Ok(None);
        }
        let field = |at, size| number(&self.held[at..], size);
        let (flags, method, crc) = (field(6, 2), field(8, 2), field(14, 4) as u32);
        let (packed, size) = (field(18, 4), field(22, 4));
        let (name, extra) = (field(26, 2) as usize, field(28, 2) as usize);
        let length = HEADER + name + extra;
        if self.held.len() < length {
            return Ok(None);
        }
        let extra = &self.held[HEADER + name..length];
        let name = String::from_utf8_lossy(&self.held[HEADER..HEADER + name]).into_owned();
        let follows = flags & 8 != 0;
        let packed =
            if packed == 0xffff_ffff { large_size(extra, size == 0xffff_ffff) } else { Some(packed) };
        let workbook = name == "[Content_Types].xml" || name.starts_with("xl/");
        if workbook || name == "mimetype" && self.passed.is_none() {
            return Err(DataError::NotRead {
                file: self.file.clone(),
                looks_like: if workbook { "an Excel workbook" } else { "an OpenDocument file" },
                instead: "open it and save the sheet as CSV",
            });
        }
        if flags & 1 != 0 {
            return Err(DataError::NotRead {
                file: self.file.clone(),
                looks_like: "an encrypted zip archive",
                instead: "unpack it first",
            });
        }
        if !matches!(method, 0 | 8) || follows && method == 0 {
            return Err(self.damaged("it is packed in a way that is not read; unpack it first"));
        }
        let base = name.rsplit('/').next().unwrap_or_default();
        let wanted = !(base.is_empty() || base.starts_with('.') || name.starts_with("__MACOSX/"));
        if wanted {
            if let Some(first) = &self.passed {
                return Err(DataError::SeveralFiles {
                    file: self.file.clone(),
                    files: vec![first.clone(), name],
                });
            }
            self.passed = Some(name);
        }
        self.stage = Stage::Data(Box::new(Data {
            inflate: (method == 8).then(|| Decompress::new(false)),
            left: packed.filter(|_| !follows),
            expected: (!follows).then_some(crc),
            crc: Crc::new(),
            wanted,
        }));
        if let Stage::Data(data) = &self.stage
            && data.left == Some(0)
        {
            self.stage = Stage::Header;
        }
        Ok(Some(length))
    }

    /// Checks that the archive is complete.
    pub(super) fn finish(self) -> Result<(), DataError> {
        match self.stage {
            Stage::Directory if self.passed.is_none() => Err(DataError::Empty { file: self.file }),
            Stage::Directory => Ok(()),
            _ => Err(self.damaged("it ends too early")),
        }
    }
}

enum Failure {
    Taking(DataError),
    Damaged,
}

impl Data {
    /// Reads from `bytes`: how many were used, and whether the data ends there.
    fn read(
        &mut self,
        bytes: &[u8],
        piece: &mut Vec<u8>,
        take: &mut impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(usize, bool), Failure> {
        let most = self.left.map_or(bytes.len(), |left| left.min(bytes.len() as u64) as usize);
        let mut pass = |unpacked: &[u8], crc: &mut Crc| {
            crc.update(unpacked);
            if self.wanted { take(unpacked).map_err(Failure::Taking) } else { Ok(()) }
        };
        let Some(inflate) = &mut self.inflate else {
            pass(&bytes[..most], &mut self.crc)?;
            self.left = self.left.map(|left| left - most as u64);
            return Ok((most, self.left == Some(0)));
        };
        let mut used = 0;
        loop {
            piece.clear();
            piece.reserve(PIECE);
            let before = inflate.total_in();
            let status = inflate.decompress_vec(&bytes[used..most], piece, FlushDecompress::None);
            let status = status.map_err(|_| Failure::Damaged)?;
            let read = (inflate.total_in() - before) as usize;
            used += read;
            self.left = self.left.map(|left| left - read as u64);
            pass(piece, &mut self.crc)?;
            match status {
                Status::StreamEnd if self.left.is_none_or(|left| left == 0) => return Ok((used, true)),
                Status::StreamEnd => return Err(Failure::Damaged),
                // All is read and nothing more comes out.
                _ if used == most && piece.len() < piece.capacity() => {
                    return if self.left == Some(0) { Err(Failure::Damaged) } else { Ok((used, false)) };
                }
                _ if read == 0 && piece.is_empty() => return Err(Failure::Damaged),
                _ => {}
            }
        }
    }
}

/// A little-endian number of `size` bytes.
fn number(bytes: &[u8], size: usize) -> u64 {
    bytes[..size].iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// The packed size in the field of sizes beyond 4 GiB.
fn large_size(mut extra: &[u8], after_size: bool) -> Option<u64> {
    while extra.len() >= 4 {
        let (id, length) = (number(extra, 2), number(&extra[2..], 2) as usize);
        let field = extra.get(4..4 + length)?;
        if id == 1 {
            let at = if after_size { 8 } else { 0 };
            return (field.len() >= at + 8).then(|| number(&field[at..], 8));
        }
        extra = &extra[4 + length..];
    }
    None
}
