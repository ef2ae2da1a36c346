// Stands in for the litellm-discover command: notes how it was called, then does what its first argument says.

import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";

const [behaviour, folder, ...words] = process.argv.slice(2);
const note = (pid) => appendFileSync(`${folder}/pids`, `${pid}\n`);
appendFileSync(`${folder}/calls`, `${words.join(" ")}\n`);
note(process.pid);

const behaviours = {
  answer: () => process.stdout.write(readFileSync(`${folder}/answer`)),
  silent: () => {},
  hang() {
    process.on("SIGTERM", () => {});
    process.stdout.write('{"schemaVersion": 1');
    setInterval(() => {}, 1000);
  },
  // What cannot be ended and keeps the pipe open: as a process in an uninterruptible sleep does.
  linger() {
    note(spawn("sleep", ["60"], { detached: true, stdio: ["ignore", "inherit", "ignore"] }).pid);
    setInterval(() => {}, 1000);
  },
  flood() {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const more = () => process.stdout.write(chunk, () => setImmediate(more));
    process.stdout.on("error", () => process.exit());
    more();
  },
};
behaviours[words[0] === "refresh" ? "silent" : behaviour]();
