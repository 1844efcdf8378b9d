/**
 * Linear's errors, code by code.
 *
 * Every error of the API has a code and a type in its `extensions`; the types are those of `LinearErrorType` in
 * `@linear/sdk`. The HTTP status says less: a rate limit and a missing object are both 400.
 *
 * @module
 */
import type { Answer } from "../sdk/client.ts";
import { type Failure, ProviderError } from "../sdk/mod.ts";
import { isObject, type Json, text } from "./json.ts";

/** What an error is made into. */
type Mapping = (error: Json, answer: Answer, now: () => number) => Failure;

const refused: Mapping = (error) => ({ tag: "unauthorized", val: wordsOf(error) });
const wrong: Mapping = (error) => ({ tag: "invalid", val: wordsOf(error) });
const down: Mapping = (error) => ({ tag: "unavailable", val: wordsOf(error) });
const fault: Mapping = (error) => ({ tag: "internal", val: `Linear refused the query: ${wordsOf(error)}` });

/** By code. */
const CODES: Readonly<Record<string, Mapping>> = {
  RATELIMITED: (_error, answer, now) => ({ tag: "rate-limited", val: waitOf(answer, now()) }),
  AUTHENTICATION_ERROR: refused,
  FORBIDDEN: refused,
  FEATURE_NOT_ACCESSIBLE: refused,
  USAGE_LIMIT_EXCEEDED: refused,
  INPUT_ERROR: (error, ...more) => isMissing(error) ? { tag: "not-found" } : wrong(error, ...more),
  INVALID_INPUT: wrong,
  BAD_USER_INPUT: wrong,
  USER_ERROR: wrong,
  LOCK_TIMEOUT: down,
  NETWORK_ERROR: down,
  BOOTSTRAP_ERROR: down,
  INTERNAL_ERROR: down,
  INTERNAL_SERVER_ERROR: down,
  // The queries are this provider's own.
  GRAPHQL_PARSE_FAILED: fault,
  GRAPHQL_VALIDATION_FAILED: fault,
};

/** The code that stands for each type, where an answer tells the type alone. */
const TYPES: Readonly<Record<string, string>> = {
  "ratelimited": "RATELIMITED",
  "authentication error": "AUTHENTICATION_ERROR",
  "forbidden": "FORBIDDEN",
  "feature not accessible": "FEATURE_NOT_ACCESSIBLE",
  "usage limit exceeded": "USAGE_LIMIT_EXCEEDED",
  "invalid input": "INPUT_ERROR",
  "user error": "USER_ERROR",
  "lock timeout": "LOCK_TIMEOUT",
  "network error": "NETWORK_ERROR",
  "bootstrap error": "BOOTSTRAP_ERROR",
  "internal error": "INTERNAL_ERROR",
  "graphql error": "GRAPHQL_VALIDATION_FAILED",
};

/**
 * What the `errors` of an answer come to; undefined where they name no code that is known, so that the HTTP
 * status has to tell.
 */
function failureOf(
  errors: readonly unknown[],
  answer: Answer,
  now: () => number,
): Failure | undefined {
  const told = errors.filter(isObject);
  for (const error of told) {
    const code = codeOf(error);
    const mapping = code === undefined ? undefined : CODES[code];
    if (mapping !== undefined) return mapping(error, answer, now);
  }
  const [first] = told;
  // An error in an answer that is otherwise fine: whatever it is, it is not what was asked for.
  return first !== undefined && answer.status < 400 ? down(first, answer, now) : undefined;
}

/** Throws what the `errors` of an answer come to, where they tell. */
export function throwErrors(errors: unknown, answer: Answer, now: () => number): void {
  if (!Array.isArray(errors) || errors.length === 0) return;
  const failure = failureOf(errors, answer, now);
  if (failure !== undefined) throw new ProviderError(failure);
}

function codeOf(error: Json): string | undefined {
  const { extensions } = error;
  const code = text(extensions, "code");
  if (code !== undefined && Object.hasOwn(CODES, code)) return code;
  const type = text(extensions, "type")?.toLowerCase();
  return type !== undefined && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** Linear has no code for a missing object. */
function isMissing(error: Json): boolean {
  return /^Entity not found\b/.test(text(error, "message") ?? "");
}

function wordsOf(error: Json): string {
  return text(error["extensions"], "userPresentableMessage") ?? text(error, "message") ?? "no reason told";
}

/** The limits that Linear counts, each with headers of its own (https://linear.app/developers/rate-limiting). */
const LIMITS: readonly string[] = ["requests", "complexity", "endpoint-requests"];

/** Milliseconds until the limit that is spent is reset: the header holds milliseconds since the Unix epoch. */
function waitOf(answer: Answer, now: number): number | undefined {
  const resets = LIMITS.filter((limit) => Number(answer.header(`x-ratelimit-${limit}-remaining`) ?? 1) <= 0)
    .map((limit) => Number(answer.header(`x-ratelimit-${limit}-reset`)))
    .filter((reset) => Number.isSafeInteger(reset) && reset > 0);
  if (resets.length > 0) return Math.max(0, Math.max(...resets) - now);
  const after = answer.header("retry-after");
  return after !== undefined && /^\d{1,9}$/.test(after) ? Number(after) * 1_000 : undefined;
}
