import { externalAddress } from "../../ops/external-address";
import { externalFleet, spoil } from "../helpers/fleet";

const cloud = "regions.cloud.externalAccess";

test("without a global name it is the authoritative region's", () => {
  const alone = spoil(externalFleet(), "globalAccess", undefined);
  const fleet = spoil(spoil(alone, "regions.north.authoritative", undefined), "regions.cloud.authoritative", true);
  expect(externalAddress(fleet, undefined)).toEqual({
    address: "https://cloud.example.com:4646",
    serverName: "server.cloud.nomad",
  });
});

test.each([undefined, "cloud"])("names the port of the load balancer: region %s", (region) => {
  const fleet = spoil(spoil(externalFleet(), `${cloud}.port`, 443), "regions.ohio.externalAccess.port", 443);
  expect(externalAddress(fleet, region).address).toMatch(/\.example\.com:443$/);
});

test("the global name has the port of its own regions, whatever others have", () => {
  const fleet = externalFleet();
  const access = { allowedCidrs: ["198.51.100.0/24"], domain: "ireland.example.com", port: 443 };
  fleet.regions["ireland"] = { site: "ohio", servers: { count: 1, machineType: "m7i.large" }, externalAccess: access };
  const routing = { failover: { primary: "ireland", secondary: "ohio" } };
  const others = spoil(spoil(fleet, "globalAccess.routing", routing), "regions.ohio.externalAccess.port", 443);
  expect(externalAddress(others, undefined).address).toBe("https://nomad.example.com:443");
});

test("a region without a name of its own cannot be called by it", () => {
  const fleet = spoil(spoil(externalFleet(), `${cloud}.domain`, undefined), `${cloud}.zone`, undefined);
  expect(() => externalAddress(fleet, "cloud")).toThrow("region cloud has no name of its own outside the tailnet");
});

test("a region whose access is retired is not called", () => {
  const fleet = spoil(externalFleet(), `${cloud}.retired`, { reason: "everybody is in the tailnet now" });
  expect(() => externalAddress(fleet, "cloud")).toThrow("region cloud cannot be reached from outside the tailnet");
});
