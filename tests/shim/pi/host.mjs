// Stands in for Pi: loads the extension, waits for it, and notes each thing that is registered.

import { renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const [shim, resultFile] = process.argv.slice(2);
const state = { seconds: null, calls: [], providers: {}, errors: [] };
const handlers = {};

function note() {
  writeFileSync(`${resultFile}.new`, JSON.stringify(state));
  renameSync(`${resultFile}.new`, resultFile);
}

const pi = {
  on(event, handler) {
    handlers[event] = handler;
  },
  registerProvider(name, provider) {
    state.calls.push(`register ${name}`);
    // Pi keeps what is not said again.
    state.providers[name] = { ...state.providers[name], ...JSON.parse(JSON.stringify(provider)) };
    note();
    if (process.env.REFUSES) throw new Error("This extension ctx is stale");
  },
  unregisterProvider(name) {
    state.calls.push(`unregister ${name}`);
    delete state.providers[name];
    note();
  },
};

process.on("unhandledRejection", (error) => state.errors.push(String(error)));
const started = performance.now();
const factory = createRequire(import.meta.url)(shim);
for (let time = 0; time < Number(process.env.TIMES ?? 1); time += 1) await factory(process.env.BARE ? {} : pi);
state.seconds = (performance.now() - started) / 1000;
if (process.env.SHUTDOWN) handlers.session_shutdown();
note();
await sleep(Number(process.env.STAY_MS ?? 0));
note();
