import { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import { pooledMap } from "@std/async/pool";
import type { AwsAccess } from "./ec2_region.ts";
import { calling } from "./ec2_region.ts";

/** One of the regions in which the price list is served. */
const PRICE_LIST_REGION = "us-east-1";
const MAX_CALLS_AT_ONCE = 8;

/** What machines cost on demand, from the price list of AWS; asked once a type. */
export class OnDemandPrices implements Disposable {
  readonly #client: PricingClient;
  readonly #known = new Map<string, number | undefined>();

  constructor(access: AwsAccess) {
    this.#client = new PricingClient({ region: PRICE_LIST_REGION, maxAttempts: 4, ...access });
  }

  /** Dollars per hour by type, of Linux on shared hardware; without those that have no price.
   * @throws {ProviderFailure} */
  async of(
    region: string,
    instanceTypes: readonly string[],
    abortSignal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    const missing = instanceTypes.filter((type) => !this.#known.has(`${region}/${type}`));
    const asked = pooledMap(MAX_CALLS_AT_ONCE, missing, async (type) => {
      this.#known.set(`${region}/${type}`, await this.#ask(region, type, abortSignal));
    });
    for await (const _ of asked);
    return new Map(instanceTypes.flatMap((type) => {
      const price = this.#known.get(`${region}/${type}`);
      return price === undefined ? [] : [[type, price] as const];
    }));
  }

  /** Closes its connections. */
  [Symbol.dispose](): void {
    this.#client.destroy();
  }

  async #ask(region: string, type: string, abortSignal: AbortSignal): Promise<number | undefined> {
    const fields = {
      regionCode: region,
      instanceType: type,
      operatingSystem: "Linux",
      tenancy: "Shared",
      preInstalledSw: "NA",
      capacitystatus: "Used",
    };
    const { PriceList = [] } = await calling(this.#client.send(
      new GetProductsCommand({
        ServiceCode: "AmazonEC2",
        Filters: Object.entries(fields).map(([Field, Value]) => ({
          Type: "TERM_MATCH",
          Field,
          Value,
        })),
      }),
      { abortSignal },
    ));
    const prices = PriceList.flatMap((product: unknown) => pricesIn(JSON.parse(String(product))));
    return prices.length === 0 ? undefined : Math.min(...prices);
  }
}

/** What of a product of the price list is read. */
interface Product {
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<string, { readonly priceDimensions: Readonly<Record<string, PriceDimension>> }>
    >;
  };
}

interface PriceDimension {
  readonly unit: string;
  readonly pricePerUnit: { readonly USD?: string };
}

function pricesIn({ terms }: Product): number[] {
  return Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions }) =>
    Object.values(priceDimensions).filter(({ unit }) => unit === "Hrs")
      .map(({ pricePerUnit }) => Number(pricePerUnit.USD)).filter((price) => price > 0)
  );
}
