//! Rows and metrics across the boundary.

use crate::errors::Result;
use crate::texts::{Copied, Texts, object};
use js_sys::{BigInt64Array, Float32Array, Float64Array, Int32Array, Uint8Array, Uint32Array};
use tastespace_data::Ids;
use tastespace_models::evaluate::Metrics;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Rows as columns, as `Rows` in `ts/engine/calls.ts`.
    pub(crate) type Rows;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn users(this: &Rows) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn items(this: &Rows) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn ratings(this: &Rows) -> Float32Array;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn times(this: &Rows) -> Float64Array;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn nulls(this: &Rows) -> Option<Uint8Array>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn dated(this: &Rows) -> Option<bool>;

    /// Ids by their positions in a list of texts, as `Coded` in `ts/engine/calls.ts`.
    type Coded;

    #[wasm_bindgen(method, getter)]
    fn codes(this: &Coded) -> Option<Uint32Array>;

    #[wasm_bindgen(method, getter)]
    fn texts(this: &Coded) -> Texts;
}

/// Ids of rows, copied in from JavaScript.
pub(crate) enum CopiedIds {
    Texts(Copied),
    Integers(Vec<i64>),
    Coded(Vec<u32>, Copied),
}

impl CopiedIds {
    /// Copies in integers, codes of texts, or texts.
    pub(crate) fn new(ids: &JsValue) -> Result<Self> {
        if let Some(integers) = ids.dyn_ref::<Int32Array>() {
            return Ok(Self::Integers(integers.to_vec().into_iter().map(i64::from).collect()));
        }
        if let Some(integers) = ids.dyn_ref::<BigInt64Array>() {
            return Ok(Self::Integers(integers.to_vec()));
        }
        let coded: &Coded = ids.unchecked_ref();
        match coded.codes() {
            Some(codes) => Ok(Self::Coded(codes.to_vec(), Copied::new(&coded.texts())?)),
            None => Ok(Self::Texts(Copied::new(ids.unchecked_ref())?)),
        }
    }

    /// The texts one by one; none of integers.
    pub(crate) fn texts(&self) -> Result<Vec<&str>> {
        match self {
            Self::Texts(texts) | Self::Coded(_, texts) => texts.list(),
            Self::Integers(_) => Ok(Vec::new()),
        }
    }

    /// The ids, with their [`texts`](Self::texts).
    pub(crate) fn ids<'a>(&'a self, texts: &'a [&'a str]) -> Ids<'a> {
        match self {
            Self::Texts(_) => Ids::Texts(texts),
            Self::Integers(integers) => Ids::Integers(integers),
            Self::Coded(codes, _) => Ids::Coded { codes, texts },
        }
    }
}

/// Metrics for JavaScript, as `Measured` in `ts/engine/calls.ts`.
pub(crate) fn measured_out(metrics: &Metrics) -> JsValue {
    let report = serde_json::to_string(metrics).expect("metrics are plain data");
    let of_users = metrics.per_user.as_ref();
    let [users, rows] = [of_users.map(|of| &of.users[..]), of_users.map(|of| &of.rows[..])];
    let values = of_users.map_or(&[][..], |of| &of.values);
    let names = of_users.map_or(&[][..], |of| &of.metrics);
    object([
        ("report", report.into()),
        ("users", Uint32Array::from(users.unwrap_or(&[])).into()),
        ("rows", Uint32Array::from(rows.unwrap_or(&[])).into()),
        ("metrics", serde_json::to_string(names).expect("names are plain data").into()),
        ("values", Float64Array::from(values).into()),
    ])
}
