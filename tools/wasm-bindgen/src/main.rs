//! `tastespace-wasm-bindgen INPUT.wasm OUT_DIR` writes `NAME.js`, `NAME.d.ts` and `NAME_bg.wasm`, as
//! `wasm-bindgen --target web` does.

use anyhow::{Result, bail};
use std::env::args_os;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let [_, input, out_dir] = &args_os().collect::<Vec<_>>()[..] else {
        bail!("usage: tastespace-wasm-bindgen INPUT.wasm OUT_DIR");
    };
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(false)
        // Function names are for debuggers, and the list of compilers is of no use to a reader.
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out_dir)
}
