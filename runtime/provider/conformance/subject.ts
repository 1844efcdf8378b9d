/**
 * What is held to the rules: two instances of one provider, asked one call at a time.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { Provider } from "../provider.ts";

/** What a call came to, and how many requests it took. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  | { readonly ok: false; readonly error: OmnifsError };

/** One provider, twice: what the second is asked, it was told nothing of before. */
export interface Subject {
  /** The one that is walked through. */
  readonly first: Provider;
  /** Another one of the same component, with the same settings, behind the same gate. */
  readonly second: Provider;
}

/**
 * Makes one call of `provider`. A failure is an outcome like any other.
 *
 * @throws {OmnifsError} `interrupted` where the run was ended
 */
export async function outcomeOf<Value>(
  provider: Provider,
  call: (provider: Provider) => Promise<Value>,
): Promise<Outcome<Value>> {
  const before = provider.counts.callouts;
  try {
    const value = await call(provider);
    return { ok: true, value, cost: provider.counts.callouts - before };
  } catch (error) {
    if (!(error instanceof OmnifsError) || error.kind === "interrupted") throw error;
    return { ok: false, error };
  }
}
