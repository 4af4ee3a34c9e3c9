/** The property under which a callable carries the plain function that an executor has to run. An export that is a
 * wrapper, such as a flow's task, would otherwise do on the worker what it does at the caller's: submit itself. */
export const TASK_BODY: unique symbol = Symbol.for("tradewind.body");
