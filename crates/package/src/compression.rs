//! Which decoder reads a compressed stream, and the layers of a file that is compressed more than once.
//!
//! Streams that were written one after the other are one stream, as for `bunzip2`, `gunzip`, `xz` and `zstd`.
//! The decoders' own memory is bounded: windows beyond 128 MiB, which no level of a compressor asks for by default, are
//! refused.

use std::borrow::Cow;
use std::io::{self, BufRead, Cursor, Read};
use std::ops::RangeInclusive;

use bzip2::read::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

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
        let Some(stream) = decoder(format, &*current) else { return Ok(current) };
        let unpacked = Bounded::new(stream, limit).read_all();
        let unpacked = unpacked.map_err(|error| Error::of_stream("file", format, &error))?;
        current = Cow::Owned(unpacked);
    }
    match format(&current) {
        Format::Rpm | Format::Deb | Format::Other => Ok(current),
        _ => Err(Error::TooManyLayers(LAYERS)),
    }
}

/// The text of a stream, however it is compressed, by its first bytes; what is not compressed is as it is. Memory does not grow with
/// it: who reads says how much.
///
/// # Errors
/// Its first bytes cannot be read; and of the reader, a stream is damaged or cut off.
pub fn decompressing<'a>(input: impl BufRead + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut input = input;
    let start = loop {
        match input.fill_buf() {
            Ok(start) => break start,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    match format(start) {
        Format::Rpm | Format::Deb | Format::Other => Ok(Box::new(input)),
        compressed => decoder(compressed, input).ok_or_else(|| io::ErrorKind::Unsupported.into()),
    }
}

/// What unpacks a stream of a format; none if that is no format of streams.
pub(crate) fn decoder<'a>(format: Format, input: impl Read + Send + 'a) -> Option<Box<dyn Read + Send + 'a>> {
    Some(match format {
        Format::Bzip2 => Box::new(MultiBzDecoder::new(input)),
        Format::Gzip => Box::new(MultiGzDecoder::new(io::BufReader::new(input))),
        Format::Xz => Box::new(XzReader::new_mem_limit(input, true, WINDOW_KIB)),
        Format::Zstd => Box::new(ZstdFrames { rest: Some(input), frame: None }),
        Format::Rpm | Format::Deb | Format::Other => return None,
    })
}

/// What unpacks the older format of xz's authors, which has no first bytes to be known by.
pub(crate) fn lzma_decoder<'a>(bytes: &'a [u8]) -> io::Result<Box<dyn Read + 'a>> {
    Ok(Box::new(LzmaReader::new_mem_limit(bytes, WINDOW_KIB, None)?))
}

/// A frame with the number it begins with, which was read already.
type Frame<R> = StreamingDecoder<io::Chain<Cursor<[u8; 4]>, R>, FrameDecoder>;

/// The frames of a zstd stream one after the other; those that are to be skipped are.
struct ZstdFrames<R: Read> {
    /// What follows the last frame; nothing while one is read, or after an error.
    rest: Option<R>,
    frame: Option<Frame<R>>,
}

impl<R: Read> ZstdFrames<R> {
    /// Begins with the next frame; false if there is none.
    fn begin(&mut self) -> io::Result<bool> {
        /// RFC 8878, 3.1.2: sixteen numbers that begin what is to be skipped.
        const SKIPPED: RangeInclusive<u32> = 0x184D_2A50..=0x184D_2A5F;
        let Some(mut rest) = self.rest.take() else { return Ok(false) };
        loop {
            let mut start = Vec::with_capacity(4);
            rest.by_ref().take(4).read_to_end(&mut start)?;
            if start.is_empty() {
                return Ok(false);
            }
            let magic: [u8; 4] = start.try_into().map_err(|_| io::ErrorKind::UnexpectedEof)?;
            if !SKIPPED.contains(&u32::from_le_bytes(magic)) {
                let frame =
                    StreamingDecoder::new(Cursor::new(magic).chain(rest)).map_err(io::Error::other)?;
                self.frame = Some(frame);
                return Ok(true);
            }
            let mut length = [0; 4];
            rest.read_exact(&mut length)?;
            let length = u64::from(u32::from_le_bytes(length));
            if io::copy(&mut rest.by_ref().take(length), &mut io::sink())? < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

impl<R: Read> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(mut frame) = self.frame.take() {
                let n = frame.read(buffer)?;
                if n > 0 {
                    self.frame = Some(frame);
                    return Ok(n);
                }
                let computed = frame.decoder.get_calculated_checksum();
                if frame.decoder.get_checksum_from_data().is_some_and(|stated| Some(stated) != computed) {
                    return Err(io::Error::other("the checksum of a frame is wrong"));
                }
                self.rest = Some(frame.into_inner().into_inner().1);
            }
            if !self.begin()? {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(buffer.len()).min(1);
            self.0.read(&mut buffer[..n])
        }
    }

    #[test]
    fn frames_follow_each_other_however_they_are_read() {
        // Two frames of one raw block each, and between them three bytes to be skipped.
        let frame = |text: &[u8; 2]| [&[0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0][..], text].concat();
        let skipped = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 7, 7, 7];
        let bytes = [&frame(b"ab")[..], &skipped, &frame(b"cd")].concat();
        let mut text = String::new();
        let mut input = decompressing(io::BufReader::new(bytes.as_slice())).unwrap();
        input.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abcd");
        let mut slow = Vec::new();
        ZstdFrames { rest: Some(Slow(&bytes)), frame: None }.read_to_end(&mut slow).unwrap();
        assert_eq!(slow, b"abcd");
        for cut in [2, 12, 14, 20] {
            let cut = &bytes[..cut];
            assert!(
                ZstdFrames { rest: Some(cut), frame: None }.read_to_end(&mut Vec::new()).is_err(),
                "{cut:?}"
            );
        }
    }

    #[test]
    fn plain_text_is_as_it_is() {
        let mut text = String::new();
        decompressing(&b"plain"[..]).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "plain");
        assert!(decompressing(&b"\x1f\x8b\x08 nothing"[..]).unwrap().read_to_string(&mut text).is_err());
    }
}
