import { join } from "node:path";
import * as ts from "typescript";

/** A property of a union of shapes: where each is declared, and what it may hold. */
interface Property {
  /** `Interface.property`, once for each declaration. */
  readonly names: readonly string[];
  readonly type: ts.Type;
  readonly isOptional: boolean;
}

/** The types of the jobspec, as the compiler sees them. */
export class JobTypes {
  /** The type `Job`. */
  public readonly job: ts.Type;
  private readonly checker: ts.TypeChecker;

  constructor() {
    const file = join(__dirname, "..", "..", "..", "constructs", "jobspec", "job.ts");
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2023.d.ts"],
      module: ts.ModuleKind.NodeNext,
      strict: true,
      types: [],
      noEmit: true,
    });
    this.checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const module = source && this.checker.getSymbolAtLocation(source);
    const symbol = module && this.checker.getExportsOfModule(module).find(({ name }) => name === "Job");
    if (symbol === undefined) throw new Error("no type Job");
    this.job = this.checker.getDeclaredTypeOfSymbol(symbol);
  }

  /** Every `Type.property`, and every `Type.property = text` of a choice, that a job can have. */
  public everything(): ReadonlySet<string> {
    const found = new Set<string>();
    const seen = new Set<ts.Type>();
    const visit = (type: ts.Type) => {
      if (seen.has(type)) return;
      seen.add(type);
      for (const shape of this.shapes(type)) {
        for (const property of this.properties(shape)) {
          for (const name of property.names) found.add(name);
          for (const text of this.choices(property)) found.add(text);
          visit(property.type);
        }
      }
    };
    visit(this.job);
    return found;
  }

  /** What of {@link everything} a job uses. */
  public used(job: object): ReadonlySet<string> {
    const found = new Set<string>();
    this.use(job, this.job, found);
    return found;
  }

  /** Jobs of a list that use all that the whole list uses, and others up to a number. */
  public covering<T extends object>(jobs: readonly T[], count: number): readonly T[] {
    const found = new Set<string>();
    const needed = jobs.filter((job) => {
      const before = found.size;
      for (const name of this.used(job)) found.add(name);
      return found.size > before;
    });
    const rest = jobs.filter((job) => !needed.includes(job));
    return [...needed, ...rest.slice(0, Math.max(0, count - needed.length))];
  }

  private use(value: unknown, type: ts.Type, found: Set<string>): void {
    if (Array.isArray(value)) {
      for (const item of value) this.use(item, type, found);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const shapes = this.shapes(type);
    const shape =
      shapes.find((one) => this.fits(value, one, true)) ?? shapes.find((one) => this.fits(value, one, false));
    if (shape === undefined) {
      // A map by names of the user's.
      for (const inner of Object.values(value)) this.use(inner, type, found);
      return;
    }
    const properties = new Map(this.properties(shape).map((property) => [this.nameOf(property), property]));
    for (const [key, inner] of Object.entries(value)) {
      const property = properties.get(key);
      if (property === undefined || inner === undefined) continue;
      for (const name of property.names) found.add(name);
      if (typeof inner === "string") {
        for (const choice of this.choices(property)) if (matches(choice, inner)) found.add(choice);
      }
      this.use(inner, property.type, found);
    }
  }

  private nameOf({ names: [name = ""] }: Property): string {
    return name.slice(name.indexOf(".") + 1);
  }

  /** Shapes that a value of a type may have; those of the items for lists and maps. */
  public shapes(type: ts.Type): ts.Type[] {
    if (type.isUnion()) return type.types.flatMap((member) => this.shapes(member));
    if (!(type.flags & ts.TypeFlags.Object) && !type.isIntersection()) return [];
    if (type.isIntersection() && type.types.some((member) => member.flags & ts.TypeFlags.StringLike)) return [];
    if (this.checker.isArrayType(type))
      return this.shapes(this.checker.getTypeArguments(type as ts.TypeReference)[0] ?? type);
    const map = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (map !== undefined) return this.shapes(map);
    return [type];
  }

  /** What values of a type are when the program runs. */
  public values(type: ts.Type): string[] {
    if (type.isUnion()) return [...new Set(type.types.flatMap((member) => this.values(member)))];
    if (type.isIntersection()) return this.values(type.types[0] ?? type);
    if (type.flags & ts.TypeFlags.StringLike) return ["text"];
    if (type.flags & ts.TypeFlags.NumberLike) return ["number"];
    if (type.flags & ts.TypeFlags.BooleanLike) return ["boolean"];
    return this.checker.isArrayType(type) ? ["list"] : ["object"];
  }

  /** Properties of a shape that may be set at all. */
  public properties(shape: ts.Type): Property[] {
    return this.checker.getPropertiesOfType(shape).flatMap((symbol): Property[] => {
      const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(symbol));
      if (type.flags & ts.TypeFlags.Never) return [];
      const declarations = (symbol.declarations ?? []).filter((declaration) => !isNever(declaration));
      const names = declarations.map((declaration) => `${ownerOf(declaration)}.${symbol.name}`);
      return [{ names, type, isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0 }];
    });
  }

  /** Names that a shape has only to be kept apart from others. */
  public barred(shape: ts.Type): string[] {
    return this.checker
      .getPropertiesOfType(shape)
      .filter((symbol) => (symbol.declarations ?? []).some(isNever))
      .map(({ name }) => name);
  }

  /** Texts that a property may hold, or how they begin. */
  private choices({ names, type }: Property): string[] {
    const owner = names[0]?.endsWith(".attribute") === true ? ["attribute"] : names;
    return this.texts(type).flatMap((text) => owner.map((name) => `${name} = ${text}`));
  }

  private texts(type: ts.Type): string[] {
    if (type.isUnion()) return type.types.flatMap((member) => this.texts(member));
    // "0" is a duration without a unit, not a choice.
    if (type.isStringLiteral()) return type.value === "0" ? [] : [type.value];
    if (type.flags & ts.TypeFlags.TemplateLiteral) {
      const [head = ""] = (type as ts.TemplateLiteralType).texts;
      return head === "" ? [] : [`${head}*`];
    }
    return [];
  }

  private fits(value: object, shape: ts.Type, byName: boolean): boolean {
    const properties = new Map(this.properties(shape).map((property) => [this.nameOf(property), property]));
    const has = (key: string) => (value as Record<string, unknown>)[key] !== undefined;
    if ([...properties].some(([key, { isOptional }]) => !isOptional && !has(key))) return false;
    return Object.entries(value).every(([key, inner]) => {
      const property = properties.get(key);
      if (property === undefined) return inner === undefined;
      const { type } = property;
      if (typeof inner === "boolean" && type.flags & ts.TypeFlags.BooleanLiteral) {
        return this.checker.typeToString(type) === String(inner);
      }
      const texts = typeof inner === "string" ? this.texts(type) : [];
      if (texts.length > 0) return texts.some((text) => matches(` = ${text}`, String(inner))) || isOpen(type);
      return !byName || key !== "driver" || !type.isIntersection();
    });
  }
}

/** True for a type that takes other texts too. */
function isOpen(type: ts.Type): boolean {
  return (
    type.isUnion() &&
    type.types.some((member) => member.isIntersection() || (member.flags & ts.TypeFlags.TemplateLiteral) !== 0)
  );
}

function matches(choice: string, text: string): boolean {
  const wanted = choice.slice(choice.indexOf(" = ") + 3);
  return wanted.endsWith("*") && wanted !== "*" ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
}

/** True for `readonly x?: never`, which only keeps a shape apart from others. */
function isNever(declaration: ts.Declaration): boolean {
  return ts.isPropertySignature(declaration) && declaration.type?.kind === ts.SyntaxKind.NeverKeyword;
}

/** Name of the interface or type that declares a property. */
function ownerOf(declaration: ts.Declaration): string {
  let node: ts.Node = declaration;
  while (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) node = node.parent;
  return node.name.text;
}
