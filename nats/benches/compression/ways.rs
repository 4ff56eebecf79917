//! The ways to compress.

use zstd::bulk::{Compressor, Decompressor};

/// The ways to compress that are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// zstd at this level, without a dictionary.
    Level(i32),
    /// At level 3, with a context that is made for each record.
    Afresh,
    /// At level 3, with a dictionary of texts whose phrases are all others.
    DictionaryOfOthers,
    /// The same dictionary, for texts of the same phrases.
    DictionaryOfSuch,
}

impl Comparison {
    pub(crate) const ALL: [Self; 6] = [
        Self::Level(1),
        Self::Level(3),
        Self::Level(6),
        Self::Afresh,
        Self::DictionaryOfOthers,
        Self::DictionaryOfSuch,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Level(level) => format!("level {level}"),
            Self::Afresh => "3, a context for each".to_owned(),
            Self::DictionaryOfOthers => "3, dictionary of other texts".to_owned(),
            Self::DictionaryOfSuch => "3, dictionary of such texts".to_owned(),
        }
    }

    pub(crate) fn way(self, dictionary: &[u8]) -> Way {
        match self {
            Self::Level(level) => Way::with(level, &[]),
            Self::Afresh => Way::Afresh(3),
            Self::DictionaryOfOthers | Self::DictionaryOfSuch => Way::with(3, dictionary),
        }
    }
}

/// A way to compress a record.
pub(crate) enum Way {
    /// With a context that is made for each record, at this level.
    Afresh(i32),
    /// With contexts that are kept, and a dictionary in them unless it is empty.
    Kept(Box<(Compressor<'static>, Decompressor<'static>)>),
}

impl Way {
    fn with(level: i32, dictionary: &[u8]) -> Self {
        let compressor = Compressor::with_dictionary(level, dictionary).unwrap();
        Self::Kept(Box::new((compressor, Decompressor::with_dictionary(dictionary).unwrap())))
    }

    pub(crate) fn compress(&mut self, record: &[u8]) -> Vec<u8> {
        match self {
            Self::Afresh(level) => zstd::bulk::compress(record, *level).unwrap(),
            Self::Kept(contexts) => contexts.0.compress(record).unwrap(),
        }
    }

    pub(crate) fn decompress(&mut self, packed: &[u8]) -> Vec<u8> {
        match self {
            Self::Afresh(_) => zstd::bulk::decompress(packed, MAX_BYTES).unwrap(),
            Self::Kept(contexts) => contexts.1.decompress(packed, MAX_BYTES).unwrap(),
        }
    }
}

const MAX_BYTES: usize = 256 * 1024;
