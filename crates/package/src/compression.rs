//! Which decoder reads a compressed stream, and the layers of a file that is compressed more than once.
//!
//! Streams that were written one after the other are one stream, as for `bunzip2`, `gunzip`, `xz` and `zstd`.
//! The decoders' own memory is bounded: windows beyond 128 MiB, which no level of a compressor asks for by default, are
//! refused.

use std::borrow::Cow;
use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::limits::{Bound, Bounded};
use crate::{Error, Format, Limits, format};

/// How often a file may be compressed, one stream inside the other.
const LAYERS: usize = 3;
/// What decoders of xz and lzma may take for their windows, in KiB; zstd's decoder has the same limit of its own.
const WINDOW_KIB: u32 = 132 << 10;

/// Unpacks a compressed stream, and what is in it if that is compressed again; gives back anything else as it is.
///
/// # Errors
/// When a stream is damaged or cut off, unpacks to more than a file may have, or there are too many layers.
pub fn decompressed<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, Error> {
    // What comes out of every layer is held to what was there at first.
    let limit = limits.of_stream(bytes.len(), Bound::File);
    let mut current = Cow::Borrowed(bytes);
    for _ in 0..LAYERS {
        let format = format(&current);
        let Some(stream) = decoder(format, &current) else { return Ok(current) };
        let unpacked = Bounded::new(stream, limit).read_all();
        let unpacked = unpacked.map_err(|error| Error::of_stream("file", format, &error))?;
        current = Cow::Owned(unpacked);
    }
    match format(&current) {
        Format::Rpm | Format::Deb | Format::Other => Ok(current),
        _ => Err(Error::TooManyLayers(LAYERS)),
    }
}

/// What unpacks a stream of a format; none if that is no format of streams.
pub(crate) fn decoder<'a>(format: Format, bytes: &'a [u8]) -> Option<Box<dyn Read + 'a>> {
    Some(match format {
        Format::Bzip2 => Box::new(MultiBzDecoder::new(bytes)),
        Format::Gzip => Box::new(MultiGzDecoder::new(bytes)),
        Format::Xz => Box::new(XzReader::new_mem_limit(bytes, true, WINDOW_KIB)),
        Format::Zstd => Box::new(ZstdFrames { rest: bytes, frame: None }),
        Format::Rpm | Format::Deb | Format::Other => return None,
    })
}

/// What unpacks the older format of xz's authors, which has no first bytes to be known by.
pub(crate) fn lzma_decoder<'a>(bytes: &'a [u8]) -> io::Result<Box<dyn Read + 'a>> {
    Ok(Box::new(LzmaReader::new_mem_limit(bytes, WINDOW_KIB, None)?))
}

/// The frames of a zstd stream one after the other; those that are to be skipped are.
struct ZstdFrames<'a> {
    rest: &'a [u8],
    frame: Option<StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>>,
}

impl Read for ZstdFrames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(frame) = &mut self.frame {
                let n = frame.read(buffer)?;
                if n > 0 {
                    return Ok(n);
                }
                let computed = frame.decoder.get_calculated_checksum();
                if frame.decoder.get_checksum_from_data().is_some_and(|stated| Some(stated) != computed) {
                    return Err(io::Error::other("the checksum of a frame is wrong"));
                }
                self.rest = frame.get_ref();
                self.frame = None;
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            match StreamingDecoder::new(self.rest) {
                Ok(frame) => self.frame = Some(frame),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    // Magic number and length, and then as much as that says.
                    let skipped = usize::try_from(length).ok().and_then(|length| length.checked_add(8));
                    self.rest = skipped
                        .and_then(|skipped| self.rest.get(skipped..))
                        .ok_or(io::ErrorKind::UnexpectedEof)?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}
