import { CancelScope } from "./cancel_scope.ts";
import { OpenTransaction } from "./open_transaction.ts";
import { callInContext, currentContext, type RunContext } from "./run_context.ts";

/** Calls a function whose tasks count together or not at all: their results can be seen, and are taken from the cache,
 * only once the function has returned. When it throws, is cancelled, or its process dies, the `onRollback` of every task
 * that had completed in it is called with the task's result, the last first: at once, or when the run goes on. A hook may
 * be called again when a crash comes between its end and the note of it; a task that a crash stops in the middle has no
 * result, and no hook. Transactions may be nested: an inner one commits with the outer one. A result that was in
 * the cache before is not rolled back. Outside of a run it is the plain function.
 * @param name for people
 * @returns what the function returned
 * @throws what the function threw, an `AggregateError` of it and the failure where it could not be rolled back */
export async function transaction<R>(name: string, fn: () => R | Promise<R>): Promise<Awaited<R>> {
  const context = currentContext();
  if (context === undefined) return await fn();
  const open = new OpenTransaction(name, context.flowRun, context.transaction);
  const work = context.flowRun.track(execute(context, open, fn));
  return await (context.transaction?.track(work) ?? work);
}

async function execute<R>(
  context: RunContext,
  open: OpenTransaction,
  fn: () => R | Promise<R>,
): Promise<Awaited<R>> {
  const scope = new CancelScope(context.scope);
  const inside = { ...context, scope, transaction: open };
  try {
    const value = await scope.race(callInContext(inside, async () => await fn()));
    await scope.race(open.settle());
    scope.throwIfCancelled();
    await open.commit();
    return value;
  } catch (error) {
    // Nothing of it may complete after its end.
    scope.cancel(error instanceof Error ? error : new Error(String(error)));
    await open.idle();
    await rollBackAfter(open, error);
    throw error;
  } finally {
    scope.close();
  }
}

async function rollBackAfter(open: OpenTransaction, error: unknown): Promise<void> {
  try {
    await open.rollBack();
  } catch (failure) {
    throw new AggregateError([error, failure], (failure as Error).message, { cause: error });
  }
}
