import type { Group } from "../group";
import type { ConsulService } from "../service";
import { servicesOf } from "./discovery";
import { isLiteral } from "./report";

/** A service that a job states it calls. */
export interface Call {
  readonly service: string;
  /** Where the job says so. */
  readonly path: string;
}

/** Template functions that look up one service: Nomad's and Consul's. `nomadServices` lists all and names none. */
const lookup =
  /(?<![\w$.])(?:nomadService\s+(?:\d+\s+(?:\([^)]*\)|\S+)\s+)?|service\s+|connect\s+)["'`]([^"'`]+)["'`]/g;

/**
 * Services that templates and Consul's sidecars of a group call. What a program finds by itself is known to nobody.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/template#nomad-services
 */
export function callsOf(group: Group, groupName: string): readonly Call[] {
  return [...templateCalls(group, `groups.${groupName}`), ...upstreamCalls(group, groupName)];
}

function templateCalls(group: Group, path: string): Call[] {
  return Object.entries(group.tasks).flatMap(([task, { templates = [] }]) =>
    templates.flatMap(({ data = "", leftDelimiter = "{{", rightDelimiter = "}}" }, index) =>
      /service|connect/i.test(data)
        ? actionsOf(data, leftDelimiter, rightDelimiter).flatMap((action) =>
            [...action.matchAll(lookup)].flatMap(([, text = ""]) => {
              const service = nameIn(text);
              return service === undefined ? [] : [{ service, path: `${path}.tasks.${task}.templates.${index}.data` }];
            }),
          )
        : [],
    ),
  );
}

/** The texts between delimiters. */
export function actionsOf(data: string, left: string, right: string): string[] {
  return data
    .split(left)
    .slice(1)
    .map((part) => part.split(right)[0] ?? "");
}

/** The service in `tag.name|filter`; undefined for one of another datacenter or region, and for text that Nomad completes. */
function nameIn(text: string): string | undefined {
  const query = text.split("|")[0]?.split("~")[0] ?? "";
  if (!isLiteral(query) || query.includes("@")) return undefined;
  return query.slice(query.indexOf(".") + 1);
}

function upstreamCalls(group: Group, groupName: string): Call[] {
  return servicesOf(group, groupName).flatMap(({ service, path: at }) =>
    ((service as ConsulService).connect?.sidecarService?.proxy?.upstreams ?? []).flatMap(
      ({ destinationName = "", destinationType = "service", datacenter, destinationPeer }, index) =>
        destinationType === "service" &&
        datacenter === undefined &&
        destinationPeer === undefined &&
        destinationName !== "" &&
        isLiteral(destinationName)
          ? [
              {
                service: destinationName,
                path: `${at}.connect.sidecarService.proxy.upstreams.${index}.destinationName`,
              },
            ]
          : [],
    ),
  );
}
