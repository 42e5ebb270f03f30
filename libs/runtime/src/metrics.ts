import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Metrics of one service. Labels come from closed sets, never ids. */
export class Metrics {
  readonly #registry = new Registry()

  constructor(service: string) {
    this.#registry.setDefaultLabels({ service })
    collectDefaultMetrics({ register: this.#registry })
  }

  /** A number that only grows; the name ends in `_total`. */
  counter<L extends string>(
    name: `${string}_total`,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] })
  }

  /**
   * A number that goes up and down, in base units.
   *
   * @param collect Called before each reading, to set what is not known all the time. Must not throw.
   */
  gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    collect?: () => Promise<void>,
  ): Gauge<L> {
    const registers = [this.#registry]
    return new Gauge({ name, help, labelNames: [...labelNames], registers, ...(collect && { collect }) })
  }

  /** A distribution, in seconds unless the name says otherwise. */
  histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    buckets: number[] = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  ): Histogram<L> {
    return new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [this.#registry] })
  }

  /** The Prometheus text of all metrics. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }
}
