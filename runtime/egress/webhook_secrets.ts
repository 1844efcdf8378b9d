/**
 * Where the secrets of webhooks come from: a file that the user named, or whatever a credential comes from.
 *
 * Each line of a file is a secret, and every line is good. So a secret is replaced without a gap: write the new one
 * into a second line, change it upstream, remove the old line. What the file does not hold any more is not accepted
 * any more, from the next delivery on.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { CredentialSource } from "./credential_sources.ts";
import { sendable, SERVICES, WEBHOOK_SECRET } from "./credentials.ts";

/** One `--webhook-secret-file [MOUNT=]FILE`. */
export interface SecretFile {
  /** The mount whose deliveries are signed by what it holds; every mount's where it is missing. */
  readonly mount?: string;
  /** Its path. */
  readonly path: string;
}

/** The secrets of one mount. */
export interface FoundSecrets {
  /** Those that are good; the first one signs samples. */
  readonly secrets: readonly string[];
  /** Where they came from: the path of a file, or `environment`, `helper`, `store`; undefined where there is none. */
  readonly source: string | undefined;
  /** What is wrong, or not as it should be; holds no secret. */
  readonly problem: string | undefined;
  /** What to do about it. */
  readonly mend: string | undefined;
}

/** Finds the secrets of a mount; `again` where it was asked a moment ago. Never rejects. */
export type SecretSource = (mount: string, again: boolean) => Promise<FoundSecrets>;

/** What {@linkcode webhookSecrets} stands on. */
export interface WebhookSecretParts {
  /** The files that the user named; the last one for a mount counts. */
  readonly files: readonly SecretFile[];
  /** Finds what no file holds. */
  readonly credentials: CredentialSource;
  /** The name of the bundled provider under a mount name; undefined where it is another's component. */
  readonly bundled: (mount: string) => string | undefined;
  /** The time. */
  readonly clock: Clock;
}

/** Where the secret of a webhook may be "sent": nowhere. In the place of a host in the store. */
const WEBHOOK_TARGET = "webhook";

/** Most lines of a file that are taken: the old secret, the new one, and room for a mistake. */
const SECRETS_MAX = 4;

/** Bytes that are read of a file. */
const FILE_BYTES = 16 * 1024;

/** Characters below which a secret can be guessed: GitHub's own advice is a random string of high entropy. */
const LEAST_CHARACTERS = 16;

/** Milliseconds for which helpers and the store are not asked again because a signature did not match. */
const ASK_AGAIN_AFTER = 30_000;

/** The secret's name for a provider. */
function webhookName(provider: string | undefined): string {
  const service = provider !== undefined && Object.hasOwn(SERVICES, provider)
    ? SERVICES[provider]
    : undefined;
  return service?.webhook ?? WEBHOOK_SECRET;
}

/** Finds secrets where the user said that they are. */
export function webhookSecrets(parts: WebhookSecretParts): SecretSource {
  const found = new Map<string, { readonly at: number; readonly found: FoundSecrets }>();
  return async (mount, again) => {
    const file = parts.files.findLast((each) => each.mount === mount) ??
      parts.files.findLast((each) => each.mount === undefined);
    if (file !== undefined) return await fromFile(file.path);
    const before = found.get(mount);
    const now = parts.clock.monotonic();
    if (again && before !== undefined && now - before.at < ASK_AGAIN_AFTER) return before.found;
    const fresh = await fromCredentials(parts, mount);
    found.set(mount, { at: now, found: fresh });
    return fresh;
  };
}

async function fromCredentials(
  { credentials, bundled }: WebhookSecretParts,
  mount: string,
): Promise<FoundSecrets> {
  const name = webhookName(bundled(mount));
  const finding = await credentials.find({ mount, name, target: WEBHOOK_TARGET });
  if ("secret" in finding) return checked([finding.secret], finding.source);
  return {
    secrets: [],
    source: undefined,
    problem: `no secret: ${name} is ${finding.why}`,
    mend:
      `--webhook-secret-file ${mount}=FILE, or omnifs auth login ${mount} --credential ${name} --host ${WEBHOOK_TARGET}`,
  };
}

async function fromFile(path: string): Promise<FoundSecrets> {
  try {
    const text = await firstBytes(path);
    const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    if (lines.length > SECRETS_MAX) {
      throw new Error(`more than ${SECRETS_MAX} lines: it is no file of secrets`);
    }
    if (lines.length === 0) throw new Error("it is empty");
    return checked(lines, path);
  } catch (error) {
    const problem = `no secret in ${path}: ${messageOf(error)}`;
    return { secrets: [], source: undefined, problem, mend: `openssl rand -hex 32 > ${path}` };
  }
}

async function firstBytes(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(FILE_BYTES);
  const length = await file.read(bytes) ?? 0;
  if (length === FILE_BYTES) throw new Error(`over ${FILE_BYTES} bytes: it is no file of secrets`);
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function checked(lines: readonly string[], source: string): FoundSecrets {
  try {
    const secrets = lines.map((line) => sendable("the webhook's secret", line));
    const short = secrets.some((secret) => secret.length < LEAST_CHARACTERS);
    return {
      secrets,
      source,
      problem: short
        ? `the secret is shorter than ${LEAST_CHARACTERS} characters: it can be guessed`
        : undefined,
      mend: short ? "openssl rand -hex 32 makes a good one" : undefined,
    };
  } catch (error) {
    return { secrets: [], source: undefined, problem: messageOf(error), mend: "set the secret alone" };
  }
}
