/** Port that a server forwards to Nomad, on its address in the site's network. Nomad has the same port on other addresses. */
export const ACCESS_PORT = 4646;
