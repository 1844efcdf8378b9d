/**
 * Opens the workspace that it is told and reads from its snapshot, between two marks that a trace shows.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Packer } from "../../runtime/packer/mod.ts";

const [workspace = ""] = Deno.args;
const packer = await Packer.open({
  workspace,
  bus: new Bus(systemClock),
  clock: systemClock,
  program: "a reader",
  watch: false,
});
await packer.digested();

const mark = (name: string) => Deno.lstat(`${workspace}/${name}`).catch(() => {});
let reads = 0;
await mark("reads-begin");
for (let round = 0; round < 500; round++) {
  using reader = packer.reader();
  for (const { id } of reader.assets()) reads += reader.files(id).length;
  if (reader.registry() !== "" && packer.status().state === "clean") {
    reads += (await packer.call("divergences", {})).length;
  }
  reads += reader.assets("included").length;
}
await mark("reads-end");
console.log(reads);
await packer.close();
