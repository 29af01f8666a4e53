//! Calls about the engine as a whole and about any handle.

#[cfg(feature = "train")]
use crate::errors::EngineError;
use crate::errors::Result;
use crate::handles::{self, Held};
use crate::memory;
use crate::texts::texts_out;
use crate::words::{Names, word};
use serde_json::json;
#[cfg(feature = "train")]
use tastespace_data::Summary;
use tastespace_data::{ItemFeatures, ItemTexts};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Memory and handles as JSON: bytes in use, the peak since the last call, the size that the memory has grown to and its
/// limit, the bytes that may still be allocated, and the number of handles.
#[wasm_bindgen]
pub fn usage() -> String {
    json!({
        "usedBytes": memory::in_use() as u64, "peakBytes": memory::take_peak(), "heldBytes": memory::held(),
        "limitBytes": memory::limit() as u64, "freeBytes": memory::free(), "handles": handles::count(),
    })
    .to_string()
}

/// What a handle holds, as JSON.
#[wasm_bindgen]
pub fn info(handle: u32) -> Result<String> {
    handles::with(handle, |held| {
        let mut info = match held {
            #[cfg(feature = "train")]
            Held::Filling(_) => return Err(EngineError::wrong_handle("a data set or a model", held.what())),
            #[cfg(feature = "train")]
            Held::Dataset(data) => return Ok(json!(Summary::new(data)).to_string()),
            Held::Model(model) => match model.fitted() {
                Ok(fitted) => fitted.info(),
                Err(_) => {
                    let (kind, task) = (model.entry.kind, model.entry.task);
                    json!({ "kind": kind, "task": task, "options": model.options.json() })
                }
            },
        };
        info["fitted"] = json!(info.get("training").is_some());
        Ok(info.to_string())
    })
}

/// Outside ids of the users or items behind a handle, or the items' titles, genres or (of a model) features, in the order of
/// their indices. The genres of an item are joined by `|`, its features by line feeds. No texts at all where the data came
/// without titles and genres, or without features.
#[wasm_bindgen]
pub fn names(handle: u32, of: &str) -> Result<JsValue> {
    match word(of)? {
        Names::Users => handles::with_catalogue(handle, |users, _| texts_out(users.parts())),
        Names::Items => handles::with_catalogue(handle, |_, items| texts_out(items.parts())),
        Names::Titles => handles::with_item_texts(handle, |texts| {
            texts_out(texts.map_or(("", &[]), |texts| texts.parts().titles))
        }),
        Names::Genres => handles::with_item_texts(handle, |texts| {
            let (joined, ends) = texts.map_or_else(Default::default, genres);
            texts_out((&joined, &ends))
        }),
        Names::Features => handles::with_model(handle, |model| {
            let catalogue = model.fitted()?.catalogue();
            let (joined, ends) = catalogue.features.as_deref().map_or_else(Default::default, features);
            Ok(texts_out((&joined, &ends)))
        }),
    }
}

fn features(features: &ItemFeatures) -> (String, Vec<u32>) {
    let (mut joined, mut ends) = (String::new(), Vec::new());
    for item in 0..features.items().len() as u32 {
        let names: Vec<&str> = features.of(item).iter().map(|&feature| features.name(feature)).collect();
        joined.push_str(&names.join("\n"));
        ends.push(joined.len() as u32);
    }
    (joined, ends)
}

fn genres(texts: &ItemTexts) -> (String, Vec<u32>) {
    let (mut joined, mut ends) = (String::new(), Vec::new());
    for item in 0..texts.len() as u32 {
        joined.push_str(&texts.genres(item).collect::<Vec<_>>().join("|"));
        ends.push(joined.len() as u32);
    }
    (joined, ends)
}

/// Frees what a handle holds. A handle that is gone already is no error.
#[wasm_bindgen]
pub fn dispose(handle: u32) {
    handles::drop_handle(handle);
}
