/**
 * The pages at the roots of a daemon's mounts: written when they are first read, and again when what they tell changes.
 *
 * @module
 */
import type { Bus, OmnifsEvents } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import type { DaemonOptions } from "./control/options.ts";
import { type GuideFacts, guidePage, type GuideSetting } from "./daemon_guide_page.ts";
import type { ReadyProvider } from "./daemon_providers.ts";
import { flagForNeed } from "./egress/grant.ts";
import type { Grants, ObservableGate, Webhooks } from "./egress/mod.ts";
import { GUIDE_ID, type GuidePage } from "./vfs/guided.ts";
import type { Invalidator } from "./vfs/invalidator.ts";

/** What the pages are about. */
export interface GuideParts {
  /** The time. */
  readonly clock: Clock;
  /** Where it is told that something may have changed. */
  readonly bus: Bus;
  /** What the daemon was started with. */
  readonly options: DaemonOptions;
  /** What was granted. */
  readonly grants: Grants;
  /** Whose credentials are in use. */
  readonly gate: Pick<ObservableGate, "describe">;
  /** The webhook receiver, where there is one. */
  readonly webhooks: Webhooks | undefined;
}

/** What a page tells may be another thing after these: a credential that was refused, a mount that takes deliveries. */
const TELLING: readonly (keyof OmnifsEvents)[] = ["callout.done", "watch.started"];

/** The pages. */
export class Guides {
  readonly #parts: GuideParts;
  readonly #providers = new Map<string, ReadyProvider>();
  readonly #pages = new Map<string, GuidePage & { readonly text: string }>();
  #invalidator: Invalidator | undefined;

  /** Pages of `ready`. */
  constructor(parts: GuideParts, ready: readonly ReadyProvider[]) {
    this.#parts = parts;
    for (const each of ready) this.#providers.set(each.provider.mount, each);
  }

  /** The page of `mount` as readers have it; it changes only by {@linkcode Guides.look}. */
  page(mount: string): GuidePage {
    return this.#pages.get(mount) ?? this.#write(mount, this.#textOf(mount));
  }

  /** From now on `invalidator` is told of pages that change. Ends with the returned function. */
  tell(invalidator: Invalidator): () => void {
    this.#invalidator = invalidator;
    return this.#parts.bus.subscribe(({ type, data }) => {
      if (TELLING.includes(type) && "mount" in data) this.look(String(data.mount));
    });
  }

  /** Looks whether the page of `mount`, or of each one, has to change; the cache and the kernel are told. */
  look(mount?: string): void {
    for (const each of mount === undefined ? [...this.#pages.keys()] : [mount]) {
      const text = this.#pages.has(each) ? this.#textOf(each) : undefined;
      if (text === undefined || text === this.#pages.get(each)?.text) continue;
      this.#write(each, text);
      this.#invalidator?.apply(each, [{ tag: "node", id: GUIDE_ID }], "its page changed");
    }
  }

  #write(mount: string, text: string): GuidePage {
    const before = this.#pages.get(mount)?.modified ?? -Infinity;
    // Two texts never have the same time, by which states are told apart.
    const modified = Math.max(this.#parts.clock.now(), before + 1);
    const page = { text, bytes: new TextEncoder().encode(text), modified };
    this.#pages.set(mount, page);
    return page;
  }

  #textOf(mount: string): string {
    const ready = this.#providers.get(mount);
    return ready === undefined ? "" : guidePage(this.#facts(ready));
  }

  #facts({ provider, source }: ReadyProvider): GuideFacts {
    const { grants, gate, options, webhooks } = this.#parts;
    const { mount, manifest, guide } = provider;
    const drafts = options.dir === null || options.draftDir === null ? "unmounted" : "withheld";
    const apply = drafts === "withheld" && options.allowApply.includes(mount) ? "granted" : drafts;
    return {
      mount,
      provider: manifest,
      bundled: source === "bundled",
      needs: manifest.needs.map((need) => ({
        ...need,
        granted: grants.covers(need),
        flag: flagForNeed(need),
      })),
      credentials: gate.describe().credentials.filter((each) => each.mount === mount),
      changes: provider.takesDrafts ? apply : "none",
      deliveries: webhooks === undefined ? "none" : webhooks.takes(mount) ? "taken" : "unverified",
      settings: settingsOf(manifest.settingsSchema, options.settings[mount] ?? {}),
      guide,
    };
  }
}

/** Names of settings that may hold a secret whatever the schema says. */
const SECRET_KEY = /token|key|secret|pass|auth|cred/i;

/** The settings of `schema`, which was checked at the start, with what the user gave. */
function settingsOf(schema: string, given: Readonly<Record<string, unknown>>): GuideSetting[] {
  const properties = fieldsOf(fieldsOf(JSON.parse(schema)).get("properties"));
  return [...properties].map(([key, property]) => {
    const fields = fieldsOf(property);
    const description = fields.get("description");
    return {
      key,
      value: given[key] ?? fields.get("default"),
      given: Object.hasOwn(given, key),
      secret: fields.get("writeOnly") === true || fields.get("format") === "password" || SECRET_KEY.test(key),
      description: typeof description === "string" ? description : undefined,
    };
  });
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
