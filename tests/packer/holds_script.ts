/**
 * Holds the workspace that it is told, says so, and waits to be killed.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Packer } from "../../runtime/packer/mod.ts";

const [workspace = ""] = Deno.args;
await Packer.open({ workspace, bus: new Bus(systemClock), clock: systemClock, program: "a stranger" });
console.log("held");
await new Promise(() => {});
