// Adds the models of LiteLLM proxies to OpenCode, in memory, from the snapshot that litellm-discover keeps of each.
// What to add is in the snapshot: nothing is worked out here. Loads in OpenCode 1 (`server`) and 2 (`setup`).

import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, parse } from "node:path";

// A start is quicker with the absolute program here.
const COMMAND = ["litellm-discover"];

const ID = "litellm-discover";
// The id of a proxy is that of its provider and the name of its folder; a second provider may stand beside the first.
const FIRST = "litellm";
const SIBLING = "-responses";
const PROXY = /^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/;
const MAX_PROXIES = 16;
const COMPATIBLE = "@ai-sdk/openai-compatible";
// Both are inside OpenCode; any other would be fetched and run.
const SDKS = [COMPATIBLE, "@ai-sdk/openai"];
const STATUSES = ["ok", "partial", "stale"];

// The log is behind OpenCode's server. Asked for at once, a command that needs no server waits for one to be made; it
// is there when a session begins.
const LOG_AFTER_MS = 3000;

const MAX_AGE_S = 300;
const BUDGET_MS = 5000;
const MAX_SNAPSHOT = 16 * 1024 * 1024;
const MAX_OUTPUT = 8 * 1024 * 1024;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isCount = (value) => Number.isFinite(value) && value >= 0;
const areTexts = (value) => Array.isArray(value) && value.every(isText);
const optional = (value, is) => value === undefined || is(value);
const inside = (value) => (isObject(value) ? value : {});

// ---- The snapshot: what of it can be used -------------------------------------------------------------------------

const isProxy = (id) => isText(id) && PROXY.test(id) && !id.endsWith(SIBLING) && !(id in Object.prototype);
const namesOf = (proxy) => [proxy, proxy + SIBLING];
const proxyOf = (provider) => (provider.endsWith(SIBLING) ? provider.slice(0, -SIBLING.length) : provider);
const proxiesIn = (providers) => [...new Set(Object.keys(providers).map(proxyOf))];

/**
 * The providers of a snapshot with when it was made; throws an Error that says why there are none.
 *
 * Nothing but the providers of `proxy` is taken, or without one, of the proxies that the document itself names.
 */
export function parseSnapshot(text, proxy) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("not JSON, or cut off"); // the parser's message would quote the content
  }
  if (!isObject(value)) throw new Error("not an object");
  if (value.schemaVersion !== 1) throw new Error("not of schemaVersion 1");
  if (value.status === "error") throw new Error(`status error${codeOf(value)}`);
  if (!STATUSES.includes(value.status)) throw new Error("no known status");
  const madeAt = isText(value.generatedAt) ? Date.parse(value.generatedAt) : NaN;
  if (Number.isNaN(madeAt)) throw new Error("no generatedAt");
  const found = inside(inside(value.targets).opencode).provider;
  if (!isObject(found)) throw new Error("nothing for opencode");
  if (SUSPECT.some((part) => text.includes(part))) dropPrototypeNames(found);
  const providers = {};
  const proxies = proxy === undefined ? proxiesOf(value) : [proxy];
  for (const id of proxies.flatMap(namesOf)) {
    if (found[id] === undefined) continue;
    if (!isProvider(found[id])) throw new Error(`provider ${id} is not as expected`);
    const { models } = found[id];
    for (const key of Object.keys(models)) if (!isModel(models[key])) delete models[key];
    providers[id] = found[id];
  }
  return { status: value.status, madeAt, providers };
}

function proxiesOf({ proxies }) {
  const named = Array.isArray(proxies) ? proxies.map((proxy) => inside(proxy).id).filter(isProxy) : [];
  return named.length ? named : [FIRST];
}

// Hardly any snapshot has one of them in its text, or an escape that could spell it; the walk is half of all the work.
const SUSPECT = [...Object.getOwnPropertyNames(Object.prototype), "\\u"];

// Such a name would reach into OpenCode's own objects, as a key or as the id of a model.
function dropPrototypeNames(value) {
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) {
    if (name in Object.prototype) delete value[name];
    else dropPrototypeNames(value[name]);
  }
}

function codeOf({ errors }) {
  const code = Array.isArray(errors) ? inside(errors[0]).code : undefined;
  return isText(code) && /^[a-z_]{1,40}$/.test(code) ? `, ${code}` : "";
}

function isProvider(value) {
  return (
    isObject(value) &&
    SDKS.includes(value.npm) &&
    isText(value.name) &&
    areTexts(value.env) &&
    isObject(value.options) &&
    isText(value.options.baseURL) &&
    optional(value.options.apiKey, isText) &&
    isObject(value.models)
  );
}

// OpenCode does not check what a plugin adds, and some of it keeps it from starting.
function isModel(value) {
  return (
    isObject(value) &&
    optional(value.name, isText) &&
    optional(value.modalities, areModalities) &&
    optional(value.limit, isLimit) &&
    optional(value.cost, isCost) &&
    optional(value.variants, areVariants) &&
    optional(value.provider, isOwnProvider)
  );
}

// Apart, since a closure in there would be made anew for each model.
const areModalities = (value) => isObject(value) && areTexts(value.input) && areTexts(value.output);
const isLimit = (value) => isObject(value) && isCount(value.context) && isCount(value.output);
const isCost = (value) => isObject(value) && isCount(value.input) && isCount(value.output);
const areVariants = (value) => isObject(value) && Object.values(value).every(isObject);
const isOwnProvider = (value) => isObject(value) && SDKS.includes(value.npm) && optional(value.api, isText);

// ---- The merge: only what is missing ------------------------------------------------------------------------------

/**
 * Adds to the configuration of OpenCode 1 what it does not have yet; says how many models, or why none.
 *
 * Nothing that is there is changed or removed; a model that the person has under either provider is added to neither.
 */
export function mergeProviders(config, providers, env) {
  const results = proxiesIn(providers).map((proxy) => mergeProxy(config, only(providers, proxy), env));
  const added = results.reduce((sum, result) => sum + result.added, 0);
  const why = results.map((result) => result.why).filter(Boolean);
  return why.length ? { added, why: why.join("; ") } : { added };
}

function only(providers, proxy) {
  return Object.fromEntries(namesOf(proxy).flatMap((id) => (providers[id] ? [[id, providers[id]]] : [])));
}

function mergeProxy(config, providers, env) {
  const present = inside(config.provider);
  for (const id of Object.keys(providers)) {
    const url = addressOf(inside(present[id]));
    if (url && !isSameProxy(url, providers[id].options.baseURL)) {
      return { added: 0, why: `provider ${id} of the configuration has another address` };
    }
  }
  const names = proxiesIn(providers).flatMap(namesOf);
  const taken = new Set(names.flatMap((id) => Object.keys(inside(inside(present[id]).models))));
  let added = 0;
  for (const [id, wanted] of Object.entries(providers)) {
    const models = without(wanted.models, taken);
    const count = Object.keys(models).length;
    const theirs = inside(present[id]);
    const options = optionsFor(theirs, wanted, env);
    if (!count || !options) continue;
    const merged = { ...wanted, ...theirs, options, models: { ...inside(theirs.models), ...models } };
    config.provider = { ...inside(config.provider), [id]: merged };
    added += count;
  }
  return { added };
}

function without(models, keys) {
  const kept = { ...models };
  for (const key of keys) delete kept[key];
  return kept;
}

function addressOf(provider) {
  return inside(provider.options).baseURL || provider.api;
}

function isSameProxy(one, other) {
  // OpenCode substitutes ${NAME} later than it calls us.
  return !isText(one) || one.includes("${") || bare(one) === bare(other);
}

function bare(url) {
  return url.replace(/\/*$/, "").replace(/\/v1$/, "").replace("//localhost", "//127.0.0.1");
}

// The person's options with ours that are missing; none when our models are not safe with what the person has.
function optionsFor(theirs, wanted, env) {
  const options = { ...wanted.options, ...inside(theirs.options) };
  const own = "apiKey" in inside(theirs.options);
  if (!own && isText(options.apiKey)) {
    options.apiKey = resolved(options.apiKey, areTexts(theirs.env) ? theirs.env : wanted.env, env);
    // An empty key would keep the person's own models from the one that `opencode auth` may have.
    if (!options.apiKey && Object.keys(inside(theirs.models)).length) return undefined;
  }
  // Without a key in its options, an SDK other than the compatible one sends OPENAI_API_KEY to the proxy.
  return (theirs.npm ?? wanted.npm) === COMPATIBLE || "apiKey" in options ? options : undefined;
}

// OpenCode substitutes {env:NAME} in files only, so it is done here, for the variable of the provider and no other.
// Unset is empty, as there: an empty key still keeps the SDK from looking for another one.
function resolved(text, [name], env) {
  return /^\{env:[^}]+\}$/.test(text) ? (env[name] ?? "") : text;
}

/** The same for OpenCode 2, whose plugins get its own format: see its migration of version 1 entries. */
export function mergeNative(editor, providers, env) {
  const results = proxiesIn(providers).map((proxy) => mergeNativeProxy(editor, only(providers, proxy), env));
  return { added: results.reduce((sum, result) => sum + result.added, 0) };
}

function mergeNativeProxy(editor, providers, env) {
  const names = proxiesIn(providers).flatMap(namesOf);
  const records = Object.fromEntries(names.map((id) => [id, editor.get(id)]));
  const modelsOf = (id) => [...(records[id]?.models?.values() ?? [])];
  const taken = new Set(names.flatMap((id) => modelsOf(id).map((model) => String(model.id))));
  let added = 0;
  for (const [id, wanted] of Object.entries(providers)) {
    const theirs = records[id]?.provider;
    const apiKey = env[wanted.env[0]];
    // Whether an empty key keeps OpenCode 2 from using another one is not known.
    if (!theirs && !apiKey && wanted.npm !== COMPATIBLE) continue;
    const info = {
      id,
      name: wanted.name,
      activation: "enabled",
      package: `aisdk:${wanted.npm}`,
      settings: { baseURL: wanted.options.baseURL, ...(apiKey ? { apiKey } : {}) },
    };
    const same = theirs?.package === info.package && isSameProxy(theirs.settings?.baseURL, info.settings.baseURL);
    if (theirs && !same) continue;
    const models = Object.entries(wanted.models)
      .filter(([key, model]) => !taken.has(key) && (apiKey || !model.provider))
      .map(([key, model]) => nativeModel(id, key, model));
    if (!models.length) continue;
    if (theirs) editor.models.set(id, [...modelsOf(id), ...models]);
    else editor.add({ info, models });
    added += models.length;
  }
  return { added };
}

function nativeModel(providerID, id, model) {
  const { cost, limit } = model;
  const variants = Object.entries(model.variants ?? {}).filter(([, settings]) => !settings.disabled);
  return {
    id,
    modelID: id,
    providerID,
    name: model.name ?? id,
    ...(model.provider ? { package: `aisdk:${model.provider.npm}` } : {}),
    capabilities: {
      tools: model.tool_call !== false,
      input: model.modalities?.input ?? ["text"],
      output: model.modalities?.output ?? ["text"],
    },
    variants: variants.map(([name, settings]) => ({ id: name, settings })),
    time: { released: 0 },
    cost: cost ? [nativeCost(cost)] : [],
    status: "active",
    enabled: true,
    // Required there; without one in the snapshot, what OpenCode 2 takes by default.
    limit: { context: Math.trunc(limit?.context ?? 200_000), output: Math.trunc(limit?.output ?? 32_000) },
  };
}

function nativeCost({ input, output, cache_read: read, cache_write: write }) {
  return { input, output, cache: { read: read ?? 0, write: write ?? 0 } };
}

// ---- Files and processes ------------------------------------------------------------------------------------------

function cacheFolder(env) {
  const given = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "litellm-discover");
}

/** The proxies of which something may be remembered, the first one always. */
function proxiesKept(folder) {
  const names = attempt(() => readdirSync(folder)) ?? [];
  const others = names.filter((name) => isProxy(name) && name !== FIRST).sort();
  return [FIRST, ...others.slice(0, MAX_PROXIES - 1)];
}

/**
 * What is remembered of all proxies together, as old as the oldest; throws when there is nothing that can be used.
 *
 * In one go: whatever else OpenCode has to do would come between at each wait. It is no guard against a disk that
 * hangs: OpenCode itself waits for a file in the same folder of caches.
 */
function readSnapshots(env) {
  const folder = cacheFolder(env);
  const found = [];
  const failures = [];
  for (const proxy of proxiesKept(folder)) {
    try {
      found.push(readSnapshot(join(folder, proxy, "opencode.json"), proxy));
    } catch (error) {
      failures.push(error);
    }
  }
  if (!found.length) throw failures[0];
  const isDamaged = failures.some(({ code }) => code !== "ENOENT");
  return {
    status: isDamaged || found.some(({ status }) => status === "stale") ? "stale" : "ok",
    madeAt: Math.min(...found.map(({ madeAt }) => madeAt)),
    newest: Math.max(...found.map(({ madeAt }) => madeAt)),
    providers: Object.assign({}, ...found.map(({ providers }) => providers)),
  };
}

function readSnapshot(path, proxy) {
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error("not a regular file");
    if (stat.size > MAX_SNAPSHOT) throw new Error("too large");
    const own = process.getuid?.();
    if (own !== undefined && ![own, 0].includes(stat.uid)) throw new Error("of another user");
    return parseSnapshot(readFileSync(file, "utf8"), proxy);
  } finally {
    closeSync(file);
  }
}

// Not the project's folder: nothing of ours is read from there, and it shall not be kept in use.
const SPAWN = { cwd: parse(process.execPath).root, windowsHide: true };

let refreshedAt = -Infinity;

// The result is for the next start: nobody waits for it.
function startRefresh() {
  // OpenCode's server calls the plugin once for each project.
  if (performance.now() - refreshedAt < MAX_AGE_S * 1000) return;
  refreshedAt = performance.now();
  try {
    const child = spawn(COMMAND[0], [...COMMAND.slice(1), "refresh"], { ...SPAWN, detached: true, stdio: "ignore" });
    child.on("error", () => {});
    child.unref();
  } catch {
    // The snapshot that is there was used; there is nothing else to do.
  }
}

/** What the command prints, or an Error that says why not; within the budget. */
function runCommand() {
  let timer;
  return new Promise((resolve, reject) => {
    const words = [...COMMAND.slice(1), "--json", "--for", "opencode", "--timeout", "4.5"];
    // In a group of its own, so that what it starts is ended with it.
    const group = process.platform !== "win32";
    const child = spawn(COMMAND[0], words, { ...SPAWN, detached: group, stdio: ["ignore", "pipe", "ignore"] });
    const chunks = [];
    let size = 0;
    // Never waits for the end of the child: one in an uninterruptible sleep does not even die of SIGKILL.
    const giveUp = (why) => {
      reject(new Error(why));
      attempt(() => (group && child.pid ? process.kill(-child.pid, "SIGKILL") : child.kill("SIGKILL")));
      attempt(() => child.stdout.destroy());
      attempt(() => child.unref());
    };
    child.on("error", (error) => reject(new Error(`the command did not start, ${error.code ?? "unknown"}`)));
    child.stdout.on("error", () => {});
    child.stdout.on("data", (chunk) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) giveUp("the command printed too much");
      else chunks.push(chunk);
    });
    child.stdout.on("end", () => {
      resolve(Buffer.concat(chunks).toString("utf8"));
      attempt(() => child.unref());
    });
    timer = setTimeout(giveUp, BUDGET_MS, "no answer in time");
  }).finally(() => clearTimeout(timer));
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined; // what cannot be done is left
  }
}

// ---- Both versions of OpenCode ------------------------------------------------------------------------------------

/** The providers, from the snapshot or from the command, or a line for the log; never throws. */
async function load(env) {
  try {
    const { status, madeAt, newest, providers } = readSnapshots(env);
    const age = Math.round((Date.now() - madeAt) / 1000);
    // One from the future is from a clock that was wrong.
    const isOff = [madeAt, newest].some((at) => Math.abs(Date.now() - at) > MAX_AGE_S * 1000);
    if (status === "stale" || isOff) startRefresh();
    return { providers, from: `a snapshot aged ${age} s` };
  } catch (error) {
    return coldStart(reasonOf(error));
  }
}

async function coldStart(why) {
  try {
    const { providers } = parseSnapshot(await runCommand());
    return { providers, from: `a cold start (snapshot: ${why})` };
  } catch (error) {
    return { level: "warn", line: `cold start failed: ${reasonOf(error)} (snapshot: ${why})` };
  }
}

// Messages of the system name paths; those of ours are plain.
const reasonOf = (error) => error?.code ?? error?.message ?? "unknown";

function lineFor(found, done) {
  if (done.why && !done.added) return { level: "warn", line: `added nothing: ${done.why}` };
  return { level: "info", line: `added ${done.added} models from ${found.from}` };
}

// OpenCode 1.18 does not keep the service, so the name is in the line too.
function log(client, { level, line }) {
  const sent = client?.app?.log({ body: { service: ID, level, message: `${ID}: ${line}` } });
  Promise.resolve(sent).catch(() => {});
}

/** OpenCode 1. */
async function server(input) {
  // The command, if it has to run, begins now; other plugins are loaded meanwhile.
  const loading = load(process.env);
  let message;
  const say = () => {
    const waiting = message;
    message = undefined;
    if (waiting) attempt(() => log(input?.client, waiting));
  };
  return {
    config: async (config) => {
      try {
        const found = await loading;
        message = found.providers ? lineFor(found, mergeProviders(config, found.providers, process.env)) : found;
      } catch {
        message = { level: "warn", line: "added nothing: unexpected error" };
      }
      setTimeout(say, LOG_AFTER_MS).unref();
    },
    event: async (published) => {
      if (isText(published?.event?.type) && published.event.type.startsWith("session.")) say();
    },
  };
}

/** OpenCode 2. */
async function setup(context) {
  try {
    const { providers } = await load(process.env);
    if (!providers) return;
    await context.provider.transform((editor) => attempt(() => mergeNative(editor, providers, process.env)));
  } catch {
    // A version with another interface: what the configuration has is all there is.
  }
}

export default { id: ID, setup, server };
