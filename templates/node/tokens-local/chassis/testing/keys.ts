export { keyId, signingKey } from "../signing-keys.ts";
