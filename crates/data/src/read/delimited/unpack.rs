//! Gzip files, unpacked on their way.

use crate::error::DataError;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// What a gzip file starts with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Packed bytes that are unpacked at a time: what they become, a thousand times as much at worst, is held in memory.
const PIECE: usize = 1 << 13;

/// Passes bytes on, unpacked where the file is gzip, which its first bytes tell.
pub(crate) struct Unpack {
    file: String,
    stage: Stage,
}

enum Stage {
    /// Fewer bytes than tell.
    Start(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Unpack {
    /// Nothing was read of the file that messages call `file`.
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
                if start.len() < MAGIC.len() && MAGIC.starts_with(start) {
                    return Ok(());
                }
                let start = std::mem::take(start);
                self.stage = match start.starts_with(&MAGIC) {
                    true => Stage::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
                    false => Stage::Plain,
                };
                self.append(&start, take)
            }
        }
    }

    /// Passes on what was held back; the file ends here.
    pub(crate) fn finish(
        self,
        mut take: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        match self.stage {
            Stage::Plain => Ok(()),
            Stage::Start(start) => take(&start),
            Stage::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                take(decoder.get_ref())?;
                // The last bytes are a checksum, so what is cut short lacks it.
                let problem = "it ends too early, or its checksum does not match";
                finished.map_err(|_| DataError::BadGzip { file: self.file, problem: problem.into() })
            }
        }
    }
}
