import { fleet as example } from "../../fleets/example";
import { identitiesAt } from "../../model/identities";
import { spoil } from "../helpers/fleet";
import { GOOGLE_PROVIDER, googleOverride } from "../helpers/google-provider";
import { addressIn, type Claim, mockApply, type Shapes } from "../helpers/mock-apply";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

/** A test of Terraform's destroys what it made. */
const fleet = spoil(example, "regions.eu-gcp.servers.disposable", { reason: "a test takes it away" });
const site = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("example-site-gcp-eemshaven") as StackDocument;

const address = (type: string, begin: string) => addressIn(site, type, begin);
const account = (of: string) => address("google_service_account", `${of}_Account`);
const template = (pool: string) => address("google_compute_region_instance_template", `Pools_${pool}_Template`);
const machine = (n: number) => address("google_compute_instance", `Servers-eu-gcp_example-eu-gcp-${n}_Machine`);
const vouched = (identity: string) => address("tailscale_federated_identity", `Join_${identity}`);
const POOLS = ["a100", "t4-spot", "axion"];
const SERVERS = [1, 2, 3];
const identities = [
  { of: "Servers-eu-gcp", name: "server-eu-gcp" },
  ...POOLS.map((pool) => ({ of: `Pools_${pool}`, name: `client-${pool}` })),
];

const claims: readonly Claim[] = [
  ...identities.flatMap(({ of, name }): Claim[] => {
    const secret = address("google_secret_manager_secret", `Secrets_${name}_Secret`);
    const access = address("google_secret_manager_secret_iam_member", `${of}_Account_own-secret`);
    return [
      [`the tailnet knows ${name} by its account's number`, `${vouched(name)}.subject == ${account(of)}.unique_id`],
      [`the account of ${name} may read its secret`, `${access}.member == ${account(of)}.member`],
      [`the account of ${name} may read no other`, `${access}.secret_id == ${secret}.secret_id`],
      [
        `the value of ${name} is in its secret`,
        `${address("google_secret_manager_secret_version", `Secrets_${name}_Value`)}.secret == ${secret}.id`,
      ],
    ];
  }),
  ...[
    ...POOLS.map((pool) => ({ made: template(pool), of: `Pools_${pool}`, name: `client-${pool}` })),
    ...SERVERS.map((n) => ({ made: machine(n), of: "Servers-eu-gcp", name: "server-eu-gcp" })),
  ].flatMap(({ made, of, name }): Claim[] => [
    [`machines of ${name} are its account`, `${made}.service_account[0].email == ${account(of)}.email`],
    [
      `machines of ${name} know the tailnet's name for them`,
      `strcontains(${made}.metadata["startup-script"], ${vouched(name)}.id)`,
    ],
    [`the startup script of ${name} fits`, `length(${made}.metadata["startup-script"]) <= 262144`],
  ]),
  ...POOLS.map((pool): Claim => [
    `the group of ${pool} makes machines from its template`,
    `${address("google_compute_region_instance_group_manager", `Pools_${pool}`)}.version[0].instance_template == ${template(pool)}.self_link`,
  ]),
  ...SERVERS.map((n): Claim => [
    `server ${n} has its own disk`,
    `${machine(n)}.attached_disk[0].source == ${address("google_compute_disk", `Servers-eu-gcp_example-eu-gcp-${n}_Data`)}.id`,
  ]),
];

/** The provider checks the shape of a member, so that no made-up word will do. */
const values: Shapes = Object.fromEntries(
  identities.map(({ of, name }) => [
    account(of),
    {
      member: `serviceAccount:${name}@made-up.example`,
      email: `${name}@made-up.example`,
      unique_id: `number of ${name}`,
    },
  ]),
);
const providers = { [GOOGLE_PROVIDER]: {}, "tailscale/tailscale": {} };

describeWithTerraform(
  "the example fleet's GCP site, with every answer of Google and Tailscale made up",
  Object.keys(providers),
  () => {
    test("applies at once, and what is only known then is as it should be", () => {
      const at = identitiesAt(fleet, "gcp-eemshaven");
      const said = mockApply({ stack: site, override: googleOverride(), providers, identities: at, claims, values });
      expect(said).toMatch(/Success! 1 passed, 0 failed\./);
    }, 300_000);
  },
);
