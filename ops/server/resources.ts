import type { Json, Stack } from "../terraform/stack";

/** Addresses of what a stack holds for one server. */
export interface ServerResources {
  /** What Terraform is told to replace. */
  readonly replaced: string;
  /**
   * What a replacement may touch: the delivery, and in a cloud the machine and what names it, such as the attachment of its volume.
   */
  readonly own: readonly string[];
  /** What has been there since the server was first made, and stays: its data volume, or its record where it is the user's. */
  readonly lasting: string;
}

/** Looks a server up among the resources of its site's stack. Nothing where it is not in service. */
export function serverResources(stack: Stack, server: string, isOnPrem: boolean): ServerResources | undefined {
  const resources = resourcesOf(stack);
  const addressOf = (id: string) => resources.find(({ path }) => path.endsWith(`/${server}/${id}`))?.address;
  const delivery = addressOf("Delivery");
  const machine = addressOf("Machine");
  if (machine === undefined || delivery === undefined) return undefined;
  if (isOnPrem) return { replaced: delivery, own: [delivery], lasting: machine };
  const data = addressOf("Data");
  if (data === undefined) return undefined;
  const machines = resources.filter(({ path }) => path.endsWith("/Machine")).map(({ address }) => address);
  // What names several machines is not this one's alone.
  const naming = resources.filter(
    ({ text }) => machines.filter((other) => text.includes(`\${${other}.`)).join() === machine,
  );
  return { replaced: machine, own: [machine, ...naming.map(({ address }) => address)], lasting: data };
}

/** Resources by address, with the path of their construct and the text of their arguments. */
function resourcesOf({ document }: Stack) {
  return Object.entries((document["resource"] ?? {}) as Record<string, Record<string, Annotated>>).flatMap(
    ([type, resources]) =>
      Object.entries(resources).map(([name, { "//": annotation, ...body }]) => ({
        address: `${type}.${name}`,
        path: annotation?.metadata?.path ?? "",
        text: JSON.stringify(body),
      })),
  );
}

interface Annotated extends Json {
  readonly "//"?: { readonly metadata?: { readonly path?: string } };
}

/** How far a server stands in the state. */
export interface Standing {
  /** It was made once. */
  readonly known: boolean;
  /** What of it is missing or was not finished: an earlier replacement was interrupted, or a delivery failed. */
  readonly unfinished: readonly string[];
}

/** Reads where a server stands from the state as `terraform show -json` gives it. */
export function standingOf(state: Json, resources: ServerResources): Standing {
  const { values } = state as { values?: { root_module?: { resources?: readonly StateResource[] } } };
  const found = new Map((values?.root_module?.resources ?? []).map((resource) => [resource.address, resource]));
  return {
    known: found.has(resources.lasting),
    unfinished: resources.own.filter((address) => found.get(address)?.tainted ?? !found.has(address)),
  };
}

interface StateResource {
  readonly address: string;
  readonly tainted?: boolean;
}
