// What is registered: the person's own models as they are in models.json, and those of the snapshot beside them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { idsOf, model, Person, provider, snapshot, URL } from "./person.mjs";

const ASSUMED = {
  reasoning: false,
  input: ["text"],
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 128000,
  maxTokens: 16384,
};

async function registered(t, litellm, { found = snapshot(), env = {}, ...others } = {}) {
  const person = new Person(t);
  person.writeSnapshot(found);
  person.writeModels(typeof litellm === "string" ? litellm : { providers: { litellm, ...others } });
  const done = await person.start(env);
  assert.deepEqual([done.status, done.printed, done.errors], [0, "", []]);
  return done;
}

describe("the person's own", { concurrency: true }, () => {
  test("models come first and are completed; what the snapshot says of them does not count", async (t) => {
    const own = model("gpt", { name: "Mine", cost: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, tiers: [] } });
    const full = { ...own, baseUrl: "http://127.0.0.1:9/v1", headers: { a: "$B" }, samplingParams: { top_k: 1 } };
    const theirs = { baseUrl: URL, apiKey: "k", api: "openai-responses", models: [{ id: "mine" }, full] };
    const done = await registered(t, theirs);
    const [mine, gpt, claude] = done.providers.litellm.models;
    assert.deepEqual(mine, { ...ASSUMED, id: "mine", name: "mine", api: "openai-responses", baseUrl: URL });
    assert.deepEqual(gpt, full);
    assert.deepEqual(claude, model("claude"));
    assert.equal(done.providers.litellm.models.length, 3);
  });

  test("provider fields win", async (t) => {
    const fields = {
      name: "My proxy",
      baseUrl: "http://localhost:4000",
      apiKey: "!cat key",
      api: "openai-responses",
      headers: { "x-team": "a" },
      authHeader: true,
    };
    const done = await registered(t, fields);
    const { models, ...rest } = done.providers.litellm;
    assert.deepEqual(rest, fields);
    assert.deepEqual(models, provider().models);
  });

  test("compat of the provider is below that of each model, as in Pi", async (t) => {
    const routing = { openRouterRouting: { only: ["a"] }, supportsStore: true, maxTokensField: "max_tokens" };
    const own = { id: "mine", compat: { openRouterRouting: { order: ["b"] } } };
    const done = await registered(t, { ...provider([own]), compat: routing });
    const [mine, claude] = done.providers.litellm.models;
    assert.deepEqual(mine.compat, { ...routing, openRouterRouting: { only: ["a"], order: ["b"] } });
    assert.deepEqual(claude.compat, { ...routing, supportsStore: false });
    assert.equal(done.providers.litellm.compat, undefined);
  });

  test("comments, trailing commas, a byte order mark and // in texts are read as Pi does", async (t) => {
    const text = `\uFEFF{ // mine
      "providers": { "litellm": { "baseUrl": "${URL}", "apiKey": "k", "api": "openai-completions",
        "models": [ { "id": "a,]//b", }, ], // }
      }, },
    }`;
    assert.deepEqual(idsOf(await registered(t, text)), ["a,]//b", "claude", "gpt"]);
  });

  test("of two entries with one id the last counts", async (t) => {
    const done = await registered(t, provider([{ id: "a", name: "1" }, { id: "b" }, { id: "a", name: "2" }]));
    assert.deepEqual(idsOf(done), ["a", "b", "claude", "gpt"]);
    assert.equal(done.providers.litellm.models[0].name, "2");
  });

  test("an id under the other provider is not added a second time", async (t) => {
    const done = await registered(t, provider([]), { "litellm-responses": provider([{ id: "gpt" }]) });
    assert.deepEqual(Object.keys(done.providers), ["litellm"]);
    assert.deepEqual(idsOf(done), ["claude"]);
  });

  test("both providers of the snapshot are registered, each with its own", async (t) => {
    const providers = { litellm: provider([model("a")]), "litellm-responses": provider([model("b")]) };
    const responses = provider([{ id: "mine" }]);
    const done = await registered(t, provider([]), { found: snapshot({}, providers), "litellm-responses": responses });
    assert.deepEqual([idsOf(done), idsOf(done, "litellm-responses")], [["a"], ["mine", "b"]]);
  });

  test("with all models of the snapshot, Pi needs nothing from us", async (t) => {
    const done = await registered(t, provider([{ id: "gpt" }, { id: "claude" }]));
    assert.deepEqual(done.calls, []);
  });

  for (const [name, theirs] of [
    ["of another proxy", { baseUrl: "http://127.0.0.1:5000/v1", apiKey: "k" }],
    ["that Pi refuses: no address", { apiKey: "k", api: "openai-completions", models: [{ id: "mine" }] }],
    ["that Pi refuses: no api", { baseUrl: URL, apiKey: "k", models: [{ id: "mine" }] }],
    ["that Pi refuses: empty", {}],
  ]) {
    test(`a provider ${name} is left alone`, async (t) => {
      assert.deepEqual((await registered(t, theirs)).calls, []);
    });
  }

  test("a provider with overrides alone is no obstacle", async (t) => {
    const done = await registered(t, { modelOverrides: { gpt: { name: "Mine" } } });
    assert.deepEqual(idsOf(done), ["claude", "gpt"]);
  });
});

describe("models.json", { concurrency: true }, () => {
  for (const [name, text] of [
    ["broken", '{"providers": {"litellm": {"models": [{"id": "mine"'],
    ["with a /* */ comment", '{"providers": {"litellm": /* */ {}}}'],
    ["empty", ""],
    ["a list", "[]"],
    ["with lists in wrong places", '{"providers": {"litellm": [], "litellm-responses": 1}}'],
  ]) {
    test(`${name}: the snapshot is registered`, async (t) => {
      assert.deepEqual(idsOf(await registered(t, text)), ["claude", "gpt"]);
    });
  }

  // For one wrong value Pi shows nothing of the file.
  test("with wrong values: what is right of it stays, and nothing is incomplete", async (t) => {
    const limits = [{ contextWindow: "big" }, { maxTokens: 0 }];
    const wrong = [...limits, { cost: { input: 1 } }, { input: ["audio"] }, { headers: { a: 1 } }, { id: 1 }];
    const models = [...wrong.map((change, index) => ({ id: `m${index}`, ...change })), null, "x", { id: "right" }];
    const done = await registered(t, { ...provider(models), apiKey: "", headers: "x", authHeader: 1 });
    assert.deepEqual(idsOf(done), ["right", "claude", "gpt"]);
    const { apiKey, headers, authHeader } = done.providers.litellm;
    assert.deepEqual([apiKey, headers, authHeader], ["$LITELLM_API_KEY", {}, false]);
  });

  test("a FIFO, a folder or one that is too large: nothing takes the place of what Pi may have read", async (t) => {
    const prepare = {
      fifo: (path) => execFileSync("mkfifo", [path]),
      large(path) {
        writeFileSync(path, "{}");
        truncateSync(path, 16 * 1024 * 1024 + 1);
      },
      folder: (path) => mkdirSync(path),
    };
    for (const make of Object.values(prepare)) {
      const person = new Person(t);
      person.writeSnapshot(snapshot());
      make(join(person.agent, "models.json"));
      const done = await person.start();
      assert.deepEqual([done.status, done.printed, done.errors, done.calls], [0, "", [], []]);
    }
  });

  for (const [name, env, folder] of [
    ["by default", { PI_CODING_AGENT_DIR: "" }, [".pi", "agent"]],
    ["with ~", { PI_CODING_AGENT_DIR: "~/my pi" }, ["my pi"]],
    ["with ~ alone", { PI_CODING_AGENT_DIR: "~" }, []],
    ["relative", { PI_CODING_AGENT_DIR: "here" }, ["here"]],
  ]) {
    test(`is found where Pi has it: ${name}`, async (t) => {
      const person = new Person(t);
      person.writeSnapshot(snapshot());
      person.agent = join(person.root, ...folder);
      mkdirSync(person.agent, { recursive: true });
      person.writeModels({ providers: { litellm: provider([{ id: "mine" }]) } });
      assert.deepEqual(idsOf(await person.start(env)), ["mine", "claude", "gpt"]);
    });
  }
});

describe("a hostile snapshot", { concurrency: true }, () => {
  test("names of JavaScript's own, addresses, headers and control characters do not get through", async (t) => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 1, "supportsStore": false}');
    const models = [
      model("good", { compat: evil, baseUrl: "http://evil.test/v1", headers: { a: "!touch x" }, streamSimple: 1 }),
      model("__proto__"),
      model("constructor"),
      model("\u001b[31mred"),
      model("red", { name: "\u001b[31m" }),
      null,
      7,
    ];
    const text = JSON.stringify(snapshot({}, { litellm: provider(models, { headers: { a: "b" }, oauth: {} }) }));
    const found = text.replace('"targets"', '"__proto__":{"x":1},"targets"');
    const done = await registered(t, provider([]), { found });
    const { models: kept, ...rest } = done.providers.litellm;
    assert.deepEqual(kept, [model("good")]);
    const { models: _, ...expected } = provider([]);
    assert.deepEqual(rest, { ...expected, headers: {}, authHeader: false });
  });

  test("models that Pi would crash on are left out", async (t) => {
    const fields = ["id", "name", "api", "reasoning", "input", "cost", "contextWindow", "maxTokens"];
    const models = fields.flatMap((field) =>
      [undefined, null, 0, "", {}].map((value) => model(`without-${field}`, { [field]: value })),
    );
    models.push(model("partial", { cost: { input: 1, output: 1 } }), model("azure", { api: "azure-openai-responses" }));
    const litellm = provider([...models, model("good")]);
    const found = snapshot({}, { litellm, openai: provider([model("x")]) });
    const done = await registered(t, provider([]), { found });
    assert.deepEqual([done.calls, idsOf(done)], [["register litellm"], ["good"]]);
  });
});
