import { formatProblem } from "../../constructs/core/problems";
import { dnsProblems } from "../../model/dns-rules";
import { settingsProblems } from "../../model/settings-rules";
import { validateFleet } from "../../model/validate";
import { smallFleet, spoil } from "../helpers/fleet";

const dnsErrors = (dns: unknown) => dnsProblems(spoil(smallFleet(), "tailnet.dns", dns)).map(formatProblem);
const settingsErrors = (settings: unknown) =>
  settingsProblems(spoil(smallFleet(), "tailnet.settings", settings)).map(formatProblem);

test.each([
  [{}],
  [{ nameservers: ["9.9.9.9", "2620:fe::fe"], overrideLocalDns: true }],
  [{ overrideLocalDns: false }],
  [
    {
      searchPaths: [],
      splitDns: { "corp.example.com": ["10.0.0.53"], "10.in-addr.arpa": ["10.0.0.53"], lan: ["10.0.0.1"] },
    },
  ],
])("accepts the DNS %j", (dns) => {
  expect(dnsErrors(dns)).toEqual([]);
});

test.each([
  [
    "a resolver that is no address",
    { nameservers: ["dns.example.com"] },
    'tailnet.dns.nameservers[0]: must be an IPv4 or IPv6 address, got "dns.example.com"; write it like 9.9.9.9',
  ],
  [
    "an address that leaves octets out",
    { nameservers: ["10.1"] },
    'tailnet.dns.nameservers[0]: must be an IPv4 or IPv6 address, got "10.1"; write it like 9.9.9.9',
  ],
  [
    "no resolver, which would switch MagicDNS off",
    { nameservers: [] },
    "tailnet.dns.nameservers: must name at least one resolver, got []; leave nameservers out to keep what there is",
  ],
  [
    "a resolver twice",
    { nameservers: ["9.9.9.9", "9.9.9.9"] },
    'tailnet.dns.nameservers[1]: is listed already, got "9.9.9.9"; list it once',
  ],
  [
    "to override with nothing",
    { overrideLocalDns: true },
    "tailnet.dns.overrideLocalDns: needs nameservers to use instead, got true; add nameservers, or leave overrideLocalDns out",
  ],
  [
    "a search path that is no domain",
    { searchPaths: ["corp.example.com", "Corp.Example.com."] },
    'tailnet.dns.searchPaths[1]: must be a DNS domain in lower case, without a dot at its end, got "Corp.Example.com."; write it like corp.example.com',
  ],
  [
    "a split domain without a resolver",
    { splitDns: { "corp.example.com": [] } },
    "tailnet.dns.splitDns.corp.example.com: must name at least one resolver, got []; leave the domain out",
  ],
  [
    "a split domain that is no domain",
    { splitDns: { "*.example.com": ["10.0.0.53"] } },
    'tailnet.dns.splitDns.*.example.com: must be a DNS domain in lower case, without a dot at its end, got "*.example.com"; write it like corp.example.com',
  ],
  [
    "to split the tailnet's own domain",
    { splitDns: { "tail0.ts.net": ["10.0.0.53"] } },
    'tailnet.dns.splitDns.tail0.ts.net: is answered by MagicDNS, got "tail0.ts.net"; leave the domain out',
  ],
])("refuses %s", (_, dns, message) => {
  expect(dnsErrors(dns)).toEqual([message]);
});

test.each([1, 180])("accepts %d days until a login", (devicesKeyDurationDays) => {
  expect(settingsErrors({ devicesKeyDurationDays, aclsExternalLink: "https://git.example.com/fleet" })).toEqual([]);
});

test.each([0, 181, 1.5])("refuses %d days until a login", (devicesKeyDurationDays) => {
  expect(settingsErrors({ devicesKeyDurationDays })).toEqual([
    `tailnet.settings.devicesKeyDurationDays: must be a whole number from 1 to 180, got ${devicesKeyDurationDays}; leave it out to keep what there is`,
  ]);
});

test("refuses a link that is no URL", () => {
  expect(settingsErrors({ aclsExternalLink: "git.example.com/fleet" })).toEqual([
    'tailnet.settings.aclsExternalLink: must be a URL, got "git.example.com/fleet"; write it like https://git.example.com/fleet',
  ]);
});

test("headscale manages neither, and the fleet says so with all that is wrong", () => {
  const fleet = spoil(
    spoil(spoil(smallFleet(), "tailnet.dialect", "headscale"), "tailnet.dns", { nameservers: ["9.9.9.9"] }),
    "tailnet.settings",
    { httpsEnabled: true },
  );
  expect(validateFleet(fleet).map(formatProblem)).toEqual(
    expect.arrayContaining([
      "tailnet.dns: headscale keeps DNS in its own configuration; leave it out, and set dns in headscale's config.yaml",
      "tailnet.settings: headscale has no settings that can be changed from outside; leave it out, and set what there is in headscale's config.yaml",
    ]),
  );
});
