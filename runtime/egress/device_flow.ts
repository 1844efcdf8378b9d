/**
 * GitHub's device flow: a code to type into a browser anywhere, and a token once that was done (RFC 8628, and
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow).
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { asOmnifsError, OmnifsError } from "../base/errors.ts";
import type { OwnAnswer, OwnClient } from "./own_client.ts";

/** What the person has to do. */
export interface DevicePrompt {
  /** What to type there. */
  readonly userCode: string;
  /** Where. */
  readonly verificationUri: string;
  /** Milliseconds until the code is no longer good. */
  readonly milliseconds: number;
}

/** How to log in. */
export interface DeviceLogin {
  /** The address of the website, `https://github.com`. */
  readonly web: string;
  /** Which OAuth app asks. */
  readonly clientId: string;
  /** What the token shall be good for. */
  readonly scopes: readonly string[];
  /** Told once there is a code. */
  readonly show: (prompt: DevicePrompt) => void;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/** Seconds between two questions where the server does not say (RFC 8628, 3.2). */
const INTERVAL = 5;

/** Seconds more after each `slow_down` (RFC 8628, 3.5). */
const SLOWER = 5;

/** Seconds for which a code is good where the server does not say; GitHub's are good for 15 minutes. */
const EXPIRY = 900;

/** The grant type of RFC 8628, 3.4. */
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Why a server ends a login (RFC 8628, 3.5, and GitHub's own), in words for people. */
const ENDINGS: Readonly<Record<string, string>> = {
  access_denied: "the login was refused in the browser",
  device_flow_disabled: "this OAuth app has the device flow turned off",
  expired_token: "the code was not entered in time",
  incorrect_client_credentials: "there is no OAuth app with this client id",
  incorrect_device_code: "the server does not know the code any more",
};

/**
 * A token, once the person has entered the code.
 *
 * @throws {OmnifsError} `denied` where the login was refused or not made in time, `unavailable` where the server makes no
 *   sense
 */
export async function deviceToken(
  client: Pick<OwnClient, "ask">,
  clock: Clock,
  login: DeviceLogin,
): Promise<string> {
  const { web, clientId, scopes, signal } = login;
  const given = signal === undefined ? {} : { signal };
  const asked = new URLSearchParams({ client_id: clientId, scope: scopes.join(" ") });
  const begun = await client.ask({ url: `${web}/login/device/code`, body: asked, ...given });
  const [deviceCode, userCode] = [text(begun, "device_code"), text(begun, "user_code")];
  const milliseconds = 1000 * (number(begun, "expires_in") ?? EXPIRY);
  login.show({ userCode, verificationUri: text(begun, "verification_uri"), milliseconds });
  const end = clock.monotonic() + milliseconds;
  let interval = number(begun, "interval") ?? INTERVAL;
  const body = new URLSearchParams({ client_id: clientId, device_code: deviceCode, grant_type: GRANT });
  while (clock.monotonic() < end) {
    await sleep(clock, 1000 * interval, signal);
    const answer = await reached(client.ask({ url: `${web}/login/oauth/access_token`, body, ...given }));
    // A server that cannot be reached is asked half as often (RFC 8628, 3.5).
    if (answer === undefined) interval = 2 * Math.max(interval, 1);
    else if (typeof answer.fields["access_token"] === "string") return answer.fields["access_token"];
    else if (answer.fields["error"] === "slow_down") {
      interval = number(answer, "interval") ?? interval + SLOWER;
    } else if (answer.fields["error"] !== "authorization_pending") throw ended(answer);
  }
  throw refused(ENDINGS["expired_token"] ?? "");
}

/** The answer; undefined where there is none. */
async function reached(answer: Promise<OwnAnswer>): Promise<OwnAnswer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (asOmnifsError(error).kind === "unavailable") return undefined;
    throw error;
  }
}

function text(answer: OwnAnswer, field: string): string {
  const value = answer.fields[field];
  if (typeof value === "string" && value !== "") return value;
  throw ended(answer);
}

function number({ fields }: OwnAnswer, field: string): number | undefined {
  const value = fields[field];
  return typeof value === "number" && value >= 0 ? value : undefined;
}

function ended({ fields, host, status }: OwnAnswer): OmnifsError {
  const error = fields["error"];
  const known = typeof error === "string" && Object.hasOwn(ENDINGS, error) ? ENDINGS[error] : undefined;
  if (known !== undefined) return refused(known);
  return new OmnifsError("unavailable", `${host} does not answer as the device flow has it (${status})`, {
    mend: "see that --client-id and --url are right",
  });
}

function refused(why: string): OmnifsError {
  return new OmnifsError("denied", `not logged in: ${why}`, { mend: "omnifs auth login --device" });
}
