/**
 * The container of a small studio: it owns the typed event bus, and is there before anything that uses the packer.
 *
 * @module
 */
import { Bus, createOmnifs, type Omnifs, systemClock } from "../../../runtime/mod.ts";

/** What the parts of the studio share. */
export class Container implements AsyncDisposable {
  /** The one bus of the application. */
  readonly bus: Bus = new Bus(systemClock);
  /** omnifs, on that bus. */
  readonly omnifs: Omnifs = createOmnifs({ bus: this.bus });

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.omnifs.close();
  }
}
