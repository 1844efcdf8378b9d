/**
 * A machine that systemd runs, or so it seems.
 *
 * @module
 */
import type { Place } from "./fixture.ts";

/** A `systemctl` that notes what it is asked, and says that all is well. */
export async function fakeSystemctl(
  here: Place,
  folder = `${here.dir}/bin`,
): Promise<{ path: string; asked: () => Promise<string[]> }> {
  await Deno.mkdir(folder, { recursive: true });
  const script = `#!/bin/sh
echo "$*" >> ${here.dir}/asked
case "$2" in show) printf 'Description=a test\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\n';; esac
`;
  await Deno.writeTextFile(`${folder}/systemctl`, script, { mode: 0o755 });
  const asked = async () => (await Deno.readTextFile(`${here.dir}/asked`)).trim().split("\n");
  return { path: `${folder}:${Deno.env.get("PATH") ?? ""}`, asked };
}
