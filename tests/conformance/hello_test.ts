/**
 * The provider to start with keeps every rule.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { withBundled } from "../support/component.ts";
import { conforms } from "./conforms.ts";

Deno.test("hello conforms", () =>
  withBundled({ name: "hello", settings: {}, allow: [] }, async ({ provider, again }) => {
    const seen = await conforms(provider, again, { paths: ["to/Ada"], atLeast: 25 });
    ok(seen.has("/to/Ada"));
  }));
