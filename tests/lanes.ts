/**
 * The lanes of the test run: which tests there are, and what they want beside Deno.
 *
 * @module
 */

import { whyNoExecutable } from "./compiled/executable.ts";

/** A program that tests use, and the Debian package that brings it. */
export interface Tool {
  /** Looked for on the PATH, or as a file where it starts with a slash. */
  readonly program: string;
  /** What `apt-get install` takes. */
  readonly debian: string;
}

const tool = (program: string, debian = program): Tool => ({ program, debian });

/** Tests that are run together. */
export interface Lane {
  /** What `--lane` takes. */
  readonly name: string;
  /** Folders and files of `tests/`; one lane takes whatever no other lane names. */
  readonly holds: readonly string[] | "others";
  /** True where the tests make real mounts. */
  readonly mounts: boolean;
  /** What the tests use where it is there; a row whose tool is missing is skipped and says so. */
  readonly tools: readonly Tool[];
  /** True where the files may run side by side. */
  readonly parallel: boolean;
  /** Why the tests will skip themselves on this machine; undefined where they run. */
  readonly obstacle?: () => Promise<string | undefined>;
}

const BIND = [tool("named", "bind9"), tool("dnssec-signzone", "bind9-utils"), tool("openssl")];
const FUSE = [tool("fusermount3", "fuse3")];

const DOCKER = [tool("/usr/sbin/dockerd", "docker.io"), tool("/bin/busybox", "busybox-static")];

/** Every lane, in the order in which they run. */
export const LANES: readonly Lane[] = [
  { name: "unit", holds: "others", mounts: false, tools: [tool("git"), tool("patch")], parallel: true },
  {
    name: "component",
    holds: [
      "provider",
      "providers",
      "hostile",
      "conformance",
      "dns/bind_test.ts",
      "github",
      "arxiv/component_test.ts",
      "arxiv/events_test.ts",
      "linear/component_test.ts",
      "linear/mutations_test.ts",
      "linear/events_test.ts",
    ],
    mounts: false,
    tools: BIND,
    parallel: false,
  },
  {
    name: "upstreams",
    holds: [
      "docker/engine_test.ts",
      "docker/events_test.ts",
      "docker/podman_test.ts",
      "docker/mutations_test.ts",
    ],
    mounts: false,
    tools: [...DOCKER, tool("/usr/bin/podman", "podman")],
    parallel: false,
  },
  {
    name: "packer",
    holds: ["packer"],
    mounts: false,
    tools: [tool("strace"), tool("tar")],
    parallel: false,
  },
  {
    name: "cli",
    holds: ["cli", "security", "docs"],
    mounts: true,
    tools: [
      ...FUSE,
      tool("script", "bsdutils"),
      tool("systemd-analyze", "systemd"),
      tool("unshare", "util-linux"),
      tool("tmux"),
      tool("/usr/bin/chromium", "chromium"),
      tool("zsh"),
      tool("fish"),
      tool("mandoc"),
      tool("groff"),
      tool("man", "man-db"),
    ],
    parallel: false,
  },
  {
    name: "mounted",
    holds: ["mounted", "fuse/mount_test.ts"],
    mounts: true,
    parallel: false,
    tools: [
      ...FUSE,
      ...DOCKER,
      ...BIND,
      tool("rg", "ripgrep"),
      tool("fdfind", "fd-find"),
      tool("rsync"),
      tool("tree"),
      tool("inotifywait", "inotify-tools"),
      tool("jq"),
      tool("vim"),
      tool("file"),
      tool("less"),
      tool("script", "bsdutils"),
      tool("git"),
      tool("gcc"),
      tool("/usr/include/stdio.h", "libc6-dev"),
      tool("setfattr", "attr"),
      tool("diff", "diffutils"),
    ],
  },
  {
    name: "compiled",
    holds: ["compiled"],
    mounts: true,
    parallel: false,
    tools: [
      ...FUSE,
      tool("/bin/busybox", "busybox-static"),
      tool("unshare", "util-linux"),
      tool("curl"),
      tool("qemu-aarch64-static", "qemu-user-static"),
      tool("/usr/aarch64-linux-gnu/lib/libc.so.6", "libc6-arm64-cross"),
      tool("/usr/aarch64-linux-gnu/lib/libgcc_s.so.1", "libgcc-s1-arm64-cross"),
    ],
    obstacle: whyNoExecutable,
  },
  {
    name: "bench",
    holds: ["bench"],
    mounts: true,
    parallel: false,
    tools: [
      ...FUSE,
      tool("bindfs"),
      tool("gcc"),
      tool("/usr/include/stdio.h", "libc6-dev"),
      tool("pkg-config"),
      tool("/usr/include/fuse3/fuse_lowlevel.h", "libfuse3-dev"),
    ],
  },
];

/** The test files of each lane; `files` are relative to `tests/`. */
export function filesOfLanes(files: readonly string[]): Map<Lane, string[]> {
  const named = LANES.flatMap(({ holds }) => holds === "others" ? [] : [...holds]);
  const isIn = (places: readonly string[], file: string) =>
    places.some((place) => file === place || file.startsWith(`${place}/`));
  const belongs = ({ holds }: Lane, file: string) =>
    holds === "others" ? !isIn(named, file) : isIn(holds, file);
  return new Map(LANES.map((lane) => [lane, files.filter((file) => belongs(lane, file))]));
}
