/**
 * The contract's files and everything that repeats them: generated types, the guest's view, the tools' versions.
 *
 * @module
 */
import assert from "node:assert/strict";
import type * as guest from "../../providers/sdk/contract.ts";
import { TOOLS } from "../../runtime/provider/artifact.ts";
import { generate, WORLDS } from "../../wit/generate.ts";
import type * as events from "../../wit/types/interfaces/omnifs-provider-events.d.ts";
import type * as http from "../../wit/types/interfaces/omnifs-provider-http.d.ts";
import type * as manifest from "../../wit/types/interfaces/omnifs-provider-manifest.d.ts";
import type * as mutations from "../../wit/types/interfaces/omnifs-provider-mutations.d.ts";
import type * as provider from "../../wit/types/interfaces/omnifs-provider-provider.d.ts";
import type * as types from "../../wit/types/interfaces/omnifs-provider-types.d.ts";

const WIT = new URL("../../wit", import.meta.url).pathname;

// The generator begins to read itself from disk when it is imported; done here, no test sees that end as a leak of its own.
const files = await generate(WIT);

Deno.test("wit/types is what the contract generates, for every world", async () => {
  for (const world of WORLDS) assert(files.has(`${world}.d.ts`), world);
  const kept = [...await below(`${WIT}/types`)].sort();
  assert.deepEqual(kept, [...files.keys()].sort());
  for (const [name, text] of files) assert.equal(await Deno.readTextFile(`${WIT}/types/${name}`), text, name);
});

Deno.test("every world of the contract is generated", async () => {
  const text = await Deno.readTextFile(`${WIT}/world.wit`);
  assert.deepEqual([...text.matchAll(/^world (\S+)/gm)].map((match) => match[1]), [...WORLDS]);
});

Deno.test("kept components are stale as soon as jco's version changes", async () => {
  const { version } = JSON.parse(
    await Deno.readTextFile(
      new URL("../../node_modules/@bytecodealliance/jco-transpile/package.json", import.meta.url),
    ),
  );
  assert(TOOLS.includes(`jco-transpile ${version}`), TOOLS);
});

async function below(folder: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (isDirectory) names.push(...await below(folder, `${prefix}${name}/`));
    else names.push(prefix + name);
  }
  return names;
}

/** A type as a guest sees it: a `u64` is a plain number there. */
type AsGuest<T> = T extends bigint ? number
  : T extends string | number | boolean | undefined | Uint8Array ? T
  : T extends [infer First, infer Second] ? [AsGuest<First>, AsGuest<Second>]
  : T extends (infer Item)[] ? AsGuest<Item>[]
  : { [Key in keyof T]: AsGuest<T[Key]> };

/** True where each can stand for the other. */
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false;

/** The guest's types against those that the contract generates; a difference does not compile. */
const agreed: [
  Same<guest.Node, AsGuest<types.Node>>,
  Same<guest.DirEntry, AsGuest<types.DirEntry>>,
  Same<guest.Failure, AsGuest<types.ProviderError>>,
  Same<guest.Listing, AsGuest<provider.Listing>>,
  Same<guest.Manifest, AsGuest<manifest.Manifest>>,
  Same<guest.Request, AsGuest<http.Request>>,
  Same<guest.Response, AsGuest<http.Response>>,
  Same<guest.HttpError, AsGuest<http.HttpError>>,
  Same<guest.Source, AsGuest<events.Source>>,
  Same<guest.Polled, AsGuest<events.Polled>>,
  Same<guest.Invalidation, AsGuest<types.Invalidation>>,
  Same<guest.Change, AsGuest<mutations.Change>>,
  Same<guest.Step, AsGuest<mutations.Step>>,
  Same<guest.Refusal, AsGuest<mutations.Refusal>>,
  Same<guest.Receipt, AsGuest<mutations.Receipt>>,
  Same<guest.Outcome, AsGuest<mutations.Outcome>>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

Deno.test("the SDK's types are the contract's, as a guest sees them", () => {
  assert(agreed.every((same) => same));
});
