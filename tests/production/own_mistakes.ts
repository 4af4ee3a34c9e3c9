import type { OwnOptimizer, OwnStrategy } from "tradewind/own";

/** Forgets all assets but one. */
export const tooFew: OwnOptimizer = () => [1];

/** Divides nothing by nothing. */
export const notANumber: OwnOptimizer = ({ mu }) => mu.map(() => 0 / 0);

/** Has never heard of caps. */
export const allInOne: OwnOptimizer = ({ mu }) => mu.map((_, i) => i === 0 ? 1 : 0);

/** Holds what there is not. */
export const unknownSymbol: OwnStrategy = () => ({ NONE: 1 });
