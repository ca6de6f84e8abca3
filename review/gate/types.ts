import type { Json } from "../json";

/** An entry below a directory. */
export interface DirectoryEntry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "other";
}

/** A document of a directory of synthesized stacks. */
export interface GatedDocument {
  readonly name: string;
  readonly document: Json;
  /** As it is in the file. */
  readonly text: string;
}

/** A directory of synthesized stacks that anybody may have written. */
export interface Synthesized {
  readonly entries: readonly DirectoryEntry[];
  readonly manifest: Json;
  readonly stacks: readonly GatedDocument[];
  /** What the fleet is, as data. */
  readonly fleet?: unknown;
}

/** A provider at a version. */
export interface AllowedProvider {
  /** Shape: `hashicorp/aws`. */
  readonly source: string;
  readonly version: string;
}

/** What may be in a change although the base does not have it. */
export interface Allowed {
  readonly providers: readonly AllowedProvider[];
  /** How a provider may be set up, by its source. */
  readonly configurations: readonly { readonly source: string; readonly configuration: Json }[];
  /** Types. Shape: `["aws_ami"]`. */
  readonly dataSources: readonly string[];
  readonly ephemeralResources: readonly string[];
  /** Sources. */
  readonly modules: readonly string[];
  /** Kinds. `local-exec` is none of them whatever is said here. */
  readonly provisioners: readonly string[];
  /** Names. */
  readonly variables: readonly string[];
}
