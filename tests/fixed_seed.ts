/** Loaded before every test of `deno task test`: property tests draw the same cases each time, so that a change is
 * judged by what it changed. `TV_FC_SEED=n` draws others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(Deno.env.get("TV_FC_SEED") ?? 20_261_124) });
