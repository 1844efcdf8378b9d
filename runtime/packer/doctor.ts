/**
 * Looks for every inconsistency between the snapshot, the registry and the disk. Changes nothing.
 *
 * @module
 */
import type { DoctorDocument, Finding } from "../base/packer.ts";
import { sameFingerprint } from "./facts.ts";
import { type Disk } from "./disk.ts";
import { entryAt, type FileRecord, recordsOf } from "./folder.ts";
import type { Digested, Place } from "./look.ts";
import { byCode, DECLARATION, RESCUED } from "./paths.ts";
import type { Project } from "./project.ts";
import type { Scout } from "./scout.ts";
import { type Asset, assetAt, rootsOf } from "./snapshot.ts";
import { joined, unreadMend } from "./unread.ts";

/** What a doctor needs. */
export interface DoctorParts {
  /** What is examined. */
  readonly project: Project;
  /** Looks at the disk. */
  readonly scout: Scout;
  /** Looks for leftovers. */
  readonly disk: Disk;
  /** The absolute path of `assets/`. */
  readonly assets: string;
}

/** Files in one question to the scout. */
const BATCH = 64;

/** Everything that is inconsistent; with `deep` every file's bytes are read again. */
export async function examine(parts: DoctorParts, deep: boolean): Promise<DoctorDocument> {
  const { project } = parts;
  const { generation } = project.snapshot;
  const findings = divergent(project);
  findings.push(...await walked(parts), ...await leftovers(parts));
  for (const asset of project.snapshot.assets.values()) findings.push(...missingInputs(asset));
  const digests = deep ? await bytesOf(parts) : { findings: [], digested: 0 };
  const known = new Set(findings.map(keyOf));
  findings.push(...digests.findings.filter((each) => !known.has(keyOf(each))));
  findings.sort((a, b) => byCode(a.path, b.path));
  const healthy = findings.every(({ severity }) => severity === "note");
  return { generation, healthy, digested: digests.digested, findings };
}

function divergent({ divergences }: Project): Finding[] {
  return divergences.map(({ id, kind, path, line, detail, choices }) => ({
    path,
    ...(line === undefined ? {} : { line }),
    rule: kind,
    severity: "error",
    message: detail,
    mend: [
      ...choices.map(({ name, does }) => `omnifs packer reconcile --accept ${id}=${name} (${does})`),
      ...(choices.length === 0 ? [`edit ${path}`] : []),
    ].join(", or "),
  }));
}

/** What a walk finds that no snapshot holds. */
async function walked({ project, scout }: DoctorParts): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { snapshot } = project;
  await scout.survey("", rootsOf(snapshot.registry), (places) => {
    for (const place of places) {
      if (assetAt(snapshot, place.root) === undefined) findings.push(...unregistered(project, place));
      findings.push(
        ...(place.columns?.unread ?? []).map(({ path, why }) => unread(joined(place.root, path), why)),
      );
      for (const { path, why } of place.columns?.skipped ?? []) {
        findings.push({
          path: `${place.root}/${path}`,
          rule: "not-taken",
          severity: "warning",
          message: `it is not part of the asset: ${why}`,
          mend: "put a file or a directory in its place, or remove it",
        });
      }
    }
  });
  return findings;
}

function unregistered({ places }: Project, { root }: Place): Finding[] {
  const seen = places.get(root);
  const invalid = seen !== undefined && "reading" in seen && !seen.reading.ok ? seen.reading.faults : [];
  const note: Finding = {
    path: root,
    rule: "unregistered",
    severity: "note",
    message: `it has an ${DECLARATION}, and is not registered`,
    mend: "register it, or leave it: a build does not take it",
  };
  return [
    note,
    ...invalid.map(({ path, line, message, mend }) => (
      { path, line, rule: "declaration-invalid", severity: "warning", message, mend } as const
    )),
  ];
}

/** Bytes that a repair moved out of its way are the author's to look through. */
async function leftovers({ disk, assets }: DoctorParts): Promise<Finding[]> {
  if (await disk.look(`${assets}/${RESCUED}`) === undefined) return [];
  return (await disk.list(`${assets}/${RESCUED}`)).map((name) => ({
    path: `${RESCUED}/${name}`,
    rule: "rescued",
    severity: "note",
    message: "a repair moved it here",
    mend: "take from it what is needed, then remove it",
  }));
}

/** Files that a declaration names among its inputs, and that are not there. */
function missingInputs({ entry, declared, folder }: Asset): Finding[] {
  if (declared === undefined || folder === undefined) return [];
  return Object.entries(declared.value.inputs).flatMap(([role, value]) =>
    [value].flat().filter((path): path is string => typeof path === "string" && path !== "")
      .filter((path) => entryAt(folder, path) === undefined)
      .map((path) => ({
        path: `${entry.root}/${DECLARATION}`,
        rule: "input-missing",
        severity: "warning" as const,
        message: `inputs.${role} names ${path}, which is not there`,
        mend: `add ${entry.root}/${path}, or change inputs.${role}`,
      }))
  );
}

/** Reads every file again: tells those whose bytes changed although nothing else about them did. */
async function bytesOf({ project, scout }: DoctorParts): Promise<{ findings: Finding[]; digested: number }> {
  const findings: Finding[] = [];
  const files: [string, FileRecord][] = [];
  for (const { entry, folder } of project.snapshot.assets.values()) {
    if (folder === undefined) continue;
    for (const [path, record] of recordsOf(folder)) files.push([`${entry.root}/${path}`, record]);
  }
  for (let done = 0; done < files.length; done += BATCH) {
    const batch = files.slice(done, done + BATCH);
    const found = await scout.digests(batch.map(([path]) => path));
    for (const [index, [path, record]] of batch.entries()) {
      const now = found[index];
      if (now === undefined || !("digest" in now)) findings.push(notDigested(path, now));
      else if (
        sameFingerprint(now.facts, record) && record.digest !== undefined && record.digest !== now.digest
      ) {
        findings.push(rotten(path));
      }
    }
  }
  return { findings, digested: files.length };
}

function notDigested(path: string, found: Digested | undefined): Finding {
  if (found !== undefined && "unread" in found) return unread(path, found.unread);
  const why = found !== undefined && "trouble" in found ? found.trouble : "it is gone";
  return { ...unread(path, why), severity: "warning" };
}

function unread(path: string, why: string): Finding {
  const message = `it cannot be read: ${why}`;
  return { path, rule: "unreadable", severity: "error", message, mend: unreadMend(why) };
}

function keyOf({ path, rule }: Finding): string {
  return JSON.stringify([path, rule]);
}

function rotten(path: string): Finding {
  return {
    path,
    rule: "digest",
    severity: "error",
    message: "its bytes differ from those that were read before, and nothing else about it does",
    mend: "compare it with a copy: the disk may be failing",
  };
}
