import { assertEquals } from "@std/assert";
import { remarkText } from "../../../src/report/text/remarks.ts";

Deno.test("remarkText() says in words how a problem was relaxed, with its value", () => {
  assertEquals(
    remarkText("Windows 9, 10: relaxed: group_caps_lifted:1.125000, no_positive_excess_return"),
    "Windows 9, 10: the caps of asset clusters were raised 1.125-fold; " +
      "no symbol was expected to earn more than cash, so variance was minimised.",
  );
  assertEquals(
    remarkText("Window 1: relaxed: core:covariance_ridge, kkt_residual:2.50e-7"),
    "Window 1: in the core, the covariance was too close to singular, so a little was added to its diagonal; " +
      "the solution is less exact than it should be, by 2.50e-7.",
  );
});

Deno.test("remarkText() leaves other remarks, and codes that it does not know, as they are", () => {
  const kept = "Window 3: no solution, so all stayed in cash: no weights sum to 1";
  assertEquals(remarkText(kept), kept);
  assertEquals(
    remarkText("Window 3: relaxed: constructor, mine:$&"),
    "Window 3: constructor; mine:$&.",
  );
});
