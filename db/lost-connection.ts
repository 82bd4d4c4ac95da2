import type postgres from "postgres";

const nextTurn = () => new Promise<void>((done) => setImmediate(done));
const never = () => new Promise<never>(() => {});

/**
 * The pool, with transactions that end where their connection does. postgres.js 3.4.9 goes on with one that was lost: what the transaction says
 * next, its COMMIT and ROLLBACK included, is written to a socket that is gone (an exception that nobody can catch), or, once the pool has
 * connected again, into the transaction of somebody else. Here whatever comes after the end of a transaction is refused, and the body of a lost one is
 * left waiting for ever: the caller has had the error of the connection already.
 */
export function endWithConnection<Pool extends postgres.Sql>(pool: Pool): Pool {
  const begin = (body: (run: postgres.TransactionSql) => Promise<unknown>) => {
    let ended: unknown;
    const running = pool.begin(async (run) => {
      const guarded = new Proxy(run, {
        get(target, key) {
          if (ended) throw ended;
          return Reflect.get(target, key);
        },
      });
      try {
        return await body(guarded);
      } catch (error) {
        // A lost connection first fails its statement, then the transaction.
        await nextTurn();
        throw error;
      } finally {
        if (ended) await never();
      }
    });
    running.then(
      () => {
        ended = new Error("The transaction has ended.");
      },
      (error) => {
        ended = error;
      },
    );
    return running;
  };
  return new Proxy(pool, { get: (target, key) => (key === "begin" ? begin : Reflect.get(target, key)) });
}
