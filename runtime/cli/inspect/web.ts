/** stub @module */
import type { ControlClient } from "../../control/client.ts";
import type { Context } from "../command.ts";
/** stub */
export async function serveWeb(_: Context, __: ControlClient): Promise<void> {}
