/**
 * `omnifs version`
 *
 * @module
 */
import { VERSION } from "../../control/version.ts";
import { type Command, command } from "../command.ts";

/** Prints which omnifs this is, and on what it runs. */
export const version: Command = command({
  name: "version",
  summary: "Which omnifs this is",
  arguments: [],
  options: {},
  examples: [{ line: "version --output json", summary: "with the versions of Deno and V8" }],
  run({ out, format }) {
    const document = {
      omnifs: VERSION,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      target: Deno.build.target,
    };
    if (format === "human") out.line(`omnifs ${VERSION} (deno ${document.deno}, ${document.target})`);
    else if (format === "json") out.document(document);
    else out.line(JSON.stringify(document));
    return Promise.resolve();
  },
});
