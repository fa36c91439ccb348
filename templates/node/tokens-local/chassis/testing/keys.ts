import { signingKey as current } from "../signing-key.ts";

export const { privateKey: signingKey, keyId } = current();
