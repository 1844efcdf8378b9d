/**
 * The sample data in the shapes of the Docker Engine's API (docs.docker.com/reference/api/engine, version 1.47).
 *
 * @module
 */
import { digits } from "../digits.ts";
import { CONTAINERS, IMAGES, NETWORKS, type SampleContainer, type SampleImage, VOLUMES } from "./data.ts";

/** A JSON object of an answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** The project of every container that has a service. */
const PROJECT = "lighthouse";

/** When networks and volumes were made. */
const MADE = "2026-01-05T08:00:00Z";

/** Where the time of no event at all stands: Go's zero. */
const NEVER = "0001-01-01T00:00:00Z";

const seconds = (date: string) => Math.trunc(Date.parse(date) / 1_000);

/** The 64 digits of a container. */
export function containerId(container: SampleContainer): string {
  return digits(1 + CONTAINERS.indexOf(container), 64);
}

function imageId(image: SampleImage): string {
  return `sha256:${digits(101 + IMAGES.indexOf(image), 64)}`;
}

function imageIdOf({ image }: SampleContainer): string {
  const found = IMAGES.find(({ tags }) => tags.includes(image));
  return found === undefined ? "" : imageId(found);
}

/** The labels that Compose puts on a container. */
export function labelsOf({ service }: SampleContainer): Answer {
  return service === undefined
    ? {}
    : { "com.docker.compose.project": PROJECT, "com.docker.compose.service": service };
}

function networkOf({ service }: SampleContainer): string {
  return service === undefined ? "bridge" : `${PROJECT}_default`;
}

/** A container, as the list has it. */
export function summary(container: SampleContainer): Answer {
  const { name, image, command, port, created, ended } = container;
  return {
    Id: containerId(container),
    Names: [`/${name}`],
    Image: image,
    ImageID: imageIdOf(container),
    Command: command.join(" "),
    Created: seconds(created),
    Ports: port === undefined
      ? []
      : [{ IP: "127.0.0.1", PrivatePort: port[0], PublicPort: port[1], Type: "tcp" }],
    Labels: labelsOf(container),
    State: ended === undefined ? "running" : "exited",
    Status: ended === undefined ? "Up" : `Exited (${ended.code})`,
    HostConfig: { NetworkMode: networkOf(container) },
    NetworkSettings: { Networks: { [networkOf(container)]: { NetworkID: networkId(networkOf(container)) } } },
    Mounts: [],
  };
}

/** A container, as it is told alone. */
export function inspected(container: SampleContainer): Answer {
  const { name, image, command, env, port, created, started, ended } = container;
  const [Path = "", ...Args] = command;
  const bound = port && { [`${port[0]}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port[1]) }] };
  return {
    Id: containerId(container),
    Created: created,
    Path,
    Args,
    State: {
      Status: ended === undefined ? "running" : "exited",
      Running: ended === undefined,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: ended === undefined ? 1_000 + CONTAINERS.indexOf(container) : 0,
      ExitCode: ended?.code ?? 0,
      Error: "",
      StartedAt: started,
      FinishedAt: ended?.at ?? NEVER,
    },
    Image: imageIdOf(container),
    Name: `/${name}`,
    RestartCount: 0,
    Driver: "overlay2",
    Platform: "linux",
    HostConfig: {
      LogConfig: { Type: "json-file", Config: {} },
      NetworkMode: networkOf(container),
      PortBindings: bound ?? {},
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
    },
    Mounts: [],
    Config: {
      Hostname: containerId(container).slice(0, 12),
      Tty: false,
      Env: env,
      Cmd: command,
      Image: image,
      Labels: labelsOf(container),
    },
    NetworkSettings: {
      Ports: bound ?? {},
      Networks: { [networkOf(container)]: { NetworkID: networkId(networkOf(container)) } },
    },
  };
}

/** One measurement of a container; of one that has ended all is zero, as Docker has it. */
export function stats(container: SampleContainer, now: string): Answer {
  const up = container.ended === undefined;
  return {
    name: `/${container.name}`,
    id: containerId(container),
    read: up ? now : NEVER,
    preread: NEVER,
    pids_stats: up ? { current: 1, limit: 4_096 } : {},
    num_procs: 0,
    cpu_stats: { cpu_usage: { total_usage: up ? 41_500_000 : 0 }, throttling_data: { periods: 0 } },
    memory_stats: up ? { usage: 3_244_032, limit: 2_147_483_648 } : {},
    networks: up ? { eth0: { rx_bytes: 1_126, tx_bytes: 126 } } : {},
  };
}

/** An image, as the list has it. */
export function imageSummary(image: SampleImage): Answer {
  const inUse = CONTAINERS.filter((container) => image.tags.includes(container.image)).length;
  return {
    Id: imageId(image),
    ParentId: "",
    RepoTags: image.tags,
    RepoDigests: [],
    Created: seconds(image.created),
    Size: image.size,
    SharedSize: -1,
    Labels: null,
    Containers: inUse,
  };
}

/** The image with this id or tag, as it is told alone. */
export function inspectedImage(key: string): Answer | undefined {
  const image = IMAGES.find((one) => imageId(one) === key || one.tags.includes(key));
  return image && {
    Id: imageId(image),
    RepoTags: image.tags,
    RepoDigests: [],
    Created: image.created,
    Architecture: "amd64",
    Os: "linux",
    Size: image.size,
    RootFS: { Type: "layers", Layers: [`sha256:${digits(image.size, 64)}`] },
  };
}

function networkId(name: string): string {
  return digits(201 + NETWORKS.findIndex(([one]) => one === name), 64);
}

/** Every network. A list tells as much of one as there is. */
export function networks(): Answer[] {
  return NETWORKS.map(([Name, Driver]) => ({
    Name,
    Id: networkId(Name),
    Created: MADE,
    Scope: "local",
    Driver,
    EnableIPv6: false,
    Internal: false,
    Attachable: false,
    Containers: {},
    Options: {},
    Labels: {},
  }));
}

/** Every volume, likewise. */
export function volumes(): Answer[] {
  return VOLUMES.map((Name) => ({
    CreatedAt: MADE,
    Driver: "local",
    Labels: { "com.docker.compose.project": PROJECT },
    Mountpoint: `/var/lib/docker/volumes/${Name}/_data`,
    Name,
    Options: null,
    Scope: "local",
  }));
}

/** What the engine says of itself. */
export const VERSION: Answer = {
  Platform: { Name: "omnifs demo" },
  Version: "27.5.1",
  ApiVersion: "1.47",
  MinAPIVersion: "1.24",
  Os: "linux",
  Arch: "amd64",
};

/** What it says of the machine. */
export function info(now: string): Answer {
  const running = CONTAINERS.filter(({ ended }) => ended === undefined).length;
  return {
    Name: "lighthouse",
    Containers: CONTAINERS.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: CONTAINERS.length - running,
    Images: IMAGES.length,
    Driver: "overlay2",
    SystemTime: now,
    ServerVersion: VERSION["Version"],
    OperatingSystem: "omnifs demo",
  };
}

/** What takes how much room. */
export function diskUsage(): Answer {
  return {
    LayersSize: IMAGES.reduce((sum, { size }) => sum + size, 0),
    Images: IMAGES.map(imageSummary),
    Containers: CONTAINERS.map(summary),
    Volumes: volumes(),
    BuildCache: [],
  };
}
