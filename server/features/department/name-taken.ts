import { databaseErrorCode } from "../../../db/client.ts";
import { Refusal } from "../../contract/errors.ts";

const uniqueViolation = "23505";

/** Runs `write`, the only unique value of which is a name. Throws Refusal `conflict` with `sentence` where it is taken. */
export const refuseTakenName = async <T>(write: PromiseLike<T>, sentence: string): Promise<T> => {
  try {
    return await write;
  } catch (error) {
    if (databaseErrorCode(error) === uniqueViolation) throw new Refusal("conflict", sentence, { field: "name" });
    throw error;
  }
};
