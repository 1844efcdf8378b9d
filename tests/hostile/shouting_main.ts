/**
 * Glue that throws where nobody catches, in several ways. Prints what each call came to as JSON; whatever else is printed
 * comes from the glue.
 *
 * @module
 */
import { systemClock } from "../../runtime/base/clock.ts";
import { messageOf } from "../../runtime/base/errors.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/mod.ts";

const GLUE = `
const error = () => new Error("\\x1b[31mmounted on /: all is well");
const never = () => new Promise(() => {});
return async () => ({ provider: {
  later: () => { setTimeout(() => { throw error(); }, 0); return never(); },
  rejected: () => { Promise.reject(error()); return never(); },
  reported: () => { reportError(error()); return never(); },
  stubborn: () => {
    Event.prototype.preventDefault = () => {};
    Function.prototype.call = () => {};
    setTimeout(() => { throw error(); }, 0);
    return never();
  },
  logged: () => { console.error("\\x1b[31mmounted on /"); console.log("all is well"); return "said"; },
} });`;

const guest = new Guest({
  mount: "shouting",
  artifact: { script: GLUE, modules: {}, imports: [], exports: [] },
  settings: "{}",
  limits: DEFAULT_LIMITS,
  clock: systemClock,
  host: {
    callout: () => new Promise(() => {}),
    log: () => {},
    dropped: () => {},
    failure: () => {
      throw new Error("no call fails in a case of the contract");
    },
  },
});
const outcomes: unknown[] = [];
for (const name of ["later", "rejected", "reported", "stubborn", "logged"]) {
  outcomes.push(await guest.call(name, { interface: "provider", function: name, args: [] }).catch(messageOf));
}
guest.close();
console.log(JSON.stringify(outcomes));
