// A person's home for one test, with the shim installed in it as `shim install` does.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const SHIM = join(HERE, "..", "..", "..", "plugin_shim", "pi", "litellm-discover.js");
const LINE = 'const COMMAND = ["litellm-discover"];\n';

export const URL = "http://127.0.0.1:4000/v1";

export function model(id, changes = {}) {
  return {
    id,
    name: `The ${id}`,
    api: "openai-completions",
    reasoning: true,
    input: ["text", "image"],
    cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
    contextWindow: 200000,
    maxTokens: 64000,
    thinkingLevelMap: { minimal: null, low: "low" },
    compat: { supportsStore: false },
    ...changes,
  };
}

export function provider(models = [model("claude"), model("gpt", { api: "openai-responses" })], changes = {}) {
  return { name: "LiteLLM", baseUrl: URL, apiKey: "$LITELLM_API_KEY", api: "openai-completions", models, ...changes };
}

export function snapshot(changes = {}, providers = { litellm: provider() }) {
  return {
    schemaVersion: 1,
    status: "ok",
    generatedAt: new Date().toISOString(),
    targets: { pi: { providers } },
    ...changes,
  };
}

export const idsOf = ({ providers }, name = "litellm") => (providers[name]?.models ?? []).map(({ id }) => id);

export class Person {
  #hosts = [];

  /** `command` is what the installer puts into the shim: by default the stand-in, doing what `behaviour` says. */
  constructor(test, behaviour = "silent", command = undefined) {
    this.root = mkdtempSync(join(tmpdir(), "shim-pi-"));
    this.agent = join(this.root, "agent");
    this.snapshotPath = join(this.root, "cache", "litellm-discover", "litellm", "pi.json");
    for (const folder of [this.agent, dirname(this.snapshotPath)]) mkdirSync(folder, { recursive: true });
    const text = readFileSync(SHIM, "utf8");
    if (text.split(LINE).length !== 2) throw new Error("the line that the installer replaces is not there once");
    this.command = command ?? [process.execPath, join(HERE, "command.mjs"), behaviour, this.root];
    this.shim = join(this.root, "litellm-discover.js");
    writeFileSync(this.shim, text.replace(LINE, `const COMMAND = ${JSON.stringify(this.command)};\n`));
    test.after(() => this.#end());
  }

  /** In one step, as it is written. */
  writeSnapshot(content, path = this.snapshotPath) {
    writeFileSync(`${path}.new`, typeof content === "string" ? content : JSON.stringify(content));
    renameSync(`${path}.new`, path);
  }

  /** The path of what is remembered of another proxy, in a folder of its name. */
  other(proxy) {
    const path = join(this.root, "cache", "litellm-discover", proxy, "pi.json");
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  writeAnswer(content) {
    writeFileSync(join(this.root, "answer"), typeof content === "string" ? content : JSON.stringify(content));
  }

  writeModels(content) {
    writeFileSync(join(this.agent, "models.json"), typeof content === "string" ? content : JSON.stringify(content));
  }

  /** What the stand-in for Pi noted until it ended, with its status and what was printed. */
  async start(env = {}) {
    const { status, printed } = await this.launch(env).ended;
    return { ...this.state(), status, printed };
  }

  launch(env = {}) {
    const environment = {
      PATH: process.env.PATH,
      HOME: this.root,
      XDG_CACHE_HOME: join(this.root, "cache"),
      PI_CODING_AGENT_DIR: this.agent,
      ...env,
    };
    const words = [join(HERE, "host.mjs"), this.shim, join(this.root, "result.json")];
    const options = { env: environment, cwd: this.root, stdio: ["ignore", "pipe", "pipe"] };
    const host = spawn(process.execPath, words, options);
    this.#hosts.push(host);
    const printed = [];
    for (const stream of [host.stdout, host.stderr]) stream.on("data", (chunk) => printed.push(chunk));
    const ended = new Promise((resolve) => {
      host.on("exit", (status) => resolve({ status, printed: Buffer.concat(printed).toString("utf8") }));
    });
    return { ended };
  }

  /** What was noted so far; undefined before the first note. */
  state() {
    try {
      return JSON.parse(readFileSync(join(this.root, "result.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** What was noted as soon as it is as `expected`, or after a time in which it should have been. */
  async until(expected, wait = 15000) {
    for (const end = Date.now() + wait; Date.now() < end; await sleep(50)) {
      const state = this.state();
      if (state && expected(state)) return state;
    }
    return this.state();
  }

  /** How the command was called, after `wait` ms in which a detached one can say so. */
  async calls(wait = 3000) {
    for (const until = Date.now() + wait; Date.now() < until && !this.#lines("calls").length; ) await sleep(20);
    await sleep(Math.min(wait, 300)); // for one call too many
    return this.#lines("calls");
  }

  /** Processes of the command that are still there. */
  alive() {
    return this.#lines("pids").map(Number).filter(isAlive);
  }

  async #end() {
    for (const host of this.#hosts) host.kill("SIGKILL");
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
