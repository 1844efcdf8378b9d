/**
 * One question to a daemon, its parameters at hand, and the shapes that an answer may have.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Backend } from "./protocol.ts";

/** One question. */
export interface Question {
  /** Query parameters. */
  readonly parameters: URLSearchParams;
  /** Aborted when the asker goes away, the time is over or the server closes. */
  readonly signal: AbortSignal;
  /** The bytes that came with it. @throws {OmnifsError} `too-large` for more than {@linkcode BODY_LIMIT} */
  body(): Promise<Uint8Array>;
}

/** How a route answers: with one document, with text, with JSON lines as they come, or with bytes as they come. */
export type Route =
  | { readonly shape: "document"; answer(backend: Backend, question: Question): unknown }
  | { readonly shape: "text"; answer(backend: Backend, question: Question): Promise<string> }
  | { readonly shape: "lines"; answer(backend: Backend, question: Question): AsyncIterable<unknown> }
  | { readonly shape: "bytes"; answer(backend: Backend, question: Question): AsyncIterable<Uint8Array> };

/** Most bytes that come with a question: a little more than a draft takes for one file. */
export const BODY_LIMIT = 8 * 1_048_576;

/** Longest path in the tree that is taken, in UTF-16 units: four times `PATH_MAX` of `linux/limits.h`. */
const PATH_LIMIT = 4 * 4096;

/** The `path` parameter. @throws {OmnifsError} `invalid` where it is missing or too long */
export function pathOf(question: Question): string {
  const path = question.parameters.get("path");
  if (path === null) throw new OmnifsError("invalid", "the parameter path is missing");
  if (path.length > PATH_LIMIT) throw new OmnifsError("invalid", "the path is too long");
  return path;
}

/** All bytes of `request`. @throws {OmnifsError} `too-large` past {@linkcode BODY_LIMIT} */
export async function bodyOf(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new OmnifsError("too-large", `a file is larger than ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
