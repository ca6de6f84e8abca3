/** Choices that look random and are the same in each run. */
export class Choices {
  constructor(private state: number) {}

  public below(count: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 4_294_967_296) * count);
  }

  public one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  public some<T>(list: readonly T[], atMost: number): T[] {
    return [...new Set(Array.from({ length: 1 + this.below(atMost) }, () => this.one(list)))];
  }

  /** True once in so many times. */
  public once(times: number): boolean {
    return this.below(times) === 0;
  }
}
