/**
 * Whose token is it? The question that each service answers, asked before a token is stored.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { SERVICES } from "./credentials.ts";
import type { OwnAnswer, OwnClient, OwnRequest } from "./own_client.ts";

/** What a service says of a token. */
export interface Account {
  /** The name of its owner. */
  readonly account: string;
  /** What it may do; undefined where the service does not say (GitHub's fine-grained tokens). */
  readonly scopes?: readonly string[];
}

/** How a service is asked. */
interface Check {
  request(api: string): OwnRequest;
  account(answer: OwnAnswer): Account | undefined;
  /** True where the answer says in words of its own, and not by its status, that the token is not accepted. */
  refuses?(answer: OwnAnswer): boolean;
}

/** By the name of the bundled provider, as in `SERVICES`. */
const CHECKS: Readonly<Record<string, Check>> = {
  // https://docs.github.com/en/rest/users/users#get-the-authenticated-user
  github: {
    request: (api) => ({ url: `${api}/user`, headers: { "accept": "application/vnd.github+json" } }),
    account({ fields, headers }) {
      const scopes = headers.get("x-oauth-scopes");
      if (typeof fields["login"] !== "string") return undefined;
      return {
        account: fields["login"],
        ...(scopes === null
          ? {}
          : { scopes: scopes.split(",").map((scope) => scope.trim()).filter(Boolean) }),
      };
    },
  },
  // https://linear.app/developers/graphql
  linear: {
    request: (api) => ({ url: `${api}/graphql`, body: { query: "{ viewer { email } }" } }),
    account({ fields }) {
      const email = at(at(fields["data"], "viewer"), "email");
      return typeof email === "string" ? { account: email } : undefined;
    },
    // Its errors go by their code; the status may be that of any mistake.
    refuses({ fields: { errors } }) {
      const codes = Array.isArray(errors) ? errors.map((error) => at(at(error, "extensions"), "code")) : [];
      return codes.includes("AUTHENTICATION_ERROR") || codes.includes("FORBIDDEN");
    },
  },
};

/** The service whose credential is called `name`; undefined where none is known for it. */
export function serviceOf(name: string): string | undefined {
  return Object.keys(SERVICES).find((service) => SERVICES[service]?.credential === name);
}

/**
 * Asks the API at `api` whose the credential is; undefined where nobody knows how to ask.
 *
 * @throws {OmnifsError} `unauthorized` where it is refused, `unavailable` where the answer says something else
 */
export async function accountOf(
  client: OwnClient,
  api: string,
  credential: { readonly name: string; readonly secret: string },
  signal?: AbortSignal,
): Promise<Account | undefined> {
  const check = CHECKS[serviceOf(credential.name) ?? ""];
  if (check === undefined) return undefined;
  const request = check.request(api.replace(/\/+$/, ""));
  const answer = await client.ask({ ...request, credential, ...(signal === undefined ? {} : { signal }) });
  const { status, host } = answer;
  if (status === 401 || status === 403 || check.refuses?.(answer)) {
    throw new OmnifsError("unauthorized", `${host} does not accept this ${credential.name} (${status})`, {
      mend: "make a new one there, then omnifs auth login",
    });
  }
  const account = status === 200 ? check.account(answer) : undefined;
  if (account !== undefined) return account;
  throw new OmnifsError("unavailable", `${host} did not say whose ${credential.name} it is (${status})`, {
    mend: "see that --url is the address of its API; --unchecked stores it unasked",
  });
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
