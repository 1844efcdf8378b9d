/**
 * Opens the workspace that it is told, commits, and is killed at the call that it is told: a process that has really
 * gone, with no chance to clean up.
 *
 * Arguments: the workspace, the number of the call; 0 only counts, and prints how many there were.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { systemDisk } from "../../runtime/packer/disk.ts";
import { Packer } from "../../runtime/packer/mod.ts";
import { COMMANDS, CORRELATION } from "./crash.ts";
import { Scouting } from "./local_scout.ts";
import { MortalDisk } from "./mortal_disk.ts";

const [workspace = "", at = "0"] = Deno.args;
const disk = new MortalDisk(Number(at), "is killed", systemDisk);
const packer = await Packer.open({
  workspace,
  bus: new Bus(systemClock),
  clock: systemClock,
  program: "the victim",
  watch: false,
  disk,
  scout: (assets) => new Scouting(assets),
});
await packer.digested();
disk.arm();
await packer.commit(COMMANDS, CORRELATION);
console.log(disk.calls.length);
await packer.close();
