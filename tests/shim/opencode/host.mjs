// Stands in for OpenCode 1: loads the plugin, calls its hooks, and notes what came of it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const [shim, configFile, resultFile] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configFile, "utf8"));
const logs = [];
const client = { app: { log: async ({ body }) => void logs.push(body) } };

const plugin = (await import(pathToFileURL(shim))).default;
const started = performance.now();
for (let time = 0; time < Number(process.env.TIMES ?? 1); time += 1) {
  logs.length = 0;
  const hooks = await plugin.server({ client });
  await hooks.config(config);
  for (const event of [{ type: "catalog.updated" }, {}, undefined]) await hooks.event({ event });
  assert.deepEqual(logs, [], "OpenCode is still starting");
  const session = process.env.SESSION === "no" ? [] : ["session.created", "session.updated"];
  for (const type of session) await hooks.event({ event: { type } });
}
const seconds = (performance.now() - started) / 1000;
await sleep(Number(process.env.STAY_MS ?? 0));
writeFileSync(resultFile, JSON.stringify({ config, logs, seconds }));
