/**
 * Sample data in place of a network: what a folder answers, and what it refuses as the gate does.
 *
 * @module
 */
import { deepStrictEqual, equal } from "node:assert/strict";
import type { Callout, CalloutResult } from "../../runtime/egress/callout.ts";
import { SampleGate } from "../../runtime/provider/conformance/sample_gate.ts";
import { tempDir } from "../support/temp.ts";

/** What a gate over a folder of samples says, whose provider asks for `api.example.com` and `*.files.example.com`. */
async function withSamples(
  use: (send: (url: string, rest?: Partial<Callout>) => Promise<CalloutResult>) => Promise<void>,
) {
  await using folder = await tempDir();
  const host = `${folder.path}/api.example.com`;
  await Deno.mkdir(`${host}/notes`, { recursive: true });
  await Deno.mkdir(`${folder.path}/other.example.com`);
  await Deno.writeTextFile(`${host}/notes.json`, "[1]");
  await Deno.writeTextFile(`${host}/notes/1.json`, "{}");
  await Deno.writeTextFile(`${host}/notes?page=2.json`, "[2]");
  await Deno.writeTextFile(`${host}/index.json`, '"top"');
  await Deno.writeTextFile(`${folder.path}/other.example.com/secret`, "out of reach");
  await Deno.writeFile(`${host}/blob`, Uint8Array.of(0, 1, 2));
  const gate = new SampleGate(folder.path);
  const need = { target: "api.example.com", write: false, why: "a test" };
  await gate.admit("m", [need, { ...need, target: "*.files.example.com" }]);
  await use((url, rest = {}) =>
    gate.send({ mount: "m", method: "get", url, headers: [], expect: "text", write: false, ...rest })
  );
}

function bodyOf(result: CalloutResult): string | Uint8Array | undefined {
  return result.ok && result.response.status === 200 ? result.response.body : undefined;
}

Deno.test("a path is a file, with or without .json, and its query belongs to the name", () =>
  withSamples(async (send) => {
    equal(bodyOf(await send("https://api.example.com/notes")), "[1]");
    equal(bodyOf(await send("https://api.example.com/notes/1")), "{}");
    equal(bodyOf(await send("https://api.example.com/notes?page=2")), "[2]");
    equal(bodyOf(await send("https://api.example.com/")), '"top"');
    deepStrictEqual(
      bodyOf(await send("https://api.example.com/blob", { expect: "bytes" })),
      Uint8Array.of(0, 1, 2),
    );
    const head = await send("https://api.example.com/blob", { method: "head", expect: "none" });
    deepStrictEqual(head.ok && head.response.headers.at(-1), { name: "content-length", value: "3" });
  }));

Deno.test("what is not there is 404, and nothing outside of a host's folder is", () =>
  withSamples(async (send) => {
    for (
      const path of [
        "none",
        "notes/2",
        "notes?page=3",
        "../other.example.com/secret",
        "%2e%2e/other.example.com/secret",
      ]
    ) {
      const result = await send(`https://api.example.com/${path}`);
      equal(result.ok && result.response.status, 404, path);
    }
    equal(bodyOf(await send("https://a.files.example.com/x")), undefined);
  }));

Deno.test("a host that the manifest does not ask for is denied, and so is what no file can answer", () =>
  withSamples(async (send) => {
    const tagOf = async (url: string, rest?: Partial<Callout>) => {
      const result = await send(url, rest);
      return result.ok ? result.response.status : result.failure.tag;
    };
    equal(await tagOf("https://other.example.com/secret"), "denied");
    equal(await tagOf("unix:/run/x.sock:/secret"), "denied");
    equal(await tagOf("https://api.example.com/notes", { method: "post", body: "{}" }), "denied");
    const question = { name: "example.com", type: "A", resolver: undefined };
    equal(await tagOf("https://api.example.com/notes", { question }), "denied");
    equal(await tagOf("ftp://api.example.com/notes"), "connection");
  }));
