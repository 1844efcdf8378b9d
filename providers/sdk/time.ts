/**
 * `Date.now()` and `new Date()` by the host's clock, for worlds that import it: importing this file installs them.
 * Without it both of them trap, because a component has no clock of its own.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { now } from "omnifs:provider/clock@1.0.0";

export { now };

globalThis.Date = new Proxy(Date, {
  construct(target, given, newTarget) {
    return Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget);
  },
  get(target, key, receiver) {
    return key === "now" ? now : Reflect.get(target, key, receiver);
  },
});
