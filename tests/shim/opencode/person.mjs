// A person's home for one test, with the shim installed in it as `shim install` does.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
export const SHIM = join(HERE, "..", "..", "..", "plugin_shim", "opencode", "litellm-discover.js");
const LINE = 'const COMMAND = ["litellm-discover"];\n';

export function snapshot(changes = {}) {
  const options = { baseURL: "http://127.0.0.1:4000/v1" };
  const provider = {
    litellm: {
      npm: "@ai-sdk/openai-compatible",
      name: "LiteLLM",
      env: ["LITELLM_API_KEY"],
      options: { ...options },
      models: {
        "claude-sonnet-4-6": model("Claude Sonnet 4.6"),
        "mistral-small-4": model("Mistral Small 4"),
      },
    },
    "litellm-responses": {
      npm: "@ai-sdk/openai",
      name: "LiteLLM (responses)",
      env: ["LITELLM_API_KEY"],
      options: { ...options, apiKey: "{env:LITELLM_API_KEY}" },
      models: { "gpt-5.5": model("GPT-5.5") },
    },
  };
  return {
    schemaVersion: 1,
    status: "ok",
    generatedAt: new Date().toISOString(),
    targets: { opencode: { provider } },
    ...changes,
  };
}

export function model(name) {
  return {
    name,
    tool_call: true,
    attachment: false,
    modalities: { input: ["text"], output: ["text"] },
    reasoning: true,
    variants: { low: { reasoningEffort: "low" }, max: { disabled: true } },
    limit: { context: 200000, output: 64000 },
    cost: { input: 3, output: 15, cache_read: 0.3 },
  };
}

export class Person {
  /** `command` is what the installer puts into the shim: by default the stand-in, doing what `behaviour` says. */
  constructor(test, behaviour = "silent", command = undefined) {
    this.root = mkdtempSync(join(tmpdir(), "shim-opencode-"));
    this.snapshotPath = join(this.root, "cache", "litellm-discover", "litellm", "opencode.json");
    mkdirSync(dirname(this.snapshotPath), { recursive: true });
    const text = readFileSync(SHIM, "utf8");
    if (text.split(LINE).length !== 2) throw new Error("the line that the installer replaces is not there once");
    this.command = command ?? [process.execPath, join(HERE, "command.mjs"), behaviour, this.root];
    this.shim = join(this.root, "shim.mjs");
    writeFileSync(this.shim, text.replace(LINE, `const COMMAND = ${JSON.stringify(this.command)};\n`));
    test.after(() => this.#end());
  }

  /** What is remembered of another proxy, in a folder of its name. */
  writeOther(proxy, content) {
    const path = join(this.root, "cache", "litellm-discover", proxy, "opencode.json");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  }

  writeSnapshot(content) {
    writeFileSync(this.snapshotPath, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** What the stand-in for OpenCode noted, with its status and what was printed. */
  async start({ config = {}, env = {} } = {}) {
    const configFile = join(this.root, "config.json");
    const resultFile = join(this.root, "result.json");
    writeFileSync(configFile, JSON.stringify(config));
    const homes = { HOME: this.root, XDG_CACHE_HOME: join(this.root, "cache") };
    const environment = { PATH: process.env.PATH, ...homes, ...env };
    const words = [join(HERE, "host.mjs"), this.shim, configFile, resultFile];
    const host = spawn(process.execPath, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const printed = [];
    for (const stream of [host.stdout, host.stderr]) stream.on("data", (chunk) => printed.push(chunk));
    const status = await new Promise((resolve) => host.on("exit", resolve));
    const result = JSON.parse(readFileSync(resultFile, "utf8"));
    return { ...result, status, printed: Buffer.concat(printed).toString("utf8") };
  }

  /** How the command was called, after `wait` ms in which a detached one can say so. */
  async calls(wait = 1500) {
    for (const until = Date.now() + wait; Date.now() < until && !this.#lines("calls").length; ) await sleep(20);
    await sleep(Math.min(wait, 300)); // for one call too many
    return this.#lines("calls");
  }

  /** Processes of the command that are still there. */
  alive() {
    return this.#lines("pids").map(Number).filter(isAlive);
  }

  async #end() {
    for (const pid of this.alive()) process.kill(pid, "SIGKILL");
    for (let tries = 0; this.alive().length && tries < 100; tries += 1) await sleep(20);
    rmSync(this.root, { recursive: true, force: true });
  }

  #lines(name) {
    try {
      return readFileSync(join(this.root, name), "utf8").trim().split("\n");
    } catch {
      return [];
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // One that ended and was not waited for is not alive.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
