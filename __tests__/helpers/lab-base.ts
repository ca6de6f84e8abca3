/** What every fleet of a live test says of the lab: its tailnet, its state, and the versions that are built for it. */
export const LAB = {
  name: "lab",
  tailnet: {
    domain: "lab.internal",
    controlServer: "http://10.61.0.1:8080",
    dialect: "headscale",
    tagOwners: ["lab@"],
  },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
} as const;
