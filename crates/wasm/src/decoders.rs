//! The host's text decoders: `TextDecoder` knows all encodings of the Encoding Standard.

use js_sys::{Object, Reflect, Uint8Array};
use tastespace_data::HostDecoder;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = TextDecoder)]
    type Decoder;

    #[wasm_bindgen(constructor, js_class = "TextDecoder", catch)]
    fn new(label: &str, options: &Object) -> Result<Decoder, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn decode(this: &Decoder, bytes: &Uint8Array, options: &Object) -> Result<String, JsValue>;
}

/// The host's decoder for an encoding by its label.
pub(crate) fn decoder(label: &str) -> Option<Box<dyn HostDecoder>> {
    let decoder = Decoder::new(label, &flag("fatal", true)).ok()?;
    Some(Box::new(decoder))
}

impl HostDecoder for Decoder {
    fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) -> Result<(), String> {
        // Copied, since decoders refuse shared memory.
        let decoded = Decoder::decode(self, &Uint8Array::from(bytes), &flag("stream", !last));
        text.push_str(&decoded.map_err(|_| "some of its bytes are not of this encoding".to_owned())?);
        Ok(())
    }
}

fn flag(name: &str, value: bool) -> Object {
    let options = Object::new();
    // Setting a field of a fresh plain object cannot fail.
    let _ = Reflect::set(&options, &name.into(), &value.into());
    options
}
