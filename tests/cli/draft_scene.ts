/**
 * A shell before a daemon whose upstream is a few fields, for the commands about drafts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { DaemonDrafts } from "../../runtime/daemon_drafts.ts";
import { serveControl } from "../../runtime/control/server.ts";
import { fakeBackend } from "../control/fake_backend.ts";
import { type Desk, type DeskOptions, openDesk } from "../drafts/desk.ts";
import { type Ran, run } from "../support/command.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

/** A daemon whose tree is mounted at `/mnt/omnifs`, and a shell before it. */
export interface Scene extends Desk {
  readonly here: Place;
  /** Runs `omnifs draft` with words that blanks part; what it printed has to fit. */
  says(
    words: string,
    said: string | RegExp,
    options?: { readonly input?: string; readonly code?: number },
  ): Promise<Ran>;
}

/** Runs `test` before such a daemon. */
export async function onDaemon(
  test: (scene: Scene) => Promise<void>,
  options: DeskOptions = {},
): Promise<void> {
  await using here = await place();
  await using desk = await openDesk(`${here.dir}/drafts`, options);
  const backend = { ...fakeBackend({ dir: "/mnt/omnifs" }), drafts: new DaemonDrafts(() => desk.drafts) };
  const log = new Log(systemClock, () => {}, "error");
  const socketPath = `${here.runtimeDir}/fake.sock`;
  const server = await serveControl(backend, { socketPath, clock: systemClock, log });
  const says: Scene["says"] = async (words, said, { input, code = 0 } = {}) => {
    const [program, args] = omnifsCommand(["draft", ...words.split(" ")]);
    const ran = await run(program, args, {
      env: here.env,
      deadline: DEADLINE,
      ...(input === undefined ? {} : { input }),
    });
    const whole = ran.stdout + ran.stderr;
    if (typeof said === "string") assert.equal(whole, said, words);
    else assert.match(whole, said, words);
    assert.equal(ran.code, code, `${words}: ${whole}`);
    return ran;
  };
  try {
    await test({ ...desk, here, says });
  } finally {
    await server.close();
  }
}
