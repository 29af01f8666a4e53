# The bundled Worker in workerd, the runtime of Cloudflare's Workers, without Wrangler.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    (name = "tastespace_wasm_bg.wasm", wasm = embed "out/tastespace_wasm_bg.wasm"),
    (name = "model.safetensors", data = embed "out/model.safetensors"),
  ],
  compatibilityDate = "2026-01-01",
);
