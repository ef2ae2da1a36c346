// What happens when Pi starts, and while it runs: files, processes, times. Nothing is ever printed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { idsOf, model, Person, provider, snapshot } from "./person.mjs";

const COLD_START = "--json --for pi --timeout 4.5";
const BOTH = ["claude", "gpt"];
const AGED = (seconds) => ({ generatedAt: new Date(Date.now() - seconds * 1000).toISOString() });
const posix = { skip: process.platform === "win32" };

function assertQuiet({ status, printed, errors }) {
  assert.deepEqual({ status, printed, errors }, { status: 0, printed: "", errors: [] });
}

describe("the snapshot", { concurrency: true }, () => {
  test("a fresh one is registered, nothing is started, and Pi can end at once", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot(AGED(10)));
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(done.calls, ["register litellm"]);
    assert.deepEqual(done.providers.litellm, { ...provider(), headers: {}, authHeader: false });
    assert.deepEqual(await person.calls(600), []);
  });

  for (const [name, changes] of [
    ["an old one", AGED(301)],
    ["one that says stale", { status: "stale" }],
    ["one from the future", AGED(-3600)],
  ]) {
    test(`${name} is registered, and one refresh is started, however many sessions`, async (t) => {
      const person = new Person(t);
      person.writeSnapshot(snapshot(changes));
      const done = await person.start({ TIMES: "3" });
      assertQuiet(done);
      assert.deepEqual(idsOf(done), BOTH);
      assert.deepEqual(await person.calls(), ["refresh"]);
    });
  }

  test("a refresh that hangs is no obstacle", async (t) => {
    const person = new Person(t, "hang");
    person.writeSnapshot(snapshot({ status: "stale" }));
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(idsOf(done), BOTH);
    assert.ok(done.seconds < 4.5, `${done.seconds} s`);
    assert.deepEqual(await person.calls(), ["refresh"]);
  });

  test("a refresh that cannot be started is no obstacle", async (t) => {
    const person = new Person(t, "", ["/nowhere/litellm-discover"]);
    person.writeSnapshot(snapshot({ status: "stale" }));
    const done = await person.start({ STAY_MS: "300" });
    assertQuiet(done);
    assert.deepEqual(idsOf(done), BOTH);
  });

  test("a partial one is used as it is", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot({ status: "partial" }));
    assert.deepEqual(idsOf(await person.start()), BOTH);
    assert.deepEqual(await person.calls(600), []);
  });

  test("a relative XDG_CACHE_HOME is ignored", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    const folder = join(person.root, ".cache", "litellm-discover", "litellm");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pi.json"), JSON.stringify(snapshot({}, { litellm: provider([model("other")]) })));
    assert.deepEqual(idsOf(await person.start({ XDG_CACHE_HOME: "cache" })), ["other"]);
  });

  test("through a symbolic link it is read", { ...posix }, async (t) => {
    const person = new Person(t);
    writeFileSync(join(person.root, "elsewhere"), JSON.stringify(snapshot()));
    symlinkSync(join(person.root, "elsewhere"), person.snapshotPath);
    assert.deepEqual(idsOf(await person.start()), BOTH);
  });

  test("a Pi that refuses what is registered, or has another interface, is no obstacle", async (t) => {
    for (const env of [{ REFUSES: "1" }, { BARE: "1" }]) {
      const person = new Person(t);
      person.writeSnapshot(snapshot());
      assertQuiet(await person.start(env));
    }
  });
});

describe("no usable snapshot", { concurrency: true }, () => {
  const cases = {
    missing: () => {},
    "without its folder": (person) => rmSync(join(person.root, "cache"), { recursive: true }),
    empty: (person) => person.writeSnapshot(""),
    truncated: (person) => person.writeSnapshot(JSON.stringify(snapshot()).slice(0, 400)),
    foreign: (person) => person.writeSnapshot('{"theme": "dark"}'),
    null: (person) => person.writeSnapshot("null"),
    "of a future version": (person) => person.writeSnapshot(snapshot({ schemaVersion: 2 })),
    "one of an error": (person) => person.writeSnapshot(snapshot({ status: "error" })),
    "without a time": (person) => person.writeSnapshot(snapshot({ generatedAt: "soon" })),
    "with models in a wrong place": (person) => person.writeSnapshot(snapshot({}, { litellm: provider({}) })),
    "with a command for a key": (person) =>
      person.writeSnapshot(snapshot({}, { litellm: provider(undefined, { apiKey: "!touch x" }) })),
    "a folder": (person) => mkdirSync(person.snapshotPath),
    "too large": (person) => {
      person.writeSnapshot(snapshot());
      truncateSync(person.snapshotPath, 16 * 1024 * 1024 + 1);
    },
    "too deep": (person) => person.writeSnapshot("[".repeat(8 * 1024 * 1024)),
    "a FIFO": (person) => execFileSync("mkfifo", [person.snapshotPath]),
    "a device": (person) => symlinkSync("/dev/zero", person.snapshotPath),
    "a link to itself": (person) => symlinkSync(person.snapshotPath, person.snapshotPath),
    unreadable(person) {
      person.writeSnapshot(snapshot());
      chmodSync(person.snapshotPath, 0);
    },
    "of another user"(person) {
      person.writeSnapshot(snapshot());
      execFileSync("chown", ["65534", person.snapshotPath]);
    },
  };
  for (const [name, prepare] of Object.entries(cases)) {
    // Root can read everything, and only root can give a file away.
    const isRoot = process.getuid?.() === 0;
    const skip = process.platform === "win32" || { unreadable: isRoot, "of another user": !isRoot }[name];
    test(`${name}: the command is asked once, and what it says is registered`, { skip }, async (t) => {
      const person = new Person(t, "answer");
      person.writeAnswer(snapshot({}, { litellm: provider([model("asked")]) }));
      prepare(person);
      const done = await person.start();
      assertQuiet(done);
      assert.deepEqual(idsOf(done), ["asked"]);
      assert.deepEqual(await person.calls(), [COLD_START]);
    });
  }

  for (const [name, answer] of [
    ["says nothing", ""],
    ["reports an error", JSON.stringify(snapshot({ status: "error", targets: {} }))],
    ["is of a future version", JSON.stringify(snapshot({ schemaVersion: 2 }))],
    ["says too much", JSON.stringify(snapshot()) + " ".repeat(9 * 1024 * 1024)],
  ]) {
    test(`a command that ${name}: nothing is registered`, async (t) => {
      const person = new Person(t, "answer");
      person.writeAnswer(answer);
      const done = await person.start();
      assertQuiet(done);
      assert.deepEqual(done.calls, []);
    });
  }

  test("a command that is not there: nothing is registered", async (t) => {
    const person = new Person(t, "", ["/nowhere/litellm-discover"]);
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(done.calls, []);
    assert.ok(done.seconds < 4.5, `${done.seconds} s`);
  });

  test("a command that floods is stopped", async (t) => {
    const person = new Person(t, "flood");
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(done.calls, []);
    assert.deepEqual(await person.calls(), [COLD_START]);
    assert.deepEqual(person.alive(), []);
  });

  // The limit is 5.2 s; the bound here is wide, because the machine may be busy.
  test("a command that hangs and ignores SIGTERM: Pi goes on, and it is ended", async (t) => {
    const person = new Person(t, "hang");
    const started = Date.now();
    const done = await person.start();
    assertQuiet(done);
    assert.ok(done.seconds > 4.5 && done.seconds < 10, `${done.seconds} s`);
    assert.ok(Date.now() - started < 15000, "and can end");
    assert.deepEqual(done.calls, []);
    assert.deepEqual(await person.calls(), [COLD_START]);
    assert.deepEqual(person.alive(), []);
  });

  test("a process that outlives SIGKILL and keeps the pipe is not waited for", { ...posix }, async (t) => {
    const person = new Person(t, "linger");
    const started = Date.now();
    const done = await person.start();
    assertQuiet(done);
    assert.ok(done.seconds < 10, `${done.seconds} s`);
    assert.ok(Date.now() - started < 15000, "and can end");
    assert.equal(person.alive().length, 1, "the one that could not be ended is still there");
  });
});

describe("while Pi runs", { concurrency: true }, () => {
  const LONG = { STAY_MS: "60000" };
  const ready = ({ seconds }) => seconds !== null;

  test("a model that comes, goes or changes is registered; the same once more is not", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.launch(LONG);
    await person.until(ready);
    person.writeSnapshot(snapshot({ status: "partial" }));
    await sleep(3000);
    assert.deepEqual(person.state().calls, ["register litellm"]);
    const changed = [model("gpt", { name: "Renamed" }), model("new")];
    person.writeSnapshot(snapshot({}, { litellm: provider(changed) }));
    const state = await person.until((now) => idsOf(now).includes("new"));
    assert.deepEqual(state.providers.litellm.models, changed);
    assert.deepEqual(state.calls, ["register litellm", "register litellm"]);
  });

  test("the last model that goes takes the provider with it", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.launch(LONG);
    await person.until(ready);
    person.writeSnapshot(snapshot({}, { litellm: provider([]) }));
    const state = await person.until(({ calls }) => calls.length > 1);
    assert.deepEqual(state.calls, ["register litellm", "unregister litellm"]);
  });

  test("a snapshot that breaks or disappears changes nothing, and the next good one counts", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.launch(LONG);
    await person.until(ready);
    person.writeSnapshot(JSON.stringify(snapshot()).slice(0, 300));
    await sleep(2500);
    rmSync(person.snapshotPath);
    await sleep(2500);
    assert.deepEqual(person.state().calls, ["register litellm"]);
    person.writeSnapshot(snapshot({}, { litellm: provider([model("back")]) }));
    assert.deepEqual(idsOf(await person.until((now) => idsOf(now).includes("back"))), ["back"]);
    assert.deepEqual(person.state().errors, []);
  });

  test("one that is made after a failed cold start is registered, its folder too", async (t) => {
    const person = new Person(t);
    rmSync(join(person.root, "cache"), { recursive: true });
    person.launch(LONG);
    assert.deepEqual((await person.until(ready)).calls, []);
    mkdirSync(dirname(person.snapshotPath), { recursive: true });
    person.writeSnapshot(snapshot());
    assert.deepEqual(idsOf(await person.until((now) => now.calls.length)), BOTH);
  });

  test("what the person changes in models.json counts; half of it does not", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.writeModels({ providers: { litellm: { ...provider([{ id: "mine" }]), headers: { "x-team": "a" } } } });
    person.launch(LONG);
    assert.deepEqual(idsOf(await person.until(ready)), ["mine", ...BOTH]);
    person.writeModels('{"providers": {"litellm": {"models": [');
    await sleep(3000);
    assert.deepEqual(person.state().calls, ["register litellm"]);
    person.writeModels({ providers: { litellm: provider([{ id: "gpt", name: "Mine" }]) } });
    const state = await person.until((now) => !idsOf(now).includes("mine"));
    assert.deepEqual(idsOf(state), ["gpt", "claude"]);
    assert.deepEqual(state.providers.litellm.headers, {}, "not the ones from before");
  });

  test("after the end of the session nothing is registered any more", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.launch({ ...LONG, SHUTDOWN: "1" });
    await person.until(ready);
    person.writeSnapshot(snapshot({}, { litellm: provider([model("new")]) }));
    await sleep(4000);
    assert.deepEqual(person.state().calls, ["register litellm"]);
  });

  test("a Pi that refuses later is no obstacle", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    const host = person.launch({ STAY_MS: "5000", REFUSES: "1" });
    await person.until(ready);
    person.writeSnapshot(snapshot({}, { litellm: provider([model("new")]) }));
    const done = await host.ended;
    assertQuiet({ ...done, ...person.state() });
    assert.ok(person.state().calls.length > 1);
  });
});

describe("several proxies", { concurrency: true }, () => {
  const WORK = { name: "LiteLLM (work)", baseUrl: "https://work.example.com/v1", apiKey: "$WORK_KEY" };
  const work = (...ids) => provider(ids.map((id) => model(id)), WORK);

  test("what is remembered of each is registered, each with its own key", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.writeSnapshot(snapshot({}, { work: work("claude"), "work-responses": work("w") }), person.other("work"));
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(done.calls, ["register litellm", "register work", "register work-responses"]);
    assert.deepEqual([idsOf(done), idsOf(done, "work")], [BOTH, ["claude"]]);
    assert.deepEqual([done.providers.litellm.apiKey, done.providers.work.apiKey], ["$LITELLM_API_KEY", "$WORK_KEY"]);
    assert.deepEqual(await person.calls(600), []);
  });

  test("a folder gives the providers of its name and no others", async (t) => {
    const person = new Person(t);
    const all = { litellm: work("a"), work: work("b"), openai: work("c") };
    person.writeSnapshot(snapshot({}, all), person.other("work"));
    for (const name of ["Evil", "a.b", "constructor", "x-responses"]) {
      person.writeSnapshot(snapshot({}, { [name]: work("evil") }), person.other(name));
    }
    assert.deepEqual((await person.start()).calls, ["register work"]);
  });

  test("a damaged one hides nothing of the others, and is renewed", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.writeSnapshot("{", person.other("work"));
    const done = await person.start();
    assertQuiet(done);
    assert.deepEqual(idsOf(done), BOTH);
    assert.deepEqual(await person.calls(), ["refresh"]);
  });

  test("the person's own models of each stay, and another address stops that proxy alone", async (t) => {
    const person = new Person(t);
    person.writeSnapshot(snapshot());
    person.writeSnapshot(snapshot({}, { work: work("w", "mine") }), person.other("work"));
    person.writeSnapshot(snapshot({}, { lab: work("l") }), person.other("lab"));
    const own = { id: "mine", name: "Mine", api: "openai-completions", baseUrl: WORK.baseUrl };
    const providers = { work: { models: [own] }, lab: { baseUrl: "https://other.example.com/v1", models: [] } };
    person.writeModels({ providers });
    const done = await person.start();
    assert.deepEqual(done.calls, ["register litellm", "register work"]);
    assert.deepEqual(idsOf(done, "work"), ["mine", "w"]);
    assert.equal(done.providers.work.models[0].name, "Mine");
  });

  test("while Pi runs each follows its own file, and one that is taken away goes", async (t) => {
    const person = new Person(t);
    const path = person.other("work");
    person.writeSnapshot(snapshot());
    person.writeSnapshot(snapshot({}, { work: work("w") }), path);
    person.launch({ STAY_MS: "60000" });
    await person.until(({ seconds }) => seconds !== null);
    person.writeSnapshot(snapshot({}, { work: work("new") }), path);
    assert.deepEqual(idsOf(await person.until((now) => idsOf(now, "work").includes("new")), "work"), ["new"]);
    person.writeSnapshot("{", path);
    await sleep(2500);
    rmSync(path);
    const state = await person.until(({ calls }) => calls.includes("unregister work"));
    assert.deepEqual(state.calls.slice(2), ["register work", "unregister work"]);
    assert.deepEqual(idsOf(state), BOTH);
  });
});
