/**
 * Is this POST a GraphQL query, and nothing but queries?
 *
 * What was read is what is sent: the body goes out as it was understood here, member by member, so that a server
 * cannot find something else in it (a second `query` member, an extension, another encoding).
 *
 * @module
 */
import { type DocumentNode, parse } from "graphql/language";
import { messageOf } from "../base/errors.ts";

/** The body that may be sent, or why it may not. */
export type QueryBody = { readonly body: string } | { readonly refused: string };

/** Bytes of a document in UTF-8; the queries of real clients take a few KiB. */
const LONGEST_DOCUMENT = 64 * 1_024;

/** Bytes of a whole body, variables included. */
const LONGEST_BODY = 1_024 * 1_024;

/** Tokens of a document: bounds the work of the parser, and its recursion with it. */
const MOST_TOKENS = 5_000;

/** Requests in one batch. */
const LARGEST_BATCH = 50;

/** One request of a body, by the draft GraphQL over HTTP, 5.4; `extensions` do not go out. */
interface QueryRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: unknown;
}

/** Ends the reading of a body. */
class NoQuery extends Error {}

/**
 * Reads a body of `contentType`. Numbers in variables pass as doubles, which is what GraphQL's own types are.
 */
export function readQuery(contentType: string | null, body: string | Uint8Array | undefined): QueryBody {
  try {
    const value: unknown = JSON.parse(textOf(contentType, body));
    if (!Array.isArray(value)) return { body: JSON.stringify(requestOf(value)) };
    if (value.length === 0 || value.length > LARGEST_BATCH) {
      throw new NoQuery(`a batch holds 1 to ${LARGEST_BATCH} requests`);
    }
    return { body: JSON.stringify(value.map(requestOf)) };
  } catch (error) {
    return { refused: error instanceof NoQuery ? error.message : "its body is no JSON" };
  }
}

function textOf(contentType: string | null, body: string | Uint8Array | undefined): string {
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? "")) {
    throw new NoQuery("its content type is not application/json");
  }
  if (body === undefined) throw new NoQuery("it has no body");
  if (body.length > LONGEST_BODY) throw new NoQuery(`its body is longer than ${LONGEST_BODY} bytes`);
  return typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body);
}

function requestOf(value: unknown): QueryRequest {
  if (typeof value !== "object" || value === null) throw new NoQuery("it holds no request");
  const { query, operationName, variables } = value as Readonly<Record<string, unknown>>;
  if (typeof query !== "string") throw new NoQuery("it holds no document, as a persisted query does not");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") {
    throw new NoQuery("its operation name is no text");
  }
  checkDocument(query);
  return {
    query,
    ...(typeof operationName === "string" ? { operationName } : {}),
    ...(variables === undefined ? {} : { variables }),
  };
}

/** Throws unless every operation of the document is a query, whichever of them is meant to run. */
function checkDocument(text: string): void {
  if (new TextEncoder().encode(text).length > LONGEST_DOCUMENT) {
    throw new NoQuery(`its document is longer than ${LONGEST_DOCUMENT} bytes`);
  }
  let queries = 0;
  for (const definition of parsed(text).definitions) {
    if (definition.kind === "FragmentDefinition") continue;
    if (definition.kind !== "OperationDefinition") throw new NoQuery("its document defines a schema");
    if (definition.operation !== "query") throw new NoQuery(`its document holds a ${definition.operation}`);
    queries++;
  }
  if (queries === 0) throw new NoQuery("its document holds no operation");
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { noLocation: true, maxTokens: MOST_TOKENS });
  } catch (error) {
    // A document that is nested too deeply for the parser's own stack ends here too.
    throw new NoQuery(`its document cannot be read (${messageOf(error).slice(0, 120)})`);
  }
}
