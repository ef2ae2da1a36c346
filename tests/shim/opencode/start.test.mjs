// What happens when OpenCode starts: files, processes, times, and what is logged.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { model, Person, snapshot } from "./person.mjs";

const COLD_START = "--json --for opencode --timeout 4.5";
const AGED = (seconds) => ({ generatedAt: new Date(Date.now() - seconds * 1000).toISOString() });
const posix = { skip: process.platform === "win32" };

function idsOf({ config }) {
  return Object.values(config.provider ?? {}).flatMap(({ models }) => Object.keys(models));
}

function assertQuiet({ status, printed }) {
  assert.deepEqual({ status, printed }, { status: 0, printed: "" });
}

describe("the snapshot", { concurrency: true }, () => {
  test("a fresh one is added, and nothing is started", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot(AGED(10)));
    const done = await person.start();
    assertQuiet(done);
    assert.equal(idsOf(done).length, 3);
    assert.equal(done.logs.length, 1);
    assert.match(done.logs[0].message, /^litellm-discover: added 3 models from a snapshot aged 1\d s$/);
    assert.deepEqual([done.logs[0].service, done.logs[0].level], ["litellm-discover", "info"]);
    assert.deepEqual(await person.calls(600), []);
  });

  for (const [name, changes] of [
    ["an old one", AGED(301)],
    ["one that says stale", { status: "stale" }],
    ["one from the future", AGED(-3600)],
  ]) {
    test(`${name} is added, and one refresh is started, however many projects`, async (t) => {
      const person = new Person(t);
      person.writeSnapshot(snapshot(changes));
      const done = await person.start({ env: { TIMES: "3" } });
      assertQuiet(done);
      assert.equal(idsOf(done).length, 3);
      assert.deepEqual(await person.calls(), ["refresh"]);
    });
  }

  test("a refresh that cannot be started is no obstacle", async (t) => {
    const person = new Person(t, "", ["/nowhere/litellm-discover"]);
    person.writeSnapshot(snapshot({ status: "stale" }));
    const done = await person.start();
    assertQuiet(done);
    assert.equal(idsOf(done).length, 3);
  });

  test("a host that ends at once is not kept for the log", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    const done = await person.start({ env: { SESSION: "no" } });
    assertQuiet(done);
    assert.deepEqual(done.logs, []);
  });

  test("a host without a session gets the line a while later", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    const done = await person.start({ env: { SESSION: "no", STAY_MS: "3500" } });
    assert.equal(done.logs.length, 1);
  });

  test("a partial one is used as it is", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot({ status: "partial" }));
    assert.equal(idsOf(await person.start()).length, 3);
    assert.deepEqual(await person.calls(600), []);
  });

  test("a relative XDG_CACHE_HOME is ignored", async (t) => {
    const person = new Person(t, "answer");
    writeFileSync(join(person.root, "answer"), JSON.stringify(snapshot()));
    person.writeSnapshot(snapshot());
    const folder = join(person.root, ".cache", "litellm-discover", "litellm");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "opencode.json"), JSON.stringify(snapshot(AGED(100))));
    const done = await person.start({ env: { XDG_CACHE_HOME: "cache" } });
    assert.match(done.logs[0].message, /from a snapshot aged 10\d s$/);
  });

  test("through a symbolic link it is read", { ...posix }, async (t) => {
    const person = new Person(t);
    writeFileSync(join(person.root, "elsewhere"), JSON.stringify(snapshot()));
    symlinkSync(join(person.root, "elsewhere"), person.snapshotPath);
    assert.equal(idsOf(await person.start()).length, 3);
  });

  test("the person's entries stay, the key is in no log", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    const own = { name: "Mine" };
    const config = { provider: { litellm: { models: { "gpt-5.5": own } } } };
    const done = await person.start({ config, env: { LITELLM_API_KEY: "sk-test-1234" } });
    assert.deepEqual(done.config.provider.litellm.models["gpt-5.5"], own);
    assert.equal(idsOf(done).length, 3);
    assert.ok(!JSON.stringify(done.logs).includes("sk-test-1234"));
  });
});

describe("no usable snapshot", { concurrency: true }, () => {
  const cases = {
    missing: () => {},
    empty: (person) => person.writeSnapshot(""),
    truncated: (person) => person.writeSnapshot(JSON.stringify(snapshot()).slice(0, 400)),
    foreign: (person) => person.writeSnapshot('{"theme": "dark"}'),
    "of a future version": (person) => person.writeSnapshot(snapshot({ schemaVersion: 2 })),
    "one of an error": (person) => person.writeSnapshot(snapshot({ status: "error", targets: {} })),
    "a folder": (person) => mkdirSync(person.snapshotPath),
    "too large": (person) => {
      person.writeSnapshot(snapshot());
      truncateSync(person.snapshotPath, 16 * 1024 * 1024 + 1);
    },
    "a FIFO": (person) => execFileSync("mkfifo", [person.snapshotPath]),
    "a device": (person) => symlinkSync("/dev/zero", person.snapshotPath),
    "a link to itself": (person) => symlinkSync(person.snapshotPath, person.snapshotPath),
    unreadable(person) {
      person.writeSnapshot(snapshot());
      chmodSync(person.snapshotPath, 0);
    },
  };
  for (const [name, prepare] of Object.entries(cases)) {
    // Root can read everything.
    const skip = process.platform === "win32" || (name === "unreadable" && process.getuid() === 0);
    test(`${name}: the command is asked once, and what it says is added`, { skip }, async (t) => {
      const person = new Person(t, "answer");
      writeFileSync(join(person.root, "answer"), JSON.stringify(snapshot()));
      prepare(person);
      const done = await person.start();
      assertQuiet(done);
      assert.equal(idsOf(done).length, 3);
      assert.match(done.logs[0].message, /^litellm-discover: added 3 models from a cold start \(snapshot: .+\)$/);
      assert.ok(!done.logs[0].message.includes(person.root));
      assert.deepEqual(await person.calls(), [COLD_START]);
    });
  }

  test("as root, one of another user is not used", { skip: process.getuid?.() !== 0 }, async (t) => {
    const person = new Person(t, "answer");
    writeFileSync(join(person.root, "answer"), JSON.stringify(snapshot()));
    person.writeSnapshot(snapshot());
    execFileSync("chown", ["65534", person.snapshotPath]);
    const done = await person.start();
    assert.match(done.logs[0].message, /\(snapshot: of another user\)$/);
  });

  for (const [name, answer, why] of [
    ["says nothing", "", /not JSON/],
    ["reports an error", snapshot({ status: "error", errors: [{ code: "proxy_not_found" }] }), /proxy_not_found/],
    ["is of a future version", snapshot({ schemaVersion: 2 }), /schemaVersion/],
  ]) {
    test(`a command that ${name}: nothing is added, and why is logged`, async (t) => {
      const person = new Person(t, "answer");
      writeFileSync(join(person.root, "answer"), answer && JSON.stringify(answer));
      const done = await person.start({ config: { model: "a/b" } });
      assertQuiet(done);
      assert.deepEqual(done.config, { model: "a/b" });
      assert.equal(done.logs.length, 1);
      assert.equal(done.logs[0].level, "warn");
      assert.match(done.logs[0].message, /^litellm-discover: cold start failed: /);
      assert.match(done.logs[0].message, why);
    });
  }

  test("a command that is not there: nothing is added, and why is logged", async (t) => {
    const person = new Person(t, "", ["/nowhere/litellm-discover"]);
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(done.config, {});
    assert.match(done.logs[0].message, /^litellm-discover: cold start failed: the command did not start, ENOENT/);
    assert.ok(!done.logs[0].message.includes("/nowhere"));
  });

  test("a command that floods is stopped", async (t) => {
    const person = new Person(t, "flood");
    const done = await person.start();
    assertQuiet(done);
    assert.match(done.logs[0].message, /^litellm-discover: cold start failed: the command printed too much/);
    assert.deepEqual(await person.calls(), [COLD_START]);
    assert.deepEqual(person.alive(), []);
  });

  // The limit is 5.2 s; the bound here is wide, because the machine may be busy.
  test("a command that hangs and ignores SIGTERM: OpenCode goes on, and it is ended", async (t) => {
    const person = new Person(t, "hang");
    const done = await person.start();
    assertQuiet(done);
    assert.ok(done.seconds < 10, `${done.seconds} s`);
    assert.deepEqual(done.config, {});
    assert.match(done.logs[0].message, /^litellm-discover: cold start failed: no answer in time/);
    assert.deepEqual(await person.calls(), [COLD_START]);
    assert.deepEqual(person.alive(), []);
  });

  test("a process that outlives SIGKILL and keeps the pipe is not waited for", { ...posix }, async (t) => {
    const person = new Person(t, "linger");
    const done = await person.start();
    assertQuiet(done);
    assert.ok(done.seconds < 10, `${done.seconds} s`);
    assert.equal(person.alive().length, 1, "the one that could not be ended is still there");
  });
});

test("a host without a log, or with one that fails, is no obstacle", async (t) => {
  const person = new Person(t);
  person.writeSnapshot(snapshot());
  const { default: plugin } = await import(person.shim);
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = join(person.root, "cache");
  t.after(() => (before === undefined ? delete process.env.XDG_CACHE_HOME : (process.env.XDG_CACHE_HOME = before)));
  const failing = { app: { log: () => Promise.reject(new Error("no")) } };
  const throwing = { app: { log: () => assert.fail("no") } };
  for (const input of [undefined, {}, { client: {} }, { client: failing }, { client: throwing }]) {
    const config = {};
    const hooks = await plugin.server(input);
    await hooks.config(config);
    await hooks.event({ event: { type: "session.created" } });
    assert.equal(idsOf({ config }).length, 3);
  }
  await (await plugin.server({})).config(Object.freeze({}));

  const seen = [];
  const editor = { get: () => undefined, add: ({ info }) => seen.push(info.id) };
  await plugin.setup({ provider: { transform: async (apply) => apply(editor) } });
  assert.deepEqual(seen, ["litellm"]);
  for (const context of [undefined, {}, { provider: {} }, { provider: { transform: (apply) => apply({}) } }]) {
    await plugin.setup(context);
  }
  rmSync(person.snapshotPath);
});

/** A snapshot with one model under each of these providers. */
function of(changes, ...names) {
  const { litellm } = snapshot().targets.opencode.provider;
  const options = { baseURL: "https://work.example.com/v1" };
  const made = (name) => ({ ...litellm, name, options, env: ["WORK_KEY"], models: { [`m-${name}`]: model("M") } });
  const provider = Object.fromEntries(names.map((name) => [name, made(name)]));
  return snapshot({ ...changes, targets: { opencode: { provider } } });
}

describe("several proxies", { concurrency: true }, () => {
  test("what is remembered of each is added, each with its own key", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.writeOther("work", of({}, "work", "work-responses"));
    const done = await person.start({ env: { LITELLM_API_KEY: "sk-home", WORK_KEY: "sk-work" } });
    assertQuiet(done);
    assert.deepEqual(Object.keys(done.config.provider), ["litellm", "litellm-responses", "work", "work-responses"]);
    assert.ok(!JSON.stringify(done.config.provider.work).includes("sk-home"));
    assert.match(done.logs[0].message, /added 5 models/);
    assert.deepEqual(await person.calls(600), []);
  });

  test("a folder gives the providers of its name and no others", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(of({}, "litellm", "work"));
    person.writeOther("work", of({}, "work", "litellm", "openai"));
    for (const name of ["Evil", "a.b", "constructor", "x-responses", "-a"]) person.writeOther(name, of({}, name));
    const done = await person.start();
    assert.deepEqual(idsOf(done), ["m-litellm", "m-work"]);
  });

  test("one alone is enough, whatever its name", async (t) => {
    const person = new Person(t);
    person.writeOther("work", of({}, "work"));
    const done = await person.start();
    assert.deepEqual(idsOf(done), ["m-work"]);
    assert.deepEqual(await person.calls(600), []);
  });

  for (const [name, content] of [
    ["a damaged one", "{"],
    ["an old one", of(AGED(301), "work")],
    ["one from the future", of(AGED(-3600), "work")],
    ["a stale one", of({ status: "stale" }, "work")],
  ]) {
    test(`${name} hides nothing of the others, and is renewed`, async (t) => {
      const person = new Person(t);
      person.writeSnapshot(snapshot());
      person.writeOther("work", content);
      const done = await person.start();
      assertQuiet(done);
      assert.equal(idsOf(done).filter((id) => id !== "m-work").length, 3);
      assert.deepEqual(await person.calls(), ["refresh"]);
    });
  }

  test("a model of the person's is theirs at that proxy, another address only stops that proxy", async (t) => {
    const person = new Person(t);
    person.writeOther("lab", of({}, "lab"));
    person.writeOther("work", of({}, "work", "work-responses"));
    const config = {
      provider: {
        lab: { options: { baseURL: "https://other.example.com/v1" }, models: { mine: {} } },
        "work-responses": { models: { "m-work": {} } },
      },
    };
    const done = await person.start({ config });
    assert.deepEqual(idsOf(done), ["mine", "m-work", "m-work-responses"]);
    assert.equal(done.config.provider.work, undefined);
  });

  test("the command names the proxies that it speaks of", async (t) => {
    const person = new Person(t, "answer");
    const proxies = [{ id: "work" }, { id: "openai-responses" }, { id: "__proto__" }, null];
    const answer = of({ proxies }, "work", "litellm", "openai-responses");
    writeFileSync(join(person.root, "answer"), JSON.stringify(answer));
    assert.deepEqual(idsOf(await person.start()), ["m-work"]);
  });
});
