//! Unpacks gzip files and zip archives of one file as they are read.

use super::zip::{self, Zip};
use crate::error::DataError;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// First bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Compressed bytes that are decompressed at a time. The result, up to a thousand times as large, is held in memory.
const PIECE: usize = 1 << 13;

/// Passes bytes on, unpacked if the file starts like gzip or zip.
pub(crate) struct Unpack {
    file: String,
    stage: Stage,
}

enum Stage {
    /// Too few bytes to tell an archive from text.
    Start(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zip(Zip),
}

impl Unpack {
    /// The start of a file, called `file` in messages.
    pub(crate) fn new(file: String) -> Self {
        Self { file, stage: Stage::Start(Vec::new()) }
    }

    /// Passes the next bytes on to `take`.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        match &mut self.stage {
            Stage::Plain => take(bytes),
            Stage::Zip(zip) => zip.append(bytes, &mut take),
            Stage::Gzip(decoder) => {
                for piece in bytes.chunks(PIECE) {
                    let written = decoder.write_all(piece);
                    take(decoder.get_ref())?;
                    decoder.get_mut().clear();
                    written.map_err(|error| DataError::BadGzip {
                        file: self.file.clone(),
                        problem: error.to_string(),
                    })?;
                }
                Ok(())
            }
            Stage::Start(start) => {
                start.extend_from_slice(bytes);
                let undecided = |magic: &[u8]| start.len() < magic.len() && magic.starts_with(start);
                if undecided(&GZIP) || undecided(&zip::MAGIC) {
                    return Ok(());
                }
                let start = std::mem::take(start);
                self.stage = if start.starts_with(&GZIP) {
                    Stage::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
                } else if start.starts_with(&zip::MAGIC) {
                    Stage::Zip(Zip::new(self.file.clone()))
                } else {
                    Stage::Plain
                };
                self.append(&start, take)
            }
        }
    }

    /// Passes on the rest; the file ends here.
    pub(crate) fn finish(
        self,
        mut take: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        match self.stage {
            Stage::Plain => Ok(()),
            Stage::Start(start) => take(&start),
            Stage::Zip(zip) => zip.finish(),
            Stage::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                take(decoder.get_ref())?;
                // The last bytes are a checksum, which a truncated file lacks.
                let problem = "it ends too early, or its checksum does not match";
                finished.map_err(|_| DataError::BadGzip { file: self.file, problem: problem.into() })
            }
        }
    }
}
