//! Texts and arrays across the boundary. Lists of texts are packed: all UTF-8 joined, and where each text ends.

use crate::errors::{EngineError, Result};
use js_sys::{Float32Array, Object, Reflect, Uint8Array, Uint32Array};
use tastespace_models::contract::history::History;
use tastespace_models::contract::model::{Embeddings, Metric};
use tastespace_models::serve::ranking_vectors::RankingVectors;
use tastespace_models::serve::recommend::Ranked;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `{ bytes: Uint8Array, ends: Uint32Array }`, as `Texts` in `ts/engine/calls.ts`.
    pub(crate) type Texts;

    #[wasm_bindgen(method, getter)]
    fn bytes(this: &Texts) -> Uint8Array;

    #[wasm_bindgen(method, getter)]
    fn ends(this: &Texts) -> Uint32Array;
}

#[wasm_bindgen]
extern "C" {
    /// Queries for ranked lists, as `Asked` in `ts/engine/calls.ts`.
    pub(crate) type Asked;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn ids(this: &Asked) -> Option<Texts>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn indices(this: &Asked) -> Option<Uint32Array>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn ratings(this: &Asked) -> Option<Float32Array>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn ends(this: &Asked) -> Option<Uint32Array>;
}

/// Texts copied in from JavaScript.
pub(crate) struct Copied {
    text: String,
    ends: Vec<u32>,
}

impl Copied {
    /// Copies the bytes in and checks that they are UTF-8.
    pub(crate) fn new(texts: &Texts) -> Result<Self> {
        let text = String::from_utf8(texts.bytes().to_vec()).map_err(|_| EngineError::bad_texts())?;
        Ok(Self { text, ends: texts.ends().to_vec() })
    }

    /// The texts one by one.
    pub(crate) fn list(&self) -> Result<Vec<&str>> {
        let mut start = 0;
        let cut = |&end: &u32| {
            let text = self.text.get(start..end as usize).ok_or_else(EngineError::bad_texts);
            start = end as usize;
            text
        };
        self.ends.iter().map(cut).collect()
    }
}

/// An object with these fields.
pub(crate) fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

/// Texts for JavaScript.
pub(crate) fn texts_out((text, ends): (&str, &[u32])) -> JsValue {
    object([("bytes", Uint8Array::from(text.as_bytes()).into()), ("ends", Uint32Array::from(ends).into())])
}

/// Ranked items for JavaScript, as `Ranked` in `ts/engine/calls.ts`.
pub(crate) fn ranked_out(ranked: &Ranked) -> JsValue {
    object([
        ("items", Uint32Array::from(&ranked.items[..]).into()),
        ("scores", Float32Array::from(&ranked.scores[..]).into()),
        ("ends", Uint32Array::from(&ranked.ends[..]).into()),
    ])
}

/// Vectors for JavaScript with the training rows of each, as `Vectors` in `ts/engine/calls.ts`.
pub(crate) fn vectors_out(vectors: &Embeddings, rows: &[u32]) -> JsValue {
    object([
        ("values", Float32Array::from(&vectors.values[..]).into()),
        ("dimension", (vectors.width as u32).into()),
        ("biases", Float32Array::from(vectors.biases).into()),
        ("metric", metric_name(vectors.metric).into()),
        ("rows", Uint32Array::from(rows).into()),
    ])
}

fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Distance => "distance",
        Metric::InnerProduct => "inner-product",
    }
}

/// Vectors by which items are ranked, for JavaScript, as `RankingPart` in `ts/engine/calls.ts`.
pub(crate) fn ranking_vectors_out(vectors: &RankingVectors) -> JsValue {
    object([
        ("values", Float32Array::from(&vectors.values[..]).into()),
        ("dimension", (vectors.width as u32).into()),
        ("bases", Float32Array::from(&vectors.bases[..]).into()),
        ("metric", metric_name(vectors.metric).into()),
    ])
}

/// The items of each user for JavaScript, as `Seen` in `ts/engine/calls.ts`.
pub(crate) fn seen_out(history: &History) -> JsValue {
    object([
        ("items", Uint32Array::from(&history.items[..]).into()),
        ("ends", Uint32Array::from(&history.offsets[1..]).into()),
    ])
}
