/** Host networks that every machine has; both are the tailnet. */
export const TAILNET_HOST_NETWORKS: readonly string[] = ["default", "tailscale"];
