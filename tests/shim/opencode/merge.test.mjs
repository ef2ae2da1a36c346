// What is added to a configuration, and what never is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { model, SHIM, snapshot } from "./person.mjs";

const { default: plugin, mergeNative, mergeProviders, parseSnapshot } = await import(pathToFileURL(SHIM));

const KEY = "sk-test-1234";
const ENV = { LITELLM_API_KEY: KEY };
const providers = (changes) => parseSnapshot(JSON.stringify(snapshot(changes))).providers;

function merged(config, env = ENV, found = providers()) {
  const result = structuredClone(config);
  return { ...mergeProviders(result, found, env), provider: result.provider };
}

test("it has the shapes of both versions of OpenCode", () => {
  assert.deepEqual(Object.keys(plugin).sort(), ["id", "server", "setup"]);
  assert.equal(plugin.id, "litellm-discover");
});

test("an empty configuration gets everything, as it is in the snapshot", () => {
  const { added, provider } = merged({});
  const expected = snapshot().targets.opencode.provider;
  expected["litellm-responses"].options.apiKey = KEY;
  assert.equal(added, 3);
  assert.deepEqual(provider, expected);
});

test("other settings and other providers are left alone", () => {
  const config = { model: "other/m", provider: { other: { npm: "x", models: { "gpt-5.5": {} } } } };
  const result = structuredClone(config);
  mergeProviders(result, providers(), ENV);
  assert.equal(result.model, "other/m");
  assert.deepEqual(result.provider.other, config.provider.other);
  assert.deepEqual(Object.keys(result.provider), ["other", "litellm", "litellm-responses"]);
});

test("a model that the person has is theirs, under whichever provider", () => {
  const own = { name: "Mine", limit: { context: 1, output: 1 } };
  for (const [here, id] of [
    ["litellm", "mistral-small-4"],
    ["litellm", "gpt-5.5"],
    ["litellm-responses", "mistral-small-4"],
  ]) {
    const { added, provider } = merged({ provider: { [here]: { models: { [id]: own } } } });
    assert.equal(added, 2);
    assert.deepEqual(provider[here].models[id], own);
    const places = Object.values(provider).filter(({ models }) => id in models);
    assert.equal(places.length, 1, `${id} is in one place`);
  }
});

test("what the person has in a provider stays, what is missing is added", () => {
  const theirs = {
    name: "Work",
    whitelist: ["gpt-5.5"],
    options: { baseURL: "http://127.0.0.1:4000/v1", apiKey: "theirs", timeout: 5 },
  };
  const { provider } = merged({ provider: { litellm: theirs } });
  const { models, ...fields } = provider.litellm;
  assert.deepEqual(fields, { npm: "@ai-sdk/openai-compatible", env: ["LITELLM_API_KEY"], ...theirs });
  assert.deepEqual(Object.keys(models), ["claude-sonnet-4-6", "mistral-small-4"]);
});

test("nothing is added twice", () => {
  const { provider } = merged({});
  const again = merged({ provider });
  assert.equal(again.added, 0);
  assert.deepEqual(again.provider, provider);
});

test("a provider of which the person has every model is not made", () => {
  const { provider } = merged({ provider: { litellm: { models: { "gpt-5.5": {} } } } });
  assert.deepEqual(Object.keys(provider), ["litellm"]);
});

test("a configuration that speaks of another proxy gets nothing", () => {
  for (const theirs of [{ options: { baseURL: "https://other.example/v1" } }, { api: "http://127.0.0.1:4001" }]) {
    const config = { provider: { litellm: theirs } };
    const { added, why, provider } = merged(config);
    assert.equal(added, 0);
    assert.match(why, /another address/);
    assert.deepEqual(provider, config.provider);
  }
});

test("other spellings of the same address are the same proxy", () => {
  for (const baseURL of ["http://127.0.0.1:4000/v1/", "http://localhost:4000", "${LITELLM_URL}/v1"]) {
    assert.equal(merged({ provider: { litellm: { options: { baseURL } } } }).added, 3);
  }
});

test("no model is put where the person's OPENAI_API_KEY would go to the proxy", () => {
  const { added, provider } = merged({ provider: { litellm: { npm: "@ai-sdk/openai" } } });
  assert.equal(added, 1);
  assert.deepEqual(provider.litellm, { npm: "@ai-sdk/openai" });
});

test("the person's variable is asked for the key, and an empty key never hides one that OpenCode has", () => {
  const theirs = { npm: "@ai-sdk/openai", env: ["MY_KEY"], models: { mine: {} } };
  const config = { provider: { "litellm-responses": theirs } };
  const { provider } = merged(config, { MY_KEY: "sk-mine", ...ENV });
  assert.equal(provider["litellm-responses"].options.apiKey, "sk-mine");
  const without = merged(config, {});
  assert.equal(without.added, 2);
  assert.deepEqual(without.provider["litellm-responses"], theirs);
});

test("a key is taken from its variable only; unset is empty and never another key", () => {
  const keyWith = (apiKey, env) => {
    const found = providers();
    found["litellm-responses"].options.apiKey = apiKey;
    return merged({}, env, found).provider["litellm-responses"].options.apiKey;
  };
  const other = { OPENAI_API_KEY: "sk-other" };
  assert.equal(keyWith("{env:LITELLM_API_KEY}", ENV), KEY);
  assert.equal(keyWith("{env:LITELLM_API_KEY}", other), "");
  assert.equal(keyWith("{env:OPENAI_API_KEY}", other), "");
  assert.equal(keyWith("none", other), "none");
});

test("names of the prototype are dropped wherever they are", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
  const hostile = names.map((name) => `${JSON.stringify(name)}: {"name": "x", "polluted": true}`).join(", ");
  const text = JSON.stringify(snapshot())
    .replace('"models":{', `"models":{${hostile}, `)
    .replace('"options":{', `"options":{${hostile}, `)
    .replace('"variants":{', `"variants":{${hostile}, `);
  const found = parseSnapshot(`{"__proto__": {"polluted": true}, ${text.slice(1)}`).providers;
  const { added, provider } = merged({}, ENV, found);
  assert.equal(added, 3);
  assert.deepEqual(provider, merged({}).provider);
  assert.equal({}.polluted, undefined);
  assert.equal(provider.litellm.models.polluted, undefined);
});

test("a model that would keep OpenCode from starting is left out, the others are not", () => {
  const bad = [null, [], "x", 5, { name: 5 }, { name: null }, { limit: { context: 5 } }, { limit: null }, { cost: {} }];
  bad.push({ cost: { input: "1", output: 2 } }, { modalities: { input: ["text"] } }, { modalities: "text" });
  bad.push({ variants: [] }, { variants: { low: null } }, { provider: { npm: "file:///tmp/x.js" } });
  const content = snapshot();
  const { models } = content.targets.opencode.provider.litellm;
  bad.forEach((entry, index) => Object.assign(models, { [`bad-${index}`]: entry }));
  const found = parseSnapshot(JSON.stringify(content)).providers;
  assert.deepEqual(Object.keys(found.litellm.models), ["claude-sonnet-4-6", "mistral-small-4"]);
});

test("only our two providers are taken, and only with an SDK that is in OpenCode", () => {
  const content = snapshot();
  content.targets.opencode.provider.openai = content.targets.opencode.provider.litellm;
  assert.deepEqual(Object.keys(parseSnapshot(JSON.stringify(content)).providers), ["litellm", "litellm-responses"]);
  content.targets.opencode.provider.litellm.npm = "file:///tmp/x.js";
  assert.throws(() => parseSnapshot(JSON.stringify(content)), /litellm is not as expected/);
});

test("what is not a snapshot of this version says why, and quotes nothing of it", () => {
  const secret = "sk-secret";
  for (const [text, why] of [
    ["", /not JSON/],
    [JSON.stringify(snapshot()).slice(0, -9) + secret, /not JSON/],
    ["[".repeat(200_000), /not JSON/],
    ["null", /not an object/],
    ["[]", /not an object/],
    [`{"theme": "${secret}"}`, /schemaVersion/],
    [JSON.stringify(snapshot({ schemaVersion: 2 })), /schemaVersion/],
    [JSON.stringify(snapshot({ schemaVersion: "1" })), /schemaVersion/],
    [JSON.stringify(snapshot({ status: secret })), /no known status/],
    [JSON.stringify(snapshot({ status: "error", errors: [{ code: "proxy_not_found" }] })), /error, proxy_not_found$/],
    [JSON.stringify(snapshot({ status: "error", errors: [{ code: `x ${secret}` }] })), /status error$/],
    [JSON.stringify(snapshot({ generatedAt: secret })), /generatedAt/],
    [JSON.stringify(snapshot({ generatedAt: 5 })), /generatedAt/],
    [JSON.stringify(snapshot({ targets: [] })), /nothing for opencode/],
    [JSON.stringify(snapshot({ targets: { opencode: { provider: [] } } })), /nothing for opencode/],
    [JSON.stringify(snapshot({ targets: { opencode: { provider: { litellm: null } } } })), /not as expected/],
    [JSON.stringify(snapshot({ targets: { opencode: { provider: { litellm: { models: [] } } } } })), /not as expected/],
  ]) {
    assert.throws(() => parseSnapshot(text), why);
    assert.throws(() => parseSnapshot(text), ({ message }) => !message.includes(secret));
  }
});

// The interface of OpenCode 2, as far as it is documented.
class Editor {
  constructor(records = {}) {
    this.records = records;
    this.models = { set: (id, models) => Object.assign(this.records[id], { models: byId(models) }) };
  }

  get(id) {
    return this.records[id];
  }

  add({ info, models }) {
    this.records[info.id] = { provider: info, models: byId(models) };
  }
}

const byId = (models) => new Map(models.map((entry) => [entry.id, entry]));

test("OpenCode 2 gets the same models in its own format", () => {
  const editor = new Editor();
  assert.equal(mergeNative(editor, providers(), ENV).added, 3);
  const { provider, models } = editor.get("litellm-responses");
  assert.deepEqual(provider, {
    id: "litellm-responses",
    name: "LiteLLM (responses)",
    activation: "enabled",
    package: "aisdk:@ai-sdk/openai",
    settings: { baseURL: "http://127.0.0.1:4000/v1", apiKey: KEY },
  });
  assert.deepEqual(models.get("gpt-5.5"), {
    id: "gpt-5.5",
    modelID: "gpt-5.5",
    providerID: "litellm-responses",
    name: "GPT-5.5",
    capabilities: { tools: true, input: ["text"], output: ["text"] },
    variants: [{ id: "low", settings: { reasoningEffort: "low" } }],
    time: { released: 0 },
    cost: [{ input: 3, output: 15, cache: { read: 0.3, write: 0 } }],
    status: "active",
    enabled: true,
    limit: { context: 200000, output: 64000 },
  });
});

test("in OpenCode 2 the person's models stay, and without a key no SDK that looks for another is added", () => {
  const own = { id: "gpt-5.5", name: "Mine" };
  const settings = { baseURL: "http://127.0.0.1:4000/v1" };
  const theirs = { provider: { package: "aisdk:@ai-sdk/openai-compatible", settings }, models: byId([own]) };
  const editor = new Editor({ litellm: theirs });
  mergeNative(editor, providers(), ENV);
  assert.deepEqual([...editor.get("litellm").models.keys()], ["gpt-5.5", "claude-sonnet-4-6", "mistral-small-4"]);
  assert.equal(editor.get("litellm").models.get("gpt-5.5"), own);
  assert.equal(editor.get("litellm-responses"), undefined);

  const without = new Editor();
  assert.equal(mergeNative(without, providers(), { OPENAI_API_KEY: "sk-other" }).added, 2);
  assert.deepEqual(Object.keys(without.records), ["litellm"]);
});

test("in OpenCode 2 a provider with another address or SDK gets nothing", () => {
  const info = { package: "aisdk:@ai-sdk/openai-compatible", settings: { baseURL: "https://other.example/v1" } };
  const editor = new Editor({ litellm: { provider: info, models: byId([]) } });
  assert.equal(mergeNative(editor, providers(), ENV).added, 1);
  assert.equal(editor.get("litellm").models.size, 0);
});

test("a model in the file without details gets the defaults of OpenCode 2", () => {
  const editor = new Editor();
  const found = providers();
  found.litellm.models = { bare: {}, full: model("Full") };
  mergeNative(editor, found, {});
  assert.deepEqual(editor.get("litellm").models.get("bare").limit, { context: 200000, output: 32000 });
});
