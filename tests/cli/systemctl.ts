/**
 * A machine that systemd runs, or so it seems.
 *
 * @module
 */
import type { Place } from "./fixture.ts";

/**
 * A `systemctl` that notes what it is asked, and says that all is well. `restart` runs what the unit says, and `disable`
 * ends it. With `broken` nothing is run, and a unit has failed.
 */
export async function fakeSystemctl(
  here: Place,
  { folder = `${here.dir}/bin`, broken = false } = {},
): Promise<{ path: string; asked: () => Promise<string[]> }> {
  await Deno.mkdir(folder, { recursive: true });
  const state = broken ? "ActiveState=failed\\nSubState=failed" : "ActiveState=active\\nSubState=running";
  const script = `#!/bin/sh
echo "$*" >> ${here.dir}/asked
end() { test -f ${here.dir}/pid && kill "$(cat ${here.dir}/pid)"; rm -f ${here.dir}/pid; }
case "$2" in
show) printf 'Description=a test\\n${state}\\nUnitFileState=enabled\\n';;
restart) ${broken ? "exit 0" : ""}
  end
  # Nothing in it needs another quoting in a shell than in a unit.
  line=$(sed -n 's/^ExecStart=//p' "$XDG_CONFIG_HOME/systemd/user/$3")
  OMNIFS_UNIT=$3 sh -c "echo \\$\\$ > ${here.dir}/pid; exec $line" < /dev/null > /dev/null 2>&1 &;;
disable) end;;
esac
`;
  await Deno.writeTextFile(`${folder}/systemctl`, script, { mode: 0o755 });
  const asked = async () => (await Deno.readTextFile(`${here.dir}/asked`)).trim().split("\n");
  return { path: `${folder}:${Deno.env.get("PATH") ?? ""}`, asked };
}
