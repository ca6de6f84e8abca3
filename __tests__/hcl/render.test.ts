import { renderHcl } from "../../review/hcl/render";
import { builtin, nomad } from "./documents";

describe("renderHcl", () => {
  test("keeps the golden text of a stack of built-in resources", () => {
    expect(renderHcl(builtin)).toMatchSnapshot();
  });

  test("keeps the golden text of a Nomad-level stack", () => {
    expect(renderHcl(nomad)).toMatchSnapshot();
  });

  test("hashes long text of several lines, and only that", () => {
    const text = (content: string) =>
      renderHcl({ resource: { terraform_data: { a: { input: content } } } }, { hashLongText: 20 });
    expect(text("a\nb")).toContain("chomp(<<EOT");
    expect(text("x".repeat(30))).toContain(`"${"x".repeat(30)}"`);
    expect(text(`${"x".repeat(30)}\n`)).toMatch(/input = "sha256:[0-9a-f]{64}"/);
  });

  test("shows a jobspec that cannot be read as the text that it is", () => {
    const hcl = renderHcl({ resource: { nomad_job: { a: { json: true, jobspec: '{"ID":"a${var.x}"' } } } });
    expect(hcl).toContain('jobspec = "{\\"ID\\":\\"a${var.x}\\""');
  });

  test("renders an empty document as nothing", () => {
    expect(renderHcl({})).toBe("");
  });
});
