// Adds the models of LiteLLM proxies to Pi, in memory, from the snapshot that litellm-discover keeps of each; and again
// when that changes. What to add is in the snapshot: nothing is worked out here. Silent: Pi's stdout and stderr are read.
// CommonJS, because Pi translates the other form before it loads it.

const { spawn } = require("node:child_process");
const { constants, unwatchFile, watchFile } = require("node:fs");
const { open, readdir } = require("node:fs/promises");
const { homedir } = require("node:os");
const { isAbsolute, join, parse } = require("node:path");

// A start is quicker with the absolute program here.
const COMMAND = ["litellm-discover"];

// The id of a proxy is that of its provider and the name of its folder; a second provider may stand beside the first.
const FIRST = "litellm";
const SIBLING = "-responses";
const PROXY = /^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/;
const MAX_PROXIES = 16;
const APIS = ["openai-completions", "openai-responses"];
const INPUTS = ["text", "image"];
const PRICES = ["input", "output", "cacheRead", "cacheWrite"];
const STATUSES = ["ok", "partial", "stale"];

const MAX_AGE_S = 300;
const BUDGET_MS = 5000;
const WATCH_MS = 2000;
const MAX_FILE = 16 * 1024 * 1024;
const MAX_OUTPUT = 8 * 1024 * 1024;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value !== "";
const isFlag = (value) => typeof value === "boolean";
const isSize = (value) => Number.isFinite(value) && value > 0;
const isCost = (value) => isObject(value) && PRICES.every((price) => Number.isFinite(value[price]));
const areInputs = (value) => Array.isArray(value) && value.every((kind) => INPUTS.includes(kind));
const areTexts = (value) => isObject(value) && Object.values(value).every((text) => typeof text === "string");
const optional = (is) => (value) => value === undefined || is(value);
const inside = (value) => (isObject(value) ? value : {});
const fits = (value, fields) => isObject(value) && Object.entries(fields).every(([name, is]) => is(value[name]));

// ---- The snapshot: what of it can be used -------------------------------------------------------------------------

// Control characters would reach the terminal; names of JavaScript's own would reach into Pi's objects.
const isName = (value) => isText(value) && !/[\u0000-\u001f\u007f-\u009f]/.test(value) && !(value in Object.prototype);
// A key that begins with "!" would be run as a command.
const isReference = (value) => isText(value) && /^(\$?[A-Za-z_][A-Za-z0-9_]*|no-key)$/.test(value);

// Pi checks nothing of what an extension registers; with a field missing it crashes when it lists the models.
const MODEL = {
  id: isName,
  name: isName,
  api: (value) => APIS.includes(value),
  reasoning: isFlag,
  input: areInputs,
  cost: isCost,
  contextWindow: isSize,
  maxTokens: isSize,
  thinkingLevelMap: optional(isObject),
  samplingParams: optional(isObject),
  compat: optional(isObject),
};
const PROVIDER = { name: isName, baseUrl: isText, apiKey: isReference, api: isText, models: Array.isArray };

// As they stand in the text, or could: an escape may spell any of them.
const SUSPECT = [...Object.getOwnPropertyNames(Object.prototype), "\\u"];

const isProxy = (id) => isName(id) && PROXY.test(id) && !id.endsWith(SIBLING);
const namesOf = (proxy) => [proxy, proxy + SIBLING];
const proxyOf = (provider) => (provider.endsWith(SIBLING) ? provider.slice(0, -SIBLING.length) : provider);

function proxiesOf({ proxies }) {
  const named = Array.isArray(proxies) ? proxies.map((proxy) => inside(proxy).id).filter(isProxy) : [];
  return named.length ? named : [FIRST];
}

/**
 * What a snapshot has for Pi and whether that is old; throws when it cannot be used.
 *
 * Nothing but the providers of `proxy` is taken, or without one, of the proxies that the document itself names.
 */
function parseSnapshot(text, proxy) {
  const snapshot = JSON.parse(text);
  const madeAt = Date.parse(inside(snapshot).generatedAt);
  const found = inside(inside(inside(snapshot).targets).pi).providers;
  const isOurs = snapshot?.schemaVersion === 1 && STATUSES.includes(snapshot.status);
  if (!isOurs || Number.isNaN(madeAt) || !isObject(found)) throw new Error("no usable snapshot");
  // The walk through everything costs more than all else here, and hardly any snapshot needs it.
  const cleaned = SUSPECT.some((part) => text.includes(part)) ? withoutPrototypeNames : (value) => value;
  const providers = {};
  const proxies = proxy === undefined ? proxiesOf(snapshot) : [proxy];
  for (const name of proxies.flatMap(namesOf)) {
    if (!Object.hasOwn(found, name)) continue;
    if (!fits(found[name], PROVIDER)) throw new Error("no usable provider");
    const models = found[name].models.filter((model) => fits(model, MODEL));
    const kept = models.map((model) => only(MODEL, model, cleaned));
    providers[name] = { ...only(PROVIDER, found[name], cleaned), models: kept };
  }
  // One from the future is from a clock that was wrong.
  const old = snapshot.status === "stale" || Math.abs(Date.now() - madeAt) > MAX_AGE_S * 1000;
  return { providers, old };
}

// No address and no header of its own for a model, and nothing else that it should not have.
function only(fields, value, cleaned) {
  const names = Object.keys(fields).filter((name) => value[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, cleaned(value[name])]));
}

function withoutPrototypeNames(value) {
  if (Array.isArray(value)) return value.map(withoutPrototypeNames);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !(name in Object.prototype));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutPrototypeNames(inner)]));
}

// ---- The person's own models: registering a provider takes their place --------------------------------------------

const THEIR_MODEL = {
  id: isText,
  name: optional(isText),
  api: optional(isText),
  baseUrl: optional(isText),
  reasoning: optional(isFlag),
  input: optional(areInputs),
  cost: optional(isCost),
  contextWindow: optional(isSize),
  maxTokens: optional(isSize),
  headers: optional(areTexts),
  compat: optional(isObject),
};
const THEIR_PROVIDER = {
  name: isText,
  baseUrl: isText,
  apiKey: isText,
  api: isText,
  headers: areTexts,
  compat: isObject,
  authHeader: isFlag,
};

// What Pi takes for a field that is missing in models.json; an extension has to say it.
const ASSUMED = {
  reasoning: false,
  input: ["text"],
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 128000,
  maxTokens: 16384,
};
// Where Pi merges the compat of a provider and of a model a level deeper.
const MERGED_COMPAT = ["openRouterRouting", "vercelGatewayRouting", "chatTemplateKwargs", "chatTemplateArgs"];

/** The providers that could be ours, as they are in models.json; throws when Pi cannot read it either. */
function parsePerson(text) {
  // To the letter as Pi does it: `//` and trailing commas.
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (match) => (match[0] === '"' ? match : ""))
    .replace(/"(?:\\.|[^"\\])*"|,(\s*[}\]])/g, (match, tail) => tail ?? (match[0] === '"' ? match : ""));
  const found = inside(inside(JSON.parse(plain)).providers);
  const names = Object.keys(found).filter((name) => isProxy(proxyOf(name)) && isObject(found[name]));
  return Object.fromEntries(names.map((name) => [name, theirProvider(found[name])]));
}

function theirProvider(found) {
  const fields = Object.keys(THEIR_PROVIDER).filter((name) => THEIR_PROVIDER[name](found[name]));
  const models = Array.isArray(found.models) ? found.models.filter((model) => fits(model, THEIR_MODEL)) : [];
  const provider = Object.fromEntries(fields.map((name) => [name, found[name]]));
  // Of two with one id, Pi shows the last.
  const unique = new Map(models.map((model) => [model.id, completed(model, provider)]));
  const overrides = Object.keys(inside(found.modelOverrides));
  const isEmpty = !overrides.length && fields.every((name) => ["name", "api"].includes(name));
  return { provider, models: [...unique.values()], isEmpty };
}

function completed(model, provider) {
  const { api = provider.api, baseUrl = provider.baseUrl } = model;
  return { ...ASSUMED, name: model.id, ...model, api, baseUrl, compat: mergedCompat(provider.compat, model.compat) };
}

function mergedCompat(base, own) {
  if (!base || !own) return own ?? base;
  const merged = { ...base, ...own };
  for (const name of MERGED_COMPAT) {
    if (isObject(base[name]) && isObject(own[name])) merged[name] = { ...base[name], ...own[name] };
  }
  return merged;
}

// Pi refuses such a provider with a message of its own, and from 0.87 on everything that is registered for it.
function isRefused({ models, isEmpty }) {
  return models.length ? !models.every((model) => model.api && model.baseUrl) : isEmpty;
}

// ---- Both together ------------------------------------------------------------------------------------------------

/** What to register: the person's models as they are and those of the snapshot that they do not have, if any. */
function union(found, person) {
  const proxies = [...new Set(Object.keys(found).map(proxyOf))];
  return Object.assign({}, ...proxies.map((proxy) => unionOf(proxy, found, person)));
}

function unionOf(proxy, found, person) {
  const names = namesOf(proxy).filter((name) => found[name]);
  const theirs = (name) => person[name] ?? { provider: {}, models: [] };
  // Models of one proxy beside the address of another would all fail.
  if (!names.every((name) => isSameProxy(theirs(name).provider.baseUrl, found[name].baseUrl))) return {};
  const taken = new Set(namesOf(proxy).flatMap((name) => theirs(name).models.map(({ id }) => id)));
  const result = {};
  for (const name of names) {
    const { provider, models } = theirs(name);
    const fresh = found[name].models.filter(({ id }) => !taken.has(id));
    if (!fresh.length || isRefused(theirs(name))) continue;
    // Two in which a missing field would mean "as before" when it is registered again.
    const { compat, headers = {}, authHeader = false, ...fields } = provider;
    const ours = fresh.map((model) => ({ ...model, compat: mergedCompat(compat, model.compat) }));
    result[name] = { ...found[name], ...fields, headers, authHeader, models: [...models, ...ours] };
  }
  return result;
}

function isSameProxy(one, other) {
  return one === undefined || bare(one) === bare(other);
}

function bare(url) {
  return url.replace(/\/*$/, "").replace(/\/v1$/, "").replace("//localhost", "//127.0.0.1");
}

/** Registers what is wanted and takes back what no longer is; what did not change is not touched. */
function registrar(pi) {
  const registered = new Map();
  return (wanted) => {
    for (const name of new Set([...registered.keys(), ...Object.keys(wanted)])) {
      const text = JSON.stringify(wanted[name]);
      if (text === registered.get(name)) continue;
      if (text === undefined) pi.unregisterProvider(name);
      else pi.registerProvider(name, wanted[name]);
      registered.set(name, text);
    }
  };
}

// ---- Files and processes ------------------------------------------------------------------------------------------

function cacheFolder(env) {
  const given = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "litellm-discover");
}

const snapshotPath = (env, proxy) => join(cacheFolder(env), proxy, "pi.json");

/** The proxies of which something may be remembered, the first one always and before the others. */
async function proxiesKept(env) {
  const names = await readdir(cacheFolder(env)).catch(() => []);
  return [FIRST, ...names.filter((name) => isProxy(name) && name !== FIRST).sort()].slice(0, MAX_PROXIES);
}

function modelsPath(env) {
  const given = env.PI_CODING_AGENT_DIR || join(homedir(), ".pi", "agent");
  return join(/^~($|\/)/.test(given) ? join(homedir(), given.slice(1)) : given, "models.json");
}

async function readText(path, owners) {
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_FILE) throw new Error("not to be read");
    if (owners && !owners.includes(stat.uid)) throw new Error("of another user");
    const buffer = Buffer.alloc(stat.size);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (!bytesRead) break;
      length += bytesRead;
    }
    return buffer.toString("utf8", 0, length);
  } finally {
    file.close().catch(() => {});
  }
}

/** What is remembered of these proxies together, old when one is; throws when there is nothing that can be used. */
async function readSnapshots(env, proxies) {
  const own = process.getuid?.();
  const owners = own === undefined ? undefined : [own, 0];
  const read = async (proxy) => parseSnapshot(await readText(snapshotPath(env, proxy), owners), proxy);
  const results = await Promise.allSettled(proxies.map(read));
  const found = results.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  if (!found.length) throw results[0].reason;
  const providers = Object.assign({}, ...found.map((one) => one.providers));
  const isDamaged = results.some(({ reason }) => reason && reason.code !== "ENOENT");
  return { providers, isDamaged, old: isDamaged || found.some(({ old }) => old) };
}

/** The person's models; undefined when Pi can make nothing of the file either. */
async function readPerson(env) {
  let text;
  try {
    text = await readText(modelsPath(env));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    // Without a code it is one that we do not want to read, but Pi may have read it.
    if (error.code === undefined) throw error;
    return undefined;
  }
  try {
    return parsePerson(text);
  } catch {
    return undefined;
  }
}

// Not the project's folder: nothing of ours is read from there, and it shall not be kept in use.
const SPAWN = { cwd: parse(homedir()).root, windowsHide: true };
let refreshedAt = -Infinity;

function startRefresh() {
  // Pi loads its extensions anew for a new session.
  if (performance.now() - refreshedAt < MAX_AGE_S * 1000) return;
  refreshedAt = performance.now();
  attempt(() => {
    const child = spawn(COMMAND[0], [...COMMAND.slice(1), "refresh"], { ...SPAWN, detached: true, stdio: "ignore" });
    child.on("error", () => {});
    child.unref();
  });
}

/** What the command prints, as long as `signal` allows. */
function runCommand(signal) {
  return new Promise((resolve, reject) => {
    const words = [...COMMAND.slice(1), "--json", "--for", "pi", "--timeout", "4.5"];
    // In a group of its own, so that what it starts is ended with it.
    const group = process.platform !== "win32";
    const child = spawn(COMMAND[0], words, { ...SPAWN, detached: group, stdio: ["ignore", "pipe", "ignore"] });
    const chunks = [];
    let size = 0;
    // Never waits for the end of the child: one in an uninterruptible sleep does not even die of SIGKILL.
    const giveUp = () => {
      reject(new Error("no answer"));
      attempt(() => (group && child.pid ? process.kill(-child.pid, "SIGKILL") : child.kill("SIGKILL")));
      attempt(() => child.stdout.destroy());
      attempt(() => child.unref());
    };
    child.on("error", reject);
    child.stdout.on("error", () => {});
    child.stdout.on("data", (chunk) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) giveUp();
      else chunks.push(chunk);
    });
    child.stdout.on("end", () => {
      resolve(Buffer.concat(chunks).toString("utf8"));
      attempt(() => child.unref());
    });
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

function attempt(action) {
  try {
    action();
  } catch {
    // Tidying up, and what is for later: what cannot be done is left.
  }
}

// ---- Pi -----------------------------------------------------------------------------------------------------------

async function find(env, kept, signal) {
  let found;
  try {
    found = await readSnapshots(env, await kept);
  } catch {
    if (signal.aborted) throw new Error("too late");
    return parseSnapshot(await runCommand(signal));
  }
  if (found.old) startRefresh();
  return found;
}

/** Ends with the work or with the time, whichever is first; never throws. */
function within(ms, work) {
  const controller = new AbortController();
  return new Promise((resolve) => {
    // Not unref'ed: with nothing else to wait for, Pi would end here without a word.
    const timer = setTimeout(() => {
      resolve();
      controller.abort();
    }, ms);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    work(controller.signal).then(done, done);
  });
}

module.exports = async function litellmDiscover(pi) {
  const { env } = process;
  const register = registrar(pi);
  const kept = proxiesKept(env);
  const load = async (signal) => {
    const [{ providers }, person] = await Promise.all([find(env, kept, signal), readPerson(env)]);
    // Of a file that Pi cannot read it shows nothing, so nothing of it is lost.
    if (!signal.aborted) register(union(providers, person ?? {}));
  };
  let last = Promise.resolve();
  // What cannot be read now, perhaps because it is being written, changes nothing.
  const onChange = (now, before) => {
    // Said once of a file that is not there.
    if (!now.mtimeMs && !before.mtimeMs) return;
    last = last.then(async () => {
      const [{ providers, isDamaged }, person] = await Promise.all([readSnapshots(env, await kept), readPerson(env)]);
      if (person && !isDamaged) register(union(providers, person));
    });
    last = last.catch(() => {});
  };
  // Asks for the time of the files instead of being told: that needs no folder, has no limit, and works on any disk.
  const paths = [];
  let isOver = false;
  const watch = (proxies) => {
    if (isOver) return;
    paths.push(...proxies.map((proxy) => snapshotPath(env, proxy)), modelsPath(env));
    for (const path of paths) watchFile(path, { persistent: false, interval: WATCH_MS }, onChange);
  };
  // Before anything is read, so that no change is missed; nobody waits for it.
  kept.then(watch).catch(() => {});
  // Of the next session an extension that is loaded anew takes care.
  const end = () => {
    isOver = true;
    paths.forEach((path) => unwatchFile(path, onChange));
  };
  attempt(() => pi.on("session_shutdown", end));
  const loaded = within(BUDGET_MS, load);
  last = loaded;
  await loaded;
};
