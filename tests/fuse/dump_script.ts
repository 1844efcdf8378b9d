/**
 * Crashes; with an argument, after it forbade a core file.
 *
 * @module
 */
import { forbidDump } from "../../fuse/mod.ts";

if (Deno.args.length > 0) forbidDump();
Deno.kill(Deno.pid, "SIGABRT");
// The signal may take another thread, and a moment.
await new Promise(() => setInterval(() => {}, 1_000));
