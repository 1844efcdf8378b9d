/**
 * Errors as Linear's API words them: a code and a type in `extensions`, with an HTTP status that says the same.
 *
 * @module
 */
import { GraphQLError } from "graphql";

/** What `extensions` holds; types and their spelling are those that `@linear/sdk` knows. */
export interface Extensions {
  /** What kind it is. */
  readonly type: string;
  /** Its code. */
  readonly code: string;
  /** The HTTP status that belongs to it. */
  readonly statusCode: number;
  /** True for a mistake of whoever asks. */
  readonly userError: boolean;
  /** What a person may be told. */
  readonly userPresentableMessage: string;
  /** What else is told. */
  readonly [key: string]: unknown;
}

/** Type and status of each code. */
const CODES: Readonly<Record<string, readonly [type: string, status: number]>> = {
  RATELIMITED: ["ratelimited", 400],
  AUTHENTICATION_ERROR: ["authentication error", 401],
  FORBIDDEN: ["forbidden", 403],
  FEATURE_NOT_ACCESSIBLE: ["feature not accessible", 403],
  INPUT_ERROR: ["invalid input", 400],
  USER_ERROR: ["user error", 400],
  USAGE_LIMIT_EXCEEDED: ["usage limit exceeded", 400],
  LOCK_TIMEOUT: ["lock timeout", 500],
  INTERNAL_SERVER_ERROR: ["internal error", 500],
};

/** The HTTP status that Linear answers `code` with. */
export function statusOf(code: string): number {
  return CODES[code]?.[1] ?? 500;
}

/** One error of an answer's `errors`. */
export function errorOf(code: string, message: string): { message: string; extensions: Extensions } {
  const [type] = CODES[code] ?? ["other"];
  const statusCode = statusOf(code);
  const userError = statusCode < 500;
  return { message, extensions: { type, code, statusCode, userError, userPresentableMessage: message } };
}

/** A mistake of whoever asks. */
export function inputError(message: string): Error {
  const { extensions } = errorOf("INPUT_ERROR", message);
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
}

/** There is no such object: Linear calls that a mistake of whoever asks, too. */
export function entityNotFound(kind: string): Error {
  const message = `Entity not found: ${kind}`;
  const { extensions } = errorOf("INPUT_ERROR", message);
  const told = { ...extensions, userPresentableMessage: `Could not find referenced ${kind}.` };
  return new GraphQLError(message, { extensions: { ...told, http: { status: 400 } } });
}
