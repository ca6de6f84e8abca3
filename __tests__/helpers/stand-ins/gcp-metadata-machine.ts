/** `tsx gcp-metadata-machine.ts`: the metadata server of the machine in whose network it runs, which must hold 169.254.169.254. */
import { createServer } from "node:http";
import { gcpMetadata } from "./gcp-metadata";
import { withBody } from "./http";

void gcpMetadata("small-l4-x7k2", async (handle) => {
  const server = createServer(withBody(handle));
  await new Promise<void>((resolve) => server.listen(80, "169.254.169.254", resolve));
  return {
    url: "http://169.254.169.254",
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
});
